package function

import (
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"math"
	"strconv"
)

// Latest is the qualifier of what can be changed of a function.
const Latest = "$LATEST"

// Errors that callers of versions, aliases and policies branch on.
var (
	ErrNoAlias    = errors.New("no such alias")
	ErrOtherCode  = errors.New("the code is another")
	ErrReferenced = errors.New("an alias points to the version")
)

// An Alias is a name for a version, or for two by their weights.
type Alias struct {
	Key
	Alias       string
	Version     string
	Description string
	Other       string  // a second version; none when empty
	Weight      float64 // of the second: the share of invocations that it gets, from 0 to 1
	Revision    string  // changes with every update
	Creation    string  // identifier of the creating call
}

// ARN returns the alias's name among all resources.
func (a Alias) ARN() string { return Function{Key: a.Key}.ARN() + ":" + a.Alias }

// route returns the version that an invocation goes to. It depends on the
// invocation's identifier alone, so one that a crash cut runs again where it
// ran before.
func (a Alias) route(invocation string) string {
	if a.Other == "" {
		return a.Version
	}
	h := fnv.New64a()
	h.Write([]byte(a.Alias + "/" + invocation))
	x := h.Sum64()
	x ^= x >> 33 // the upper bits of FNV alone are not even
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	if float64(x)/math.MaxUint64 < a.Weight {
		return a.Other
	}
	return a.Version
}

// A Policy is who may use a function, or one version or alias of it. It is
// kept, and not enforced.
type Policy struct {
	Revision   string
	Statements []Statement
}

// A Statement is one permission of a policy.
type Statement struct {
	ID   string
	Text string // JSON
}

// Number returns the version's number; 0 for [Latest].
func (f Function) Number() int {
	n, _ := strconv.Atoi(f.Version)
	return n
}

// VersionName returns the version's number as text, or [Latest].
func (f Function) VersionName() string {
	if f.Version == "" {
		return Latest
	}
	return f.Version
}

// A Publication is how [Functions.Publish] makes a version.
type Publication struct {
	Revision    string  // name of the new version's revision
	Expected    string  // the revision of the function that must be there; any when empty
	CodeSHA256  string  // the code that must be there, hexadecimal; any when empty
	Description *string // of the version; the function's own when nil
}

// Publish keeps the function as it is as a version, which never changes.
// Where nothing has changed since the last version, that one is returned.
// Errors are [ErrNotFound], [ErrChanged] and [ErrOtherCode].
//
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
func (f *Functions) Publish(ctx context.Context, key Key, p Publication) (Function, error) {
	return f.store.Publish(ctx, key, func(latest Function, last *Function, number int) (Function, error) {
		switch {
		case p.Expected != "" && latest.Revision != p.Expected:
			return Function{}, ErrChanged
		case p.CodeSHA256 != "" && latest.CodeSHA256 != p.CodeSHA256:
			return latest, ErrOtherCode
		case last != nil && last.same(latest):
			return *last, nil
		}
		v := latest
		v.Version, v.Source, v.Revision, v.Tags = strconv.Itoa(number), latest.Description, p.Revision, nil
		if p.Description != nil {
			v.Description = *p.Description
		}
		return v, nil
	})
}

// same reports whether a version has all that the function has.
func (f Function) same(latest Function) bool {
	return f.CodeSHA256 == latest.CodeSHA256 && f.Runtime == latest.Runtime && f.Handler == latest.Handler && f.Role == latest.Role &&
		f.Source == latest.Description && f.Timeout == latest.Timeout && f.MemorySize == latest.MemorySize && f.Machine == latest.Machine &&
		maps.Equal(f.Environment, latest.Environment)
}

// Qualified returns the version of a function that a qualifier names: a
// number, an alias or [Latest], which the empty one means too. Of an alias
// with two versions it is the first. It returns [ErrNotFound] where there is
// none.
func (f *Functions) Qualified(ctx context.Context, key Key, qualifier string) (Function, error) {
	fn, _, err := f.resolve(ctx, key, qualifier, "")
	return fn, err
}

// resolve returns the version that an invocation goes to, and the ARN that it
// was called by. Without an invocation it is an alias's first version.
func (f *Functions) resolve(ctx context.Context, key Key, qualifier, invocation string) (fn Function, arn string, err error) {
	arn = Function{Key: key}.ARN()
	if qualifier == "" || qualifier == Latest {
		fn, err = f.store.Get(ctx, key)
		return fn, arn, err
	}
	arn += ":" + qualifier
	version := qualifier
	if !digits(version) {
		a, err := f.store.Alias(ctx, key, qualifier)
		if errors.Is(err, ErrNoAlias) {
			err = ErrNotFound
		}
		if err != nil {
			return Function{}, arn, err
		}
		if version = a.Version; invocation != "" {
			version = a.route(invocation)
		}
	}
	if version == Latest {
		fn, err = f.store.Get(ctx, key)
	} else {
		fn, err = f.store.Version(ctx, key, version)
	}
	return fn, arn, err
}

func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// Versions returns the published versions of a function by number, those
// behind after, at most limit.
func (f *Functions) Versions(ctx context.Context, key Key, after, limit int) ([]Function, error) {
	return f.store.Versions(ctx, key, after, limit)
}

// DeleteVersion removes a published version and its policy. Its number is
// never used again. Errors are [ErrNotFound] and [ErrReferenced].
func (f *Functions) DeleteVersion(ctx context.Context, key Key, version string) error {
	if err := f.store.DeleteVersion(ctx, key, version); err != nil {
		return err
	}
	f.retire(key, func(e *environment) bool { return e.fn.Version == version })
	return nil
}

// CreateAlias adds an alias to versions that are there. Where the same call
// (by Creation) made it before, the first one is returned. Errors are
// [ErrNotFound] for the function or a version, and [ErrExists].
func (f *Functions) CreateAlias(ctx context.Context, a Alias) (Alias, error) {
	a.Revision = a.Creation
	return f.store.PutAlias(ctx, a.Key, a.Alias, func(old *Alias) (Alias, error) {
		switch {
		case old == nil:
			return a, nil
		case a.Creation != "" && old.Creation == a.Creation:
			return *old, nil
		}
		return Alias{}, ErrExists
	})
}

// UpdateAlias changes an alias by change. revision is the name of the new
// revision, expected the one that must be there, any when empty. Errors are
// [ErrNoAlias], [ErrChanged], [ErrNotFound] for a version, and those of change.
func (f *Functions) UpdateAlias(ctx context.Context, key Key, alias, revision, expected string, change func(*Alias) error) (Alias, error) {
	return f.store.PutAlias(ctx, key, alias, func(old *Alias) (Alias, error) {
		switch {
		case old == nil:
			return Alias{}, ErrNoAlias
		case expected != "" && old.Revision != expected:
			return Alias{}, ErrChanged
		}
		a := *old
		if err := change(&a); err != nil {
			return Alias{}, err
		}
		a.Revision = revision
		return a, nil
	})
}

// Alias returns an alias, or [ErrNoAlias].
func (f *Functions) Alias(ctx context.Context, key Key, alias string) (Alias, error) {
	return f.store.Alias(ctx, key, alias)
}

// Aliases returns the aliases of a function by name, those behind after, at
// most limit. version, where it is not empty, is the one they point to.
func (f *Functions) Aliases(ctx context.Context, key Key, version, after string, limit int) ([]Alias, error) {
	return f.store.Aliases(ctx, key, version, after, limit)
}

// DeleteAlias removes an alias and its policy, or returns [ErrNoAlias].
func (f *Functions) DeleteAlias(ctx context.Context, key Key, alias string) error {
	return f.store.DeleteAlias(ctx, key, alias)
}

// Policy returns the policy of a function, or of a version or alias of it;
// one without statements where there is none.
func (f *Functions) Policy(ctx context.Context, key Key, qualifier string) (Policy, error) {
	return f.store.Policy(ctx, key, qualifier)
}

// UpdatePolicy changes a policy by change, in one step. revision is the name
// of the new revision, expected the one that must be there, any when empty.
func (f *Functions) UpdatePolicy(ctx context.Context, key Key, qualifier, revision, expected string, change func(*Policy) error) error {
	return f.store.UpdatePolicy(ctx, key, qualifier, func(p *Policy) error {
		if expected != "" && p.Revision != expected {
			return ErrChanged
		}
		if err := change(p); err != nil {
			return err
		}
		p.Revision = revision
		return nil
	})
}
