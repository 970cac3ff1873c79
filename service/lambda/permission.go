package lambda

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"salamander/function"
	"salamander/operation"
)

// AddPermissionInput is the input of AddPermission.
type AddPermissionInput struct {
	FunctionName          string
	StatementId           string
	Action                string
	Principal             string
	SourceArn             string
	SourceAccount         string
	EventSourceToken      string
	Qualifier             string
	RevisionId            string
	PrincipalOrgID        string
	FunctionUrlAuthType   string
	InvokedViaFunctionUrl *bool
}

// AddPermissionOutput is the output of AddPermission.
type AddPermissionOutput struct{ Statement string }

// A statement is a permission as a policy has it.
type statement struct {
	Sid       string
	Effect    string
	Principal any
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

var (
	statementPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,100}$`)
	actionPattern    = regexp.MustCompile(`^(lambda:[*]|lambda:[a-zA-Z]+|[*])$`)
	accountPattern   = regexp.MustCompile(`^[0-9]{12}$`)
	servicePattern   = regexp.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`)
)

func (in *AddPermissionInput) check() error {
	const text = "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: %s"
	switch {
	case !statementPattern.MatchString(in.StatementId):
		return fail("ValidationException", 400, text, in.StatementId, "statementId", "([a-zA-Z0-9-_]+)")
	case !actionPattern.MatchString(in.Action):
		return fail("ValidationException", 400, text, in.Action, "action", "(lambda:[*]|lambda:[a-zA-Z]+|[*])")
	case in.SourceAccount != "" && !accountPattern.MatchString(in.SourceAccount):
		return fail("ValidationException", 400, text, in.SourceAccount, "sourceAccount", `\d{12}`)
	case in.FunctionUrlAuthType != "" && in.FunctionUrlAuthType != "NONE" && in.FunctionUrlAuthType != "AWS_IAM":
		return fail("ValidationException", 400, "1 validation error detected: Value '%s' at 'functionUrlAuthType' failed to satisfy constraint: Member must satisfy enum value set: [NONE, AWS_IAM]", in.FunctionUrlAuthType)
	}
	return nil
}

// statement returns the permission as AWS writes it.
func (in *AddPermissionInput) statement(resource string) (statement, error) {
	s := statement{Sid: in.StatementId, Effect: "Allow", Action: in.Action, Resource: resource}
	switch p := in.Principal; {
	case p == "*":
		s.Principal = "*"
	case accountPattern.MatchString(p):
		s.Principal = map[string]string{"AWS": "arn:aws:iam::" + p + ":root"}
	case strings.HasPrefix(p, "arn:"):
		s.Principal = map[string]string{"AWS": p}
	case servicePattern.MatchString(p):
		s.Principal = map[string]string{"Service": p}
	default:
		return s, invalid("The provided principal was invalid. Please check the principal and try again.")
	}
	for _, c := range []struct{ operator, key, value string }{
		{"StringEquals", "AWS:SourceAccount", in.SourceAccount},
		{"StringEquals", "lambda:EventSourceToken", in.EventSourceToken},
		{"StringEquals", "lambda:FunctionUrlAuthType", in.FunctionUrlAuthType},
		{"StringEquals", "aws:PrincipalOrgID", in.PrincipalOrgID},
		{"ArnLike", "AWS:SourceArn", in.SourceArn},
		{"Bool", "lambda:InvokedViaFunctionUrl", boolean(in.InvokedViaFunctionUrl)},
	} {
		if c.value == "" {
			continue
		}
		if s.Condition == nil {
			s.Condition = map[string]map[string]string{}
		}
		if s.Condition[c.operator] == nil {
			s.Condition[c.operator] = map[string]string{}
		}
		s.Condition[c.operator][c.key] = c.value
	}
	return s, nil
}

func boolean(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "true"
	}
	return "false"
}

// AddPermission adds a statement to the policy of a function, or of a version
// or alias of it. It is kept and answered; nothing enforces it.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
func (s *Service) AddPermission(ctx context.Context, in *AddPermissionInput) (*AddPermissionOutput, error) {
	k, q, err := s.policyOf(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	st, err := in.statement(function.Function{Key: k}.ARN() + suffix(q))
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(st)
	if err != nil {
		return nil, err
	}
	err = s.functions.UpdatePolicy(ctx, k, q, operation.NewID(ctx), in.RevisionId, func(p *function.Policy) error {
		size := len(doc)
		for _, old := range p.Statements {
			if old.ID == in.StatementId {
				return fail("ResourceConflictException", 409, "The statement id (%s) provided already exists. Please provide a new statement id, or remove the existing statement.", in.StatementId)
			}
			size += len(old.Text)
		}
		if size > 20480 {
			return fail("PolicyLengthExceededException", 400, "The final policy size (%d) is bigger than the limit (20480).", size)
		}
		p.Statements = append(p.Statements, function.Statement{ID: in.StatementId, Text: string(doc)})
		return nil
	})
	if err != nil {
		return nil, translate(k, err)
	}
	return &AddPermissionOutput{string(doc)}, nil
}

// policyOf returns the function and the qualifier whose policy is meant.
func (s *Service) policyOf(ctx context.Context, name, qualifier string) (function.Key, string, error) {
	k, q, err := key(ctx, name, qualifier)
	if err != nil {
		return k, q, err
	}
	if q == function.Latest {
		return k, q, invalid("We currently do not support adding policies for $LATEST.")
	}
	if _, err := s.functions.Qualified(ctx, k, q); err != nil {
		return k, q, translateQualified(k, q, err)
	}
	return k, q, nil
}

// RemovePermissionInput is the input of RemovePermission.
type RemovePermissionInput struct {
	FunctionName string
	StatementId  string
	Qualifier    string
	RevisionId   string
}

// RemovePermission removes a statement from a policy.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html
func (s *Service) RemovePermission(ctx context.Context, in *RemovePermissionInput) (*None, error) {
	k, q, err := s.policyOf(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	err = s.functions.UpdatePolicy(ctx, k, q, operation.NewID(ctx), in.RevisionId, func(p *function.Policy) error {
		if len(p.Statements) == 0 {
			return fail("ResourceNotFoundException", 404, "No policy is associated with the given resource.")
		}
		i := slices.IndexFunc(p.Statements, func(s function.Statement) bool { return s.ID == in.StatementId })
		if i < 0 {
			return fail("ResourceNotFoundException", 404, "Statement %s is not found in resource policy.", in.StatementId)
		}
		p.Statements = slices.Delete(p.Statements, i, i+1)
		return nil
	})
	if err != nil {
		return nil, translate(k, err)
	}
	return &None{}, nil
}

// GetPolicyOutput is the output of GetPolicy.
type GetPolicyOutput struct {
	Policy     string
	RevisionId string
}

// GetPolicy answers the policy of a function, or of a version or alias of it.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
func (s *Service) GetPolicy(ctx context.Context, in *GetFunctionInput) (*GetPolicyOutput, error) {
	k, q, err := s.policyOf(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	p, err := s.functions.Policy(ctx, k, q)
	if err != nil {
		return nil, translate(k, err)
	}
	if len(p.Statements) == 0 {
		return nil, fail("ResourceNotFoundException", 404, "The resource you requested does not exist.")
	}
	texts := make([]string, len(p.Statements))
	for i, s := range p.Statements {
		texts[i] = s.Text
	}
	return &GetPolicyOutput{`{"Version":"2012-10-17","Id":"default","Statement":[` + strings.Join(texts, ",") + `]}`, p.Revision}, nil
}
