package redshiftdata

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"salamander/operation"
	"salamander/warehouse/dataapi"
)

// A cluster of this world listens nowhere.
type clusters struct{}

func (clusters) Find(_, _, id string) (Cluster, bool) {
	return Cluster{Host: "127.0.0.1", Port: 1, User: "owner", Password: "hidden"}, id == "dw"
}

type secrets map[string]string

func (s secrets) Call(_ context.Context, _, _ string, req *operation.Request) (*operation.Response, error) {
	var in struct{ SecretId string }
	if err := json.Unmarshal(req.Input, &in); err != nil {
		return nil, err
	}
	text, ok := s[in.SecretId]
	if !ok {
		return nil, operation.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	doc, err := json.Marshal(map[string]string{"SecretString": text})
	return &operation.Response{Output: doc}, err
}

func start(t *testing.T) (*Service, *operation.Registry, func(op string, in any) (string, error)) {
	t.Helper()
	st := dataapi.New(dataapi.Options{})
	t.Cleanup(st.Close)
	s := New(st, clusters{}, secrets{"dw": `{"username":"u","password":"p","dbClusterIdentifier":"dw"}`, "bad": "text", "other": `{"username":"u","password":"p","dbClusterIdentifier":"xx"}`})
	r := &operation.Registry{}
	Register(r, s)
	return s, r, func(op string, in any) (string, error) {
		doc, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := r.Call(t.Context(), name, op, &operation.Request{Caller: operation.Caller{Account: "000000000000", Region: "us-east-1"}, Input: doc})
		if err != nil {
			return "", err
		}
		return string(resp.Output), nil
	}
}

func TestTarget(t *testing.T) {
	s, _, _ := start(t)
	ctx := operation.WithCaller(t.Context(), operation.Caller{Account: "000000000000", Region: "us-east-1"})
	for _, tt := range []struct {
		in   Where
		want string
	}{
		{Where{ClusterIdentifier: "dw", Database: "dev"}, "owner:hidden@dev"},
		{Where{ClusterIdentifier: "dw", Database: "dev", DbUser: "x"}, "x:hidden@dev"},
		{Where{ClusterIdentifier: "dw", Database: "dev", SecretArn: "dw"}, "u:p@dev"},
		{Where{Database: "dev", SecretArn: "dw"}, "u:p@dev"},
		{Where{Database: "dev", SecretArn: "bad"}, "ValidationException: The secret must have a username and a password."},
		{Where{Database: "dev", SecretArn: "none"}, "ValidationException: Secrets Manager can't find the specified secret."},
		{Where{ClusterIdentifier: "dw", Database: "dev", SecretArn: "other"}, "ValidationException: The ClusterIdentifier does not match the dbClusterIdentifier in the secret."},
		{Where{ClusterIdentifier: "dw", Database: "dev", SecretArn: "dw", DbUser: "x"}, "ValidationException: Only one of DbUser and SecretArn can be provided."},
		{Where{ClusterIdentifier: "dw"}, "ValidationException: Database must be provided."},
		{Where{Database: "dev"}, "ValidationException: Either ClusterIdentifier or WorkgroupName must be provided."},
	} {
		target, _, err := s.target(ctx, "ExecuteStatement", tt.in)
		got := fmt.Sprintf("%s:%s@%s", target.User, target.Password, target.Database)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v: got %s; want %s", tt.in, got, tt.want)
		}
	}
}

// A statement on a cluster that does not answer fails, and says why.
func TestAClusterThatDoesNotAnswer(t *testing.T) {
	_, _, call := start(t)
	out, err := call("ExecuteStatement", map[string]any{"ClusterIdentifier": "dw", "Database": "dev", "Sql": "select 1"})
	if err != nil {
		t.Fatal(err)
	}
	var st struct{ Id, Status, Error string }
	if err := json.Unmarshal([]byte(out), &st); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); st.Status != "FAILED" && time.Now().Before(deadline); {
		if out, err = call("DescribeStatement", map[string]any{"Id": st.Id}); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(out), &st); err != nil {
			t.Fatal(err)
		}
	}
	if st.Status != "FAILED" || !strings.Contains(st.Error, "connect") || strings.Contains(out, "hidden") {
		t.Errorf("got %s", out)
	}
	if out, err := call("ListStatements", map[string]any{"Status": "FAILED"}); err != nil || !strings.Contains(out, st.Id) {
		t.Errorf("list: got %s, %v", out, err)
	}
	if out, err := call("ListStatements", map[string]any{}); err != nil || out != `{"Statements":[]}` {
		t.Errorf("list of what finished: got %s, %v", out, err)
	}
	if _, err := call("ListStatements", map[string]any{"NextToken": "!"}); err == nil || err.Error() != "ValidationException: Invalid NextToken." {
		t.Errorf("got %v", err)
	}
	if _, err := call("ListTables", map[string]any{"ClusterIdentifier": "dw", "Database": "dev"}); operation.AsError(err).Code != "DatabaseConnectionException" {
		t.Errorf("got %v", err)
	}
}

func TestFields(t *testing.T) {
	for _, tt := range []struct {
		oid        uint32
		text, want string
	}{
		{dataapi.Bool, "t", `{"booleanValue":true}`},
		{dataapi.Bool, "f", `{"booleanValue":false}`},
		{dataapi.Int8, "-9223372036854775808", `{"longValue":-9223372036854775808}`},
		{dataapi.Float8, "2.5", `{"doubleValue":2.5}`},
		{dataapi.Float8, "NaN", `{"stringValue":"NaN"}`},
		{dataapi.Float4, "Infinity", `{"stringValue":"Infinity"}`},
		{dataapi.Numeric, "1.50", `{"stringValue":"1.50"}`},
		{dataapi.VarChar, "", `{"stringValue":""}`},
	} {
		f, err := field(tt.oid, []byte(tt.text))
		doc, _ := json.Marshal(f)
		if err != nil || string(doc) != tt.want {
			t.Errorf("%d %s: got %s, %v; want %s", tt.oid, tt.text, doc, err, tt.want)
		}
	}
	if f, _ := field(dataapi.Int4, nil); f.IsNull == nil || !*f.IsNull {
		t.Errorf("null: got %+v", f)
	}
}

func TestPages(t *testing.T) {
	var got []string
	token := ""
	for range 3 {
		page, next, err := cut([]string{"a", "b", "c", "d", "e"}, token, 2, 100, whole)
		if err != nil {
			t.Fatal(err)
		}
		got, token = append(got, strings.Join(page, "")), next
	}
	if strings.Join(got, ",") != "ab,cd,e" || token != "" {
		t.Errorf("got %v, %q", got, token)
	}
}

func TestPatternsOfNames(t *testing.T) {
	if got := literal(`a_b%c\`); got != `a\_b\%c\\` {
		t.Errorf("got %s", got)
	}
}
