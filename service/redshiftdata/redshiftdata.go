// Package redshiftdata is the operations of the Amazon Redshift Data API, on
// the built-in warehouse and on clusters.
package redshiftdata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"salamander/internal/arn"
	"salamander/operation"
	"salamander/warehouse/dataapi"
)

const name = "redshift-data"

// A Cluster is a database server that statements go to, with the user it was
// made with.
type Cluster struct {
	Host     string
	Port     int
	User     string
	Password string
}

// Clusters finds the cluster of an identifier.
type Clusters interface {
	Find(account, region, id string) (Cluster, bool)
}

// Caller calls the operations of other services.
type Caller interface {
	Call(ctx context.Context, service, name string, req *operation.Request) (*operation.Response, error)
}

// A Service is the operations of the Data API.
type Service struct {
	statements *dataapi.Statements
	clusters   Clusters
	caller     Caller
}

// New returns the operations over statements. caller reads secrets.
func New(statements *dataapi.Statements, clusters Clusters, caller Caller) *Service {
	return &Service{statements, clusters, caller}
}

// Register adds the operations to the registry.
func Register(r *operation.Registry, s *Service) {
	const (
		where = "no workgroups or sessions; without DbUser and SecretArn the cluster's own user; statements are kept in memory for 24 hours, not over a restart"
		look  = "no workgroups; databases of the cluster that is connected"
		kept  = "statements are kept in memory for 24 hours, not over a restart"
	)
	register(r, "ExecuteStatement", true, where, s.ExecuteStatement)
	register(r, "BatchExecuteStatement", true, where, s.BatchExecuteStatement)
	register(r, "CancelStatement", true, "", s.CancelStatement)
	register(r, "DescribeStatement", false, kept+"; RedshiftQueryId is always -1", s.DescribeStatement)
	register(r, "GetStatementResult", false, kept, s.GetStatementResult)
	register(r, "GetStatementResultV2", false, kept, s.GetStatementResultV2)
	register(r, "ListStatements", false, "RoleLevel true lists the statements of the whole account", s.ListStatements)
	register(r, "ListDatabases", false, look, s.ListDatabases)
	register(r, "ListSchemas", false, look, s.ListSchemas)
	register(r, "ListTables", false, look+"; no system tables", s.ListTables)
	register(r, "DescribeTable", false, look, s.DescribeTable)
}

// register registers an operation. An error that the caller cannot mend is an
// InternalServerException, as the model says.
func register[In, Out any](r *operation.Registry, op string, mutates bool, note string, f func(context.Context, *In) (*Out, error)) {
	spec := operation.Spec{Service: name, Name: op, Mutates: mutates, Note: note}
	if note != "" {
		spec.Status = operation.Partial
	}
	operation.Register(r, spec, func(ctx context.Context, in *In) (*Out, error) {
		out, err := f(ctx, in)
		if own := (*operation.Error)(nil); err != nil && !errors.As(err, &own) {
			err = &operation.Error{Code: "InternalServerException", Message: "Internal error", Status: 500, Cause: err}
		}
		return out, err
	})
}

func invalid(format string, args ...any) error {
	return &operation.Error{Code: "ValidationException", Message: fmt.Sprintf(format, args...)}
}

// translate gives an error of the statements the form of the service.
func translate(id string, err error) error {
	missing := func(text string) error {
		return &operation.Error{Code: "ResourceNotFoundException", Message: text, Members: map[string]any{"ResourceId": id}}
	}
	var param *dataapi.ParameterError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &param):
		return invalid("%s", param.Msg)
	case errors.Is(err, dataapi.ErrNotFound):
		return missing("Query does not exist.")
	case errors.Is(err, dataapi.ErrNoResult):
		return missing("Query does not have result. Please check query status with DescribeStatement.")
	case errors.Is(err, dataapi.ErrTooMany):
		return operation.Errorf("ActiveStatementsExceededException", "Active statements exceeded the allowed quota (%d).", dataapi.MaxActive)
	case errors.Is(err, dataapi.ErrOtherInput):
		return invalid("The ClientToken was used before with other parameters.")
	}
	return err
}

func owner(ctx context.Context) dataapi.Owner {
	c := operation.CallerOf(ctx)
	return dataapi.Owner{Account: c.Account, Region: c.Region}
}

// Where names a database and who connects to it.
type Where struct {
	ClusterIdentifier string
	Database          string
	DbUser            string
	SecretArn         string
	WorkgroupName     string
}

// target finds the database, as which user, and the cluster's identifier.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations-authentication.html
func (s *Service) target(ctx context.Context, op string, w Where) (t dataapi.Target, cluster string, err error) {
	switch {
	case w.WorkgroupName != "":
		return t, "", operation.NotImplemented(name, op, "the member WorkgroupName: there are no workgroups; give ClusterIdentifier")
	case w.Database == "":
		return t, "", invalid("Database must be provided.")
	case w.DbUser != "" && w.SecretArn != "":
		return t, "", invalid("Only one of DbUser and SecretArn can be provided.")
	}
	var sec login
	if w.SecretArn != "" {
		if sec, err = s.secret(ctx, w.SecretArn); err != nil {
			return t, "", err
		}
		switch {
		case w.ClusterIdentifier == "":
			w.ClusterIdentifier = sec.Cluster
		case sec.Cluster != "" && sec.Cluster != w.ClusterIdentifier:
			return t, "", invalid("The ClusterIdentifier does not match the dbClusterIdentifier in the secret.")
		}
	}
	if w.ClusterIdentifier == "" {
		return t, "", invalid("Either ClusterIdentifier or WorkgroupName must be provided.")
	}
	o := owner(ctx)
	c, ok := s.clusters.Find(o.Account, o.Region, w.ClusterIdentifier)
	if !ok {
		return t, "", invalid("Redshift endpoint doesn't exist in this region.")
	}
	t = dataapi.Target{Host: c.Host, Port: c.Port, User: c.User, Password: c.Password, Database: w.Database}
	switch {
	case w.SecretArn != "":
		t.User, t.Password = sec.Username, sec.Password
	case w.DbUser != "":
		t.User = w.DbUser
	}
	return t, w.ClusterIdentifier, nil
}

// A login is a secret as Redshift's users keep it.
//
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Cluster  string `json:"dbClusterIdentifier"`
}

// secret reads user and password.
func (s *Service) secret(ctx context.Context, id string) (login, error) {
	caller := operation.CallerOf(ctx)
	caller.Invocation = operation.Invocation{}
	input, err := json.Marshal(map[string]string{"SecretId": id})
	if err != nil {
		return login{}, err
	}
	resp, err := s.caller.Call(ctx, "secretsmanager", "GetSecretValue", &operation.Request{Caller: caller, Input: input})
	var refused *operation.Error
	if errors.As(err, &refused) {
		return login{}, invalid("%s", refused.Message)
	} else if err != nil {
		return login{}, err
	}
	var out struct{ SecretString string }
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		return login{}, err
	}
	var l login
	if json.Unmarshal([]byte(out.SecretString), &l) != nil || l.Username == "" || l.Password == "" {
		return login{}, invalid("The secret must have a username and a password.")
	}
	return l, nil
}

// EventType is the detail-type of the event that tells of the end of a
// statement.
const EventType = "Redshift Data Statement Status Change"

// Event returns the resources and the detail of the event that tells of the
// end of a statement.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-monitoring-events.html
func Event(st dataapi.Statement) (resources []string, detail json.RawMessage, err error) {
	detail, err = json.Marshal(struct {
		Principal string `json:"principal"`
		Name      string `json:"statementName"`
		ID        string `json:"statementId"`
		Query     int    `json:"redshiftQueryId"`
		State     string `json:"state"`
		Rows      int64  `json:"rows"`
		Expire    int64  `json:"expireAt"`
	}{st.Principal, st.Name, st.ID, -1, st.Status, st.Rows, st.Updated.Add(dataapi.Keep).Unix()})
	return []string{arn.New("redshift", st.Owner.Region, st.Owner.Account, "cluster:"+st.Cluster)}, detail, err
}
