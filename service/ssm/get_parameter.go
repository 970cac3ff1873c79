package ssm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"salamander/internal/pagetoken"
	"salamander/operation"
	"salamander/secret"
)

// Parameter is a parameter with its value.
type Parameter struct {
	Name             string
	Type             string
	Value            string
	Version          int64
	Selector         string `json:",omitempty"`
	LastModifiedDate operation.Time
	ARN              string
	DataType         string
}

// told writes a version. A SecureString is decrypted only where asked for;
// otherwise it is told as it is kept.
func (s *Service) told(p secret.Parameter, v secret.ParameterVersion, decrypt bool) (Parameter, error) {
	value, err := s.value(p, v, decrypt)
	return Parameter{Name: p.Name, Type: v.Type, Value: value, Version: v.Number, LastModifiedDate: operation.Time{Time: v.Changed},
		ARN: p.ARN(), DataType: v.DataType}, err
}

func (s *Service) value(p secret.Parameter, v secret.ParameterVersion, decrypt bool) (string, error) {
	if v.Type != secureString {
		return v.Value, nil
	}
	if !decrypt {
		return base64.StdEncoding.EncodeToString(v.Sealed), nil
	}
	plain, err := s.box.Open(place(p, v.Number), v.Sealed)
	if err != nil {
		return "", &operation.Error{Code: "InvalidKeyId", Message: "The key that the parameter was encrypted with is not there.", Cause: err}
	}
	return string(plain), nil
}

// GetParameterInput is the input of GetParameter.
type GetParameterInput struct {
	Name           string
	WithDecryption bool
}

// GetParameterOutput is the output of GetParameter.
type GetParameterOutput struct{ Parameter Parameter }

// GetParameter tells a parameter, by name, or by name and version or label.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
func (s *Service) GetParameter(ctx context.Context, in *GetParameterInput) (*GetParameterOutput, error) {
	out := &GetParameterOutput{}
	return out, s.view(ctx, func(rec secret.Records) error {
		p, v, selector, err := find(ctx, rec, in.Name)
		if err != nil {
			return err
		}
		out.Parameter, err = s.told(p, v, in.WithDecryption)
		out.Parameter.Selector = selector
		return err
	})
}

// GetParametersInput is the input of GetParameters.
type GetParametersInput struct {
	Names          []string
	WithDecryption bool
}

// GetParametersOutput is the output of GetParameters.
type GetParametersOutput struct {
	Parameters        []Parameter
	InvalidParameters []string
}

// GetParameters tells up to ten parameters.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
func (s *Service) GetParameters(ctx context.Context, in *GetParametersInput) (*GetParametersOutput, error) {
	out := &GetParametersOutput{[]Parameter{}, []string{}}
	return out, s.view(ctx, func(rec secret.Records) error {
		for _, name := range in.Names {
			p, v, selector, err := find(ctx, rec, name)
			if err != nil {
				if code := operation.AsError(err).Code; code != "ParameterNotFound" && code != "ParameterVersionNotFound" {
					return err
				}
				out.InvalidParameters = append(out.InvalidParameters, name)
				continue
			}
			told, err := s.told(p, v, in.WithDecryption)
			if err != nil {
				return err
			}
			told.Selector = selector
			out.Parameters = append(out.Parameters, told)
		}
		return nil
	})
}

// StringFilter selects parameters.
type StringFilter struct {
	Key    string
	Option string
	Values []string
}

// check judges the keys and options that an operation takes.
func (f StringFilter) check(keys ...string) error {
	if !slices.Contains(keys, f.Key) && !(strings.HasPrefix(f.Key, "tag:") && slices.Contains(keys, "tag")) {
		return operation.Errorf("InvalidFilterKey", "The following filter key is not valid: %s. Valid filter keys include: [%s].", f.Key, strings.Join(keys, ", "))
	}
	options := []string{"", "Equals", "BeginsWith"}
	switch f.Key {
	case "Name":
		options = append(options, "Contains")
	case "Path":
		options = []string{"", "Recursive", "OneLevel"}
	}
	if !slices.Contains(options, f.Option) {
		return operation.Errorf("InvalidFilterOption", "The following filter option is not valid: %s.", f.Option)
	}
	return nil
}

// fits judges a version; of a filter, one of the values must fit.
func (f StringFilter) fits(p secret.Parameter, v secret.ParameterVersion) bool {
	one := func(text string) bool {
		return slices.ContainsFunc(f.Values, func(want string) bool {
			switch f.Option {
			case "BeginsWith":
				return strings.HasPrefix(strings.TrimPrefix(text, "/"), strings.TrimPrefix(want, "/"))
			case "Contains":
				return strings.Contains(text, want)
			}
			return strings.TrimPrefix(text, "/") == strings.TrimPrefix(want, "/")
		})
	}
	switch f.Key {
	case "Name":
		return one(p.Name)
	case "Type":
		return one(v.Type)
	case "Tier":
		return one(v.Tier)
	case "DataType":
		return one(v.DataType)
	case "KeyId":
		return v.Type == secureString && one(defaultKey)
	case "Label":
		return slices.ContainsFunc(v.Labels, one)
	case "Path":
		return slices.ContainsFunc(f.Values, func(path string) bool { return below(p.Name, path, f.Option == "Recursive") })
	}
	value, ok := p.Tags[strings.TrimPrefix(f.Key, "tag:")]
	return ok && (len(f.Values) == 0 || one(value))
}

// below reports whether a name is in a path.
func below(name, path string, recursive bool) bool {
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/")
	return ok && rest != "" && (recursive || !strings.Contains(rest, "/"))
}

// pageOf reads a token and the size of a page.
func pageOf(token string, size, whenZero int) (after string, limit int, err error) {
	if pagetoken.Decode(token, &after) != nil {
		return "", 0, operation.Errorf("InvalidNextToken", "The specified token is not valid.")
	}
	if size == 0 {
		size = whenZero
	}
	return after, size, nil
}

// each calls f with the parameters behind a name that keep lets pass, until
// there are limit of them, and returns the token of the rest.
func each(rec secret.Records, after string, limit int, keep func(secret.Parameter) bool, f func(secret.Parameter) error) (token string, err error) {
	n, last := 0, ""
	err = rec.List(secret.KindParameter, after, func(doc []byte) (bool, error) {
		var p secret.Parameter
		if err := json.Unmarshal(doc, &p); err != nil || !keep(p) {
			return true, err
		}
		if n == limit {
			token = pagetoken.Encode(last)
			return false, nil
		}
		n, last = n+1, p.Name
		return true, f(p)
	})
	return token, err
}

// GetParametersByPathInput is the input of GetParametersByPath.
type GetParametersByPathInput struct {
	Path             string
	Recursive        bool
	ParameterFilters []StringFilter
	WithDecryption   bool
	MaxResults       int
	NextToken        string
}

// GetParametersByPathOutput is the output of GetParametersByPath.
type GetParametersByPathOutput struct {
	Parameters []Parameter
	NextToken  string `json:",omitempty"`
}

// GetParametersByPath tells the parameters of a path.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
func (s *Service) GetParametersByPath(ctx context.Context, in *GetParametersByPathInput) (*GetParametersByPathOutput, error) {
	if !strings.HasPrefix(in.Path, "/") {
		return nil, invalid(`The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`)
	}
	for _, f := range in.ParameterFilters {
		if err := f.check("Type", "KeyId", "Label"); err != nil {
			return nil, err
		}
	}
	after, limit, err := pageOf(in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, err
	}
	// A label chooses the version that has it.
	chosen := func(p secret.Parameter) (secret.ParameterVersion, bool) {
		for _, v := range slices.Backward(p.Versions) {
			if !slices.ContainsFunc(in.ParameterFilters, func(f StringFilter) bool { return !f.fits(p, v) }) {
				return v, true
			}
			if !slices.ContainsFunc(in.ParameterFilters, func(f StringFilter) bool { return f.Key == "Label" }) {
				break
			}
		}
		return secret.ParameterVersion{}, false
	}
	out := &GetParametersByPathOutput{Parameters: []Parameter{}}
	return out, s.view(ctx, func(rec secret.Records) (err error) {
		keep := func(p secret.Parameter) bool {
			_, ok := chosen(p)
			return ok && below(p.Name, in.Path, in.Recursive)
		}
		out.NextToken, err = each(rec, after, limit, keep, func(p secret.Parameter) error {
			v, _ := chosen(p)
			told, err := s.told(p, v, in.WithDecryption)
			out.Parameters = append(out.Parameters, told)
			return err
		})
		return err
	})
}

// Metadata is a version without its value, or with it in a history.
type Metadata struct {
	Name             string
	ARN              string `json:",omitempty"`
	Type             string
	KeyId            string `json:",omitempty"`
	LastModifiedDate operation.Time
	LastModifiedUser string
	Description      string   `json:",omitempty"`
	Value            string   `json:",omitempty"`
	AllowedPattern   string   `json:",omitempty"`
	Version          int64    `json:",omitempty"`
	Labels           []string `json:",omitempty"`
	Tier             string
	Policies         []None
	DataType         string
}

func metadata(p secret.Parameter, v secret.ParameterVersion) Metadata {
	m := Metadata{Name: p.Name, Type: v.Type, LastModifiedDate: operation.Time{Time: v.Changed}, LastModifiedUser: v.User,
		Description: v.Description, AllowedPattern: v.Pattern, Version: v.Number, Tier: v.Tier, Policies: []None{}, DataType: v.DataType}
	if v.Type == secureString {
		m.KeyId = defaultKey
	}
	return m
}

// DescribeParametersInput is the input of DescribeParameters.
type DescribeParametersInput struct {
	ParameterFilters []StringFilter
	Filters          []StringFilter
	MaxResults       int
	NextToken        string
}

// DescribeParametersOutput is the output of DescribeParameters.
type DescribeParametersOutput struct {
	Parameters []Metadata
	NextToken  string `json:",omitempty"`
}

// DescribeParameters lists parameters without their values.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
func (s *Service) DescribeParameters(ctx context.Context, in *DescribeParametersInput) (*DescribeParametersOutput, error) {
	filters := slices.Clone(in.ParameterFilters)
	for _, f := range in.Filters { // the older form
		if f.Key == "Name" {
			f.Option = "BeginsWith"
		}
		filters = append(filters, f)
	}
	for _, f := range filters {
		if err := f.check("tag", "Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType"); err != nil {
			return nil, err
		}
	}
	after, limit, err := pageOf(in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, err
	}
	out := &DescribeParametersOutput{Parameters: []Metadata{}}
	return out, s.view(ctx, func(rec secret.Records) (err error) {
		keep := func(p secret.Parameter) bool {
			return !slices.ContainsFunc(filters, func(f StringFilter) bool { return !f.fits(p, p.Last()) })
		}
		out.NextToken, err = each(rec, after, limit, keep, func(p secret.Parameter) error {
			m := metadata(p, p.Last())
			m.ARN = p.ARN()
			out.Parameters = append(out.Parameters, m)
			return nil
		})
		return err
	})
}

// GetParameterHistoryInput is the input of GetParameterHistory.
type GetParameterHistoryInput struct {
	Name           string
	WithDecryption bool
	MaxResults     int
	NextToken      string
}

// GetParameterHistoryOutput is the output of GetParameterHistory.
type GetParameterHistoryOutput struct {
	Parameters []Metadata
	NextToken  string `json:",omitempty"`
}

// GetParameterHistory tells the versions of a parameter, the oldest first.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
func (s *Service) GetParameterHistory(ctx context.Context, in *GetParameterHistoryInput) (*GetParameterHistoryOutput, error) {
	limit, after := in.MaxResults, int64(0)
	if limit == 0 {
		limit = 50
	}
	if pagetoken.Decode(in.NextToken, &after) != nil {
		return nil, operation.Errorf("InvalidNextToken", "The specified token is not valid.")
	}
	out := &GetParameterHistoryOutput{Parameters: []Metadata{}}
	return out, s.view(ctx, func(rec secret.Records) error {
		p, err := get(rec, nameOf(ctx, rec, in.Name))
		if err != nil {
			return err
		}
		for _, v := range p.Versions {
			if v.Number <= after {
				continue
			}
			if len(out.Parameters) == limit {
				out.NextToken = pagetoken.Encode(out.Parameters[limit-1].Version)
				return nil
			}
			m := metadata(p, v)
			if m.Value, err = s.value(p, v, in.WithDecryption); err != nil {
				return err
			}
			out.Parameters = append(out.Parameters, m)
		}
		return nil
	})
}
