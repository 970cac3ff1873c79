package lambda

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"

	"salamander/function"
	"salamander/operation"
)

// PublishVersionInput is the input of PublishVersion.
type PublishVersionInput struct {
	FunctionName string
	CodeSha256   string
	Description  *string
	RevisionId   string
	PublishTo    Other
}

// PublishVersion keeps a function as it is now as a version, which never
// changes. Where nothing has changed since the last one, that is answered.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
func (s *Service) PublishVersion(ctx context.Context, in *PublishVersionInput) (*Configuration, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := refused("PublishVersion", map[string]bool{"PublishTo": in.PublishTo.given()}); err != nil {
		return nil, err
	}
	p := function.Publication{Expected: in.RevisionId, Description: in.Description}
	if in.CodeSha256 != "" {
		b, err := base64.StdEncoding.DecodeString(in.CodeSha256)
		if err != nil {
			b = []byte(in.CodeSha256) // no hash: it equals none
		}
		p.CodeSHA256 = hex.EncodeToString(b)
	}
	v, err := s.publish(ctx, k, p)
	if errors.Is(err, function.ErrOtherCode) {
		now, err := s.functions.Get(ctx, k)
		if err != nil {
			return nil, translate(k, err)
		}
		return nil, invalid("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s). Please try again with the CodeSHA256 in $LATEST.",
			in.CodeSha256, codeHash(now.CodeSHA256))
	}
	if err != nil {
		return nil, translate(k, err)
	}
	return configuration(v, v.Version), nil
}

func (s *Service) publish(ctx context.Context, k function.Key, p function.Publication) (function.Function, error) {
	p.Revision = operation.NewID(ctx)
	return s.functions.Publish(ctx, k, p)
}

// ListVersionsByFunctionInput is the input of ListVersionsByFunction.
type ListVersionsByFunctionInput struct {
	FunctionName string
	Marker       string
	MaxItems     int
}

// ListVersionsByFunctionOutput is the output of ListVersionsByFunction.
type ListVersionsByFunctionOutput struct {
	NextMarker string `json:",omitempty"`
	Versions   []*Configuration
}

// ListVersionsByFunction answers $LATEST and the published versions by
// number, 50 at a time.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html
func (s *Service) ListVersionsByFunction(ctx context.Context, in *ListVersionsByFunctionInput) (*ListVersionsByFunctionOutput, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	fn, err := s.functions.Get(ctx, k)
	if err != nil {
		return nil, translate(k, err)
	}
	limit := pageOf(in.MaxItems)
	out := &ListVersionsByFunctionOutput{Versions: []*Configuration{}}
	after := 0
	if in.Marker == "" {
		out.Versions = append(out.Versions, configuration(fn, function.Latest))
	} else if after, err = strconv.Atoi(in.Marker); err != nil || after < 0 {
		return nil, invalid("Invalid marker: %s", in.Marker)
	}
	list, err := s.functions.Versions(ctx, k, after, limit+1)
	if err != nil {
		return nil, err
	}
	for _, v := range list {
		if len(out.Versions) == limit {
			out.NextMarker = strconv.Itoa(after)
			break
		}
		after = v.Number()
		out.Versions = append(out.Versions, configuration(v, v.Version))
	}
	return out, nil
}

// pageOf returns how many entries a page has: 50, or fewer where asked.
func pageOf(asked int) int {
	if asked > 0 {
		return min(50, asked)
	}
	return 50
}
