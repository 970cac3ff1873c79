package redshiftdata

import (
	"context"
	"errors"
	"strings"

	"salamander/internal/pagetoken"
	"salamander/operation"
	"salamander/warehouse/dataapi"
)

// ID names a statement, or a part of a batch.
type ID struct{ Id string }

// State is how far a statement or a part has come.
type State struct {
	Status    string
	Error     string `json:",omitempty"`
	CreatedAt operation.Time
	UpdatedAt operation.Time
	Duration  int64 // nanoseconds

	HasResultSet    bool
	ResultRows      int64
	ResultSize      int64
	RedshiftQueryId int64
}

func state(s dataapi.State) State {
	return State{Status: s.Status, Error: s.Error, CreatedAt: operation.Time{Time: s.Created}, UpdatedAt: operation.Time{Time: s.Updated},
		Duration: s.Duration.Nanoseconds(), HasResultSet: s.Result != nil, ResultRows: s.Rows, ResultSize: s.Size, RedshiftQueryId: -1}
}

// SubStatement is a part of a batch.
type SubStatement struct {
	Id          string
	QueryString string
	State
}

// Description is a statement as DescribeStatement tells it.
type Description struct {
	Id string
	State
	ClusterIdentifier string
	Database          string
	DbUser            string `json:",omitempty"`
	SecretArn         string `json:",omitempty"`
	RedshiftPid       int64
	QueryString       string         `json:",omitempty"`
	QueryParameters   []Parameter    `json:",omitempty"`
	SubStatements     []SubStatement `json:",omitempty"`
	ResultFormat      string
}

// DescribeStatement tells how far a statement has come.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html
func (s *Service) DescribeStatement(ctx context.Context, in *ID) (*Description, error) {
	st, err := s.statements.Get(owner(ctx), in.Id)
	if err != nil {
		return nil, translate(in.Id, err)
	}
	out := &Description{Id: st.ID, State: state(st.State), ClusterIdentifier: st.Cluster, Database: st.Database, DbUser: st.User,
		SecretArn: st.Secret, RedshiftPid: int64(st.PID), QueryParameters: parameters(st.Params), ResultFormat: st.Format}
	if !st.Batch {
		out.QueryString = st.SQLs[0]
	}
	for i, sub := range st.Subs {
		out.HasResultSet = out.HasResultSet || sub.Result != nil
		out.SubStatements = append(out.SubStatements, SubStatement{Id: part(st.ID, i), QueryString: sub.SQL, State: state(sub.State)})
	}
	return out, nil
}

func parameters(params []dataapi.Parameter) (out []Parameter) {
	for _, p := range params {
		out = append(out, Parameter(p))
	}
	return out
}

// CancelStatementOutput is the output of [Service.CancelStatement].
type CancelStatementOutput struct{ Status bool }

// CancelStatement aborts a statement. It answers when the statement has
// ended and is undone.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_CancelStatement.html
func (s *Service) CancelStatement(ctx context.Context, in *ID) (*CancelStatementOutput, error) {
	if strings.Contains(in.Id, ":") {
		return nil, invalid("A part of a batch cannot be cancelled; cancel the batch.")
	}
	st, err := s.statements.Cancel(ctx, owner(ctx), in.Id)
	if errors.Is(err, dataapi.ErrEnded) {
		return nil, invalid("Could not cancel a query that is already in %s state with ID: %s", st.Status, st.ID)
	}
	if err != nil {
		return nil, translate(in.Id, err)
	}
	return &CancelStatementOutput{Status: true}, nil
}

// ListStatementsInput is the input of [Service.ListStatements].
type ListStatementsInput struct {
	NextToken         string
	MaxResults        int
	StatementName     string
	Status            string
	RoleLevel         *bool
	Database          string
	ClusterIdentifier string
	WorkgroupName     string
}

// Listed is a statement in a list.
type Listed struct {
	Id               string
	QueryString      string   `json:",omitempty"`
	QueryStrings     []string `json:",omitempty"`
	SecretArn        string   `json:",omitempty"`
	Status           string
	StatementName    string `json:",omitempty"`
	CreatedAt        operation.Time
	UpdatedAt        operation.Time
	QueryParameters  []Parameter `json:",omitempty"`
	IsBatchStatement bool
	ResultFormat     string
}

// ListStatementsOutput is the output of [Service.ListStatements].
type ListStatementsOutput struct {
	Statements []Listed
	NextToken  string `json:",omitempty"`
}

// ListStatements lists statements, the newest first: those that finished,
// unless a status is given.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListStatements.html
func (s *Service) ListStatements(ctx context.Context, in *ListStatementsInput) (*ListStatementsOutput, error) {
	if in.WorkgroupName != "" {
		return nil, operation.NotImplemented(name, "ListStatements", "the member WorkgroupName: there are no workgroups; give ClusterIdentifier")
	}
	status := in.Status
	if status == "" {
		status = dataapi.Finished
	}
	principal := operation.CallerOf(ctx).Principal
	own := in.RoleLevel != nil && !*in.RoleLevel
	all := s.statements.List(owner(ctx), func(st dataapi.Statement) bool {
		return (status == "ALL" || st.Status == status) && strings.HasPrefix(st.Name, in.StatementName) && (!own || st.Principal == principal) &&
			(in.Database == "" || st.Database == in.Database) && (in.ClusterIdentifier == "" || st.Cluster == in.ClusterIdentifier)
	})
	out := &ListStatementsOutput{Statements: []Listed{}}
	page, next, err := cut(all, in.NextToken, in.MaxResults, 100, func(st dataapi.Statement) string { return st.ID })
	if err != nil {
		return nil, err
	}
	out.NextToken = next
	for _, st := range page {
		l := Listed{Id: st.ID, SecretArn: st.Secret, Status: st.Status, StatementName: st.Name, CreatedAt: operation.Time{Time: st.Created},
			UpdatedAt: operation.Time{Time: st.Updated}, QueryParameters: parameters(st.Params), IsBatchStatement: st.Batch, ResultFormat: st.Format}
		if st.Batch {
			l.QueryStrings = st.SQLs
		} else {
			l.QueryString = st.SQLs[0]
		}
		out.Statements = append(out.Statements, l)
	}
	return out, nil
}

// cut returns the page of a list that begins at a token, and the token of the
// next. A token names the first entry of its page; when that is gone, so is
// the rest.
func cut[T any](all []T, token string, limit, standard int, key func(T) string) (page []T, next string, err error) {
	first := ""
	if pagetoken.Decode(token, &first) != nil {
		return nil, "", invalid("Invalid NextToken.")
	}
	for token != "" && len(all) > 0 && key(all[0]) != first {
		all = all[1:]
	}
	if limit <= 0 {
		limit = standard
	}
	if len(all) > limit {
		return all[:limit], pagetoken.Encode(key(all[limit])), nil
	}
	return all, "", nil
}
