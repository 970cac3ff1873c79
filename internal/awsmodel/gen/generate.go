package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"salamander/internal/awsmodel"
)

// A selection names the operations of one service whose shapes the table
// holds. Of the others it holds name and address, so that they can be
// refused by name.
type selection struct {
	signing    string
	dir        string   // below botocore/data
	operations []string // nil for all
}

func selections() []selection {
	return []selection{
		{"states", "stepfunctions/2016-11-23", nil},
		{"batch", "batch/2016-08-10", nil},
		{"lambda", "lambda/2015-03-31", []string{
			"AddPermission", "CreateAlias", "CreateFunction", "DeleteAlias", "DeleteFunction",
			"DeleteFunctionConcurrency", "GetAccountSettings", "GetAlias", "GetFunction",
			"GetFunctionConcurrency", "GetFunctionConfiguration", "GetPolicy", "Invoke", "ListAliases",
			"ListFunctions", "ListTags", "ListVersionsByFunction", "PublishVersion", "PutFunctionConcurrency",
			"RemovePermission", "TagResource", "UntagResource", "UpdateAlias", "UpdateFunctionCode",
			"UpdateFunctionConfiguration",
		}},
		{"logs", "logs/2014-03-28", []string{
			"CreateLogGroup", "CreateLogStream", "DeleteLogGroup", "DeleteLogStream", "DeleteRetentionPolicy",
			"DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents", "ListTagsForResource",
			"ListTagsLogGroup", "PutLogEvents", "PutRetentionPolicy", "TagLogGroup", "TagResource", "UntagLogGroup",
			"UntagResource",
		}},
		{"cloudformation", "cloudformation/2010-05-15", []string{
			"CancelUpdateStack", "ContinueUpdateRollback", "CreateChangeSet", "CreateStack", "DeleteChangeSet",
			"DeleteStack", "DescribeAccountLimits", "DescribeChangeSet", "DescribeEvents", "DescribeStackEvents",
			"DescribeStackResource", "DescribeStackResources", "DescribeStacks", "EstimateTemplateCost", "ExecuteChangeSet",
			"GetStackPolicy", "GetTemplate", "GetTemplateSummary", "ListChangeSets", "ListExports", "ListImports",
			"ListStackResources", "ListStacks", "RollbackStack", "SetStackPolicy", "SignalResource",
			"UpdateStack", "UpdateTerminationProtection", "ValidateTemplate",
		}},
		{"events", "events/2015-10-07", nil},
		{"iam", "iam/2010-05-08", []string{
			"AttachRolePolicy", "AttachUserPolicy", "CreateInstanceProfile", "CreatePolicy", "CreatePolicyVersion", "CreateRole",
			"CreateServiceLinkedRole", "CreateUser", "AddRoleToInstanceProfile", "DeleteInstanceProfile", "DeletePolicy",
			"DeletePolicyVersion", "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "DeleteUser", "DeleteUserPolicy",
			"DetachRolePolicy", "DetachUserPolicy", "GetInstanceProfile", "GetPolicy", "GetPolicyVersion", "GetRole", "GetRolePolicy", "GetUser",
			"GetUserPolicy", "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListEntitiesForPolicy",
			"ListInstanceProfiles", "ListInstanceProfilesForRole", "ListPolicies", "ListPolicyTags", "ListPolicyVersions",
			"ListRolePolicies", "ListRoleTags", "ListRoles", "ListUserPolicies", "ListUsers", "PutRolePermissionsBoundary",
			"PutRolePolicy", "PutUserPolicy", "RemoveRoleFromInstanceProfile", "SetDefaultPolicyVersion", "TagPolicy",
			"TagRole", "UntagPolicy", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription",
		}},
		{"redshift", "redshift/2012-12-01", []string{
			"CreateCluster", "CreateClusterParameterGroup", "CreateClusterSubnetGroup", "CreateTags", "DeleteCluster",
			"DeleteClusterParameterGroup", "DeleteClusterSubnetGroup", "DeleteTags", "DescribeClusterParameterGroups",
			"DescribeClusterParameters", "DescribeClusterSubnetGroups", "DescribeClusters", "DescribeLoggingStatus", "DescribeTags",
			"GetClusterCredentials", "GetClusterCredentialsWithIAM", "ModifyCluster", "ModifyClusterIamRoles",
			"ModifyClusterSubnetGroup", "PauseCluster", "RebootCluster", "ResizeCluster", "ResumeCluster",
		}},
		{"redshift-data", "redshift-data/2019-12-20", nil},
		{"scheduler", "scheduler/2021-06-30", nil},
		{"secretsmanager", "secretsmanager/2017-10-17", nil},
		{"sns", "sns/2010-03-31", nil},
		{"sqs", "sqs/2012-11-05", nil},
		{"ssm", "ssm/2014-11-06", []string{
			"AddTagsToResource", "DeleteParameter", "DeleteParameters", "DescribeParameters", "GetParameter",
			"GetParameterHistory", "GetParameters", "GetParametersByPath", "LabelParameterVersion", "ListTagsForResource",
			"PutParameter", "RemoveTagsFromResource", "UnlabelParameterVersion",
		}},
		{"sts", "sts/2011-06-15", []string{"AssumeRole", "GetAccessKeyInfo", "GetCallerIdentity", "GetSessionToken"}},
	}
}

func notice(version string) string {
	return "The tables in this directory are made from the service models of botocore " + version + ",\n" +
		"Copyright 2012-2026 Amazon.com, Inc. or its affiliates, under the Apache License 2.0.\n" +
		"https://github.com/boto/botocore\n" +
		"They hold names, types and constraints, without documentation. Do not edit them: run the generator in ../gen.\n"
}

func botocoreVersion(models string) (string, error) {
	b, err := os.ReadFile(filepath.Join(models, "__init__.py"))
	if err != nil {
		return "", fmt.Errorf("read the version of botocore: %w", err)
	}
	m := regexp.MustCompile(`__version__ = ['"]([^'"]+)['"]`).FindSubmatch(b)
	if m == nil {
		return "", errors.New("no __version__ in botocore/__init__.py")
	}
	return string(m[1]), nil
}

// The model as botocore writes it.
type (
	model struct {
		Metadata   map[string]any
		Operations map[string]struct {
			HTTP struct {
				Method, RequestURI string
				ResponseCode       int
			}
			Input, Output *struct{ Shape, ResultWrapper string }
			Errors        []struct{ Shape string }
			Endpoint      struct{ HostPrefix string }
		}
		Shapes map[string]shape
	}
	shape struct {
		Type             string
		Required         []string
		Members          ordered
		Member           *member
		Key, Value       *struct{ Shape, LocationName string }
		Min, Max         *float64
		Pattern          string
		Enum             []string
		Payload          string
		Streaming        bool
		Sensitive        bool
		Flattened        bool
		Union            bool
		Document         bool
		TimestampFormat  string
		Exception, Fault bool
		Error            struct {
			Code           string
			HTTPStatusCode int
		}
	}
	member struct {
		Name             string `json:"-"`
		Shape            string
		Location         string
		LocationName     string
		TimestampFormat  string
		Streaming        bool
		IdempotencyToken bool
		JSONValue        bool
		Flattened        bool
	}
	ordered []member // of an object, in the order of the file
)

func (o *ordered) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		m := member{Name: name.(string)}
		if err := dec.Decode(&m); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	return nil
}

func readModel(file string) (*model, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	var m model
	return &m, json.Unmarshal(b, &m)
}

// generate returns the table of one service.
func generate(models, version string, s selection) ([]byte, error) {
	m, err := readModel(filepath.Join(models, "data", s.dir, "service-2.json.gz"))
	if err != nil {
		return nil, err
	}
	meta := func(k string) string { v, _ := m.Metadata[k].(string); return v }
	t := awsmodel.Table{
		Source:  "botocore " + version + " " + s.dir,
		Signing: s.signing, ServiceID: meta("serviceId"), FullName: meta("serviceFullName"),
		Protocol: meta("protocol"), JSONVersion: meta("jsonVersion"), TargetPrefix: meta("targetPrefix"),
		APIVersion: meta("apiVersion"), XMLNamespace: meta("xmlNamespace"),
	}
	used := map[string]bool{}
	for _, name := range sorted(m.Operations) {
		o := m.Operations[name]
		op := awsmodel.TableOp{Name: name, Method: o.HTTP.Method, URI: o.HTTP.RequestURI, Status: o.HTTP.ResponseCode,
			HostPrefix: o.Endpoint.HostPrefix}
		if s.operations == nil || slices.Contains(s.operations, name) {
			op.Covered = true
			if o.Input != nil {
				op.Input = o.Input.Shape
			}
			if o.Output != nil {
				op.Output, op.Wrapper = o.Output.Shape, o.Output.ResultWrapper
			}
			for _, e := range o.Errors {
				op.Errors = append(op.Errors, e.Shape)
			}
			m.use(used, op.Input, op.Output)
			m.use(used, op.Errors...)
		}
		t.Operations = append(t.Operations, op)
	}
	for _, want := range s.operations {
		if _, ok := m.Operations[want]; !ok {
			return nil, fmt.Errorf("%s has no operation %s", s.dir, want)
		}
	}
	for _, name := range sorted(used) {
		t.Shapes = append(t.Shapes, m.Shapes[name].table(name))
	}
	return encode(t)
}

// use marks the shapes and all that they hold.
func (m *model) use(used map[string]bool, names ...string) {
	for _, name := range names {
		if name == "" || used[name] {
			continue
		}
		used[name] = true
		sh := m.Shapes[name]
		for _, mem := range sh.Members {
			m.use(used, mem.Shape)
		}
		if sh.Member != nil {
			m.use(used, sh.Member.Shape)
		}
		if sh.Key != nil {
			m.use(used, sh.Key.Shape, sh.Value.Shape)
		}
	}
}

func (sh shape) table(name string) awsmodel.TableShape {
	t := awsmodel.TableShape{Name: name, Type: sh.Type, Required: sh.Required, Min: sh.Min, Max: sh.Max,
		Pattern: sh.Pattern, Enum: sh.Enum, Payload: sh.Payload, Streaming: sh.Streaming, Sensitive: sh.Sensitive,
		Flattened: sh.Flattened, Union: sh.Union, Document: sh.Document, TimeFormat: sh.TimestampFormat}
	if sh.Exception {
		t.Error, t.Code, t.Status = true, sh.Error.Code, sh.Error.HTTPStatusCode
		if t.Status == 0 && sh.Fault {
			t.Status = 500
		}
	}
	for _, mem := range sh.Members {
		t.Members = append(t.Members, awsmodel.TableMember{Name: mem.Name, Shape: mem.Shape, In: mem.Location,
			Wire: mem.LocationName, TimeFormat: mem.TimestampFormat, Token: mem.IdempotencyToken, Streaming: mem.Streaming,
			JSONValue: mem.JSONValue})
	}
	if sh.Member != nil {
		t.Member, t.MemberWire = sh.Member.Shape, sh.Member.LocationName
	}
	if sh.Key != nil {
		t.Key, t.Value = sh.Key.Shape, sh.Value.Shape
	}
	return t
}

// encode writes the table with one line an operation and a shape, so that a
// new version of the model makes a readable diff.
func encode(t awsmodel.Table) ([]byte, error) {
	var buf bytes.Buffer
	line := func(v any) string {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			panic(err) // plain structs of text and numbers
		}
		return strings.TrimSpace(b.String())
	}
	head := t
	head.Operations, head.Shapes = nil, nil
	buf.WriteString(strings.TrimSuffix(line(head), "}"))
	buf.WriteString(",\n\"operations\":[")
	for i, op := range t.Operations {
		buf.WriteString(separator(i) + line(op))
	}
	buf.WriteString("],\n\"shapes\":[")
	for i, sh := range t.Shapes {
		buf.WriteString(separator(i) + line(sh))
	}
	buf.WriteString("]}\n")
	if !json.Valid(buf.Bytes()) {
		return nil, fmt.Errorf("the table of %s is not JSON", t.Signing)
	}
	return buf.Bytes(), nil
}

func separator(i int) string {
	if i == 0 {
		return "\n"
	}
	return ",\n"
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
