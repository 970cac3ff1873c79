package main

import (
	"bytes"
	"context"
	"io/fs"
	"strconv"

	"salamander/examples/refresh"
	"salamander/internal/arn"
)

// Names of what the demo makes.
const (
	demoEnvironment   = "refresh"
	demoQueue         = "refresh"
	demoJobDefinition = "refresh-fetch-and-run"
	demoImage         = "salamander/fetchrunpsql"
	demoMachine       = "RefreshStateMachine"
	demoRole          = "salamander-demo"
)

func (a *app) arn(service, resource string) string {
	return arn.New(service, a.config.Region, defaultAccount, resource)
}

func demoRoleARN() string { return arn.New("iam", "", defaultAccount, "role/"+demoRole) }

// setUp makes what the variant without functions needs, as far as it is not
// there: the Batch resources on the stack's first warehouse, and the state
// machine.
func (a *app) setUp(ctx context.Context) (*demoStack, error) {
	if err := a.putScripts(ctx); err != nil {
		return nil, err
	}
	s := &demoStack{warehouse: a.warehouse}
	if err := a.setUpBatch(ctx, s); err != nil {
		return nil, err
	}
	definition, err := fs.ReadFile(refresh.Files, "statemachine-sync.asl.json")
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

// A demoStack holds the ARNs of what the demo made.
type demoStack struct {
	queue, definition string
	machine           string
	warehouse         address
	input             string // of an execution; empty where the demo fills it in itself
}

func (a *app) putScripts(ctx context.Context) error {
	return eachScript(func(key string, text []byte) error { return a.put(ctx, key, bytes.NewReader(text)) })
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
