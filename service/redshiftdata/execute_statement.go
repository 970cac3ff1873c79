package redshiftdata

import (
	"context"
	"strings"

	"salamander/operation"
	"salamander/warehouse/dataapi"
)

// maxStatement is the largest text of a statement, in bytes.
const maxStatement = 100 << 10

// A Parameter is the value of :name in a statement.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// How tells how statements are run.
type How struct {
	StatementName string
	WithEvent     bool
	ClientToken   string
	Parameters    []Parameter
	ResultFormat  string
}

// ExecuteStatementInput is the input of [Service.ExecuteStatement].
type ExecuteStatementInput struct {
	Where
	How
	Sql string
}

// BatchExecuteStatementInput is the input of [Service.BatchExecuteStatement].
type BatchExecuteStatementInput struct {
	Where
	How
	Sqls []string
}

// Submitted tells which statement was submitted.
type Submitted struct {
	Id                string
	CreatedAt         operation.Time
	ClusterIdentifier string
	Database          string
	DbUser            string `json:",omitempty"`
	SecretArn         string `json:",omitempty"`
}

// ExecuteStatement runs one statement.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html
func (s *Service) ExecuteStatement(ctx context.Context, in *ExecuteStatementInput) (*Submitted, error) {
	return s.submit(ctx, "ExecuteStatement", in.Where, in.How, []string{in.Sql})
}

// BatchExecuteStatement runs statements in one transaction.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
func (s *Service) BatchExecuteStatement(ctx context.Context, in *BatchExecuteStatementInput) (*Submitted, error) {
	return s.submit(ctx, "BatchExecuteStatement", in.Where, in.How, in.Sqls)
}

func (s *Service) submit(ctx context.Context, op string, w Where, h How, sqls []string) (*Submitted, error) {
	for _, sql := range sqls {
		switch {
		case strings.TrimSpace(sql) == "":
			return nil, invalid("SQL statement cannot be empty.")
		case len(sql) > maxStatement:
			return nil, invalid("SQL statement is larger than %d bytes.", maxStatement)
		}
	}
	target, cluster, err := s.target(ctx, op, w)
	if err != nil {
		return nil, err
	}
	if h.ResultFormat == "" {
		h.ResultFormat = "JSON"
	}
	req := dataapi.Request{ID: operation.NewID(ctx), Owner: owner(ctx), Principal: operation.CallerOf(ctx).Principal, Target: target, SQLs: sqls,
		Batch: op == "BatchExecuteStatement", Token: h.ClientToken, Cluster: cluster, User: w.DbUser, Database: w.Database, Secret: w.SecretArn,
		Name: h.StatementName, Format: h.ResultFormat, WithEvent: h.WithEvent}
	if w.SecretArn == "" {
		req.User = target.User
	}
	for _, p := range h.Parameters {
		req.Params = append(req.Params, dataapi.Parameter(p))
	}
	st, err := s.statements.Submit(req)
	if err != nil {
		return nil, translate("", err)
	}
	return &Submitted{Id: st.ID, CreatedAt: operation.Time{Time: st.Created}, ClusterIdentifier: st.Cluster, Database: st.Database,
		DbUser: st.User, SecretArn: st.Secret}, nil
}
