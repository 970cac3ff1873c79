package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"time"

	"salamander/examples/refresh"
	"salamander/internal/arn"
	"salamander/operation"
)

// Names of what the demo makes.
const (
	demoEnvironment   = "refresh"
	demoQueue         = "refresh"
	demoJobDefinition = "refresh-fetch-and-run"
	demoImage         = "salamander/fetchrunpsql"
	demoMachine       = "RefreshStateMachine"
	demoSubmit        = "refresh-submit-job"
	demoCheck         = "refresh-check-job"
	demoRole          = "salamander-demo"
)

func (a *app) arn(service, resource string) string {
	return arn.New(service, a.config.Region, defaultAccount, resource)
}

func demoRoleARN() string { return arn.New("iam", "", defaultAccount, "role/"+demoRole) }

// ignore returns nil for an operation error with one of the codes: what is to
// be made is there already.
func ignore(err error, codes ...string) error {
	var e *operation.Error
	if errors.As(err, &e) {
		for _, code := range codes {
			if e.Code == code {
				return nil
			}
		}
	}
	return err
}

// setUp makes the bucket, the scripts, the Batch resources, the functions and
// the state machine, as far as they are not there, and returns the ARNs.
func (a *app) setUp(ctx context.Context, record *demoRecord) (*demoStack, error) {
	if err := a.putScripts(ctx); err != nil {
		return nil, err
	}
	s := &demoStack{}
	if err := a.setUpBatch(ctx, s); err != nil {
		return nil, err
	}
	definition, err := a.definition(ctx, s, record.Sync)
	if err != nil {
		return nil, err
	}
	out, err := call[struct {
		ARN string `json:"stateMachineArn"`
	}](ctx, a, "", "states", "CreateStateMachine", document{
		"name": demoMachine, "definition": string(definition), "roleArn": demoRoleARN(), "type": "STANDARD"})
	if err != nil {
		return nil, err
	}
	s.machine = out.ARN
	return s, nil
}

// definition returns the state machine: the one without functions, or the
// published one, whose functions it makes.
func (a *app) definition(ctx context.Context, s *demoStack, sync bool) ([]byte, error) {
	if sync {
		return fs.ReadFile(refresh.Files, "statemachine-sync.asl.json")
	}
	if err := a.setUpFunctions(ctx, s); err != nil {
		return nil, err
	}
	return refresh.Definition(refresh.Functions{Submit: s.submit, Check: s.check})
}

// A demoStack holds the ARNs of what the demo made.
type demoStack struct {
	queue, definition string
	submit, check     string
	machine           string
}

func (a *app) putScripts(ctx context.Context) error {
	files, err := fs.Glob(refresh.Files, "sql/*.sql")
	if err != nil {
		return err
	}
	for _, file := range append(files, "run_sql.sh") {
		text, err := fs.ReadFile(refresh.Files, file)
		if err != nil {
			return err
		}
		if err := a.put(ctx, scriptPrefix+path.Base(file), bytes.NewReader(text)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) setUpBatch(ctx context.Context, s *demoStack) error {
	err := do(ctx, a, "", "batch", "CreateComputeEnvironment", document{
		"computeEnvironmentName": demoEnvironment, "type": "MANAGED", "state": "ENABLED",
		"computeResources": document{"type": "EC2", "minvCpus": 0, "maxvCpus": 64, "instanceTypes": []string{"optimal"},
			"subnets": []string{}, "securityGroupIds": []string{}, "instanceRole": demoRole},
	})
	if err := a.unlessThere(ctx, err, "DescribeComputeEnvironments", "computeEnvironments", demoEnvironment); err != nil {
		return err
	}
	err = do(ctx, a, "", "batch", "CreateJobQueue", document{
		"jobQueueName": demoQueue, "state": "ENABLED", "priority": 1,
		"computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": demoEnvironment}},
	})
	if err := a.unlessThere(ctx, err, "DescribeJobQueues", "jobQueues", demoQueue); err != nil {
		return err
	}
	s.queue = a.arn("batch", "job-queue/"+demoQueue)
	found, err := call[struct {
		Definitions []struct {
			ARN string `json:"jobDefinitionArn"`
		} `json:"jobDefinitions"`
	}](ctx, a, "", "batch", "DescribeJobDefinitions", document{"jobDefinitionName": demoJobDefinition, "status": "ACTIVE"})
	if err != nil {
		return err
	}
	if len(found.Definitions) > 0 {
		s.definition = found.Definitions[0].ARN
		return nil
	}
	out, err := call[struct {
		ARN string `json:"jobDefinitionArn"`
	}](ctx, a, "", "batch", "RegisterJobDefinition", a.jobDefinition())
	if err != nil {
		return err
	}
	s.definition = out.ARN
	return nil
}

// unlessThere forgives the error of a creation when a resource of that name
// is there, from a demo that was killed.
func (a *app) unlessThere(ctx context.Context, err error, describe, member, name string) error {
	if err == nil {
		return nil
	}
	out, describeErr := call[map[string][]document](ctx, a, "", "batch", describe, document{member: []string{name}})
	if describeErr == nil && len((*out)[member]) > 0 {
		return nil
	}
	return err
}

func (a *app) jobDefinition() document {
	env := func(pairs ...string) (list []document) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, document{"name": pairs[i], "value": pairs[i+1]})
		}
		return list
	}
	return document{
		"jobDefinitionName": demoJobDefinition, "type": "container",
		"containerProperties": document{
			"image": demoImage, "vcpus": 2, "memory": 2000, "command": []string{"myjob.sh"},
			"jobRoleArn": demoRoleARN(),
			"environment": env(
				"BATCH_FILE_TYPE", "script_psql",
				"BATCH_FILE_S3_URL", demoBucketURI+scriptPrefix+"run_sql.sh",
				"BATCH_FILE_SQL_S3_URL", demoBucketURI+scriptPrefix+"initial_load.sql",
				"DATASET_DATE", "2010-10-10",
				"S3_DATA_LOC", demoBucketURI,
				"S3_DATA_READ_ROLE", demoRoleARN(),
				"REDSHIFT_ENDPOINT", a.warehouse.host,
				"REDSHIFT_PORT", strconv.Itoa(int(a.warehouse.port)),
				"REDSHIFT_DBNAME", a.warehouse.database,
				"REDSHIFT_USER", a.warehouse.user,
				"REDSHIFT_PASSWORD", a.warehouse.password,
			),
		},
		// The host ends with the program: run again what it took along. Every
		// other failure is final.
		"retryStrategy": document{"attempts": 10, "evaluateOnExit": []document{
			{"onStatusReason": "Host EC2*", "action": "RETRY"},
			{"onReason": "*", "action": "EXIT"},
		}},
	}
}

func (a *app) setUpFunctions(ctx context.Context, s *demoStack) error {
	for name, file := range map[string]string{demoSubmit: "functions/submit_job.py", demoCheck: "functions/check_job.py"} {
		code, err := fs.ReadFile(refresh.Files, file)
		if err != nil {
			return err
		}
		archive, err := zipFile("index.py", code)
		if err != nil {
			return err
		}
		err = do(ctx, a, "", "lambda", "CreateFunction", document{
			"FunctionName": name, "Runtime": "python3.12", "Handler": "index.lambda_handler", "Role": demoRoleARN(),
			"Timeout": 25, "Code": document{"ZipFile": archive}})
		if err := ignore(err, "ResourceConflictException"); err != nil {
			return err
		}
	}
	s.submit, s.check = a.arn("lambda", "function:"+demoSubmit), a.arn("lambda", "function:"+demoCheck)
	return nil
}

// zipFile returns a zip archive of one file, the same bytes for the same text.
func zipFile(name string, text []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, fmt.Errorf("zip %s: %w", name, err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("zip %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("zip %s: %w", name, err)
	}
	return b.Bytes(), nil
}
