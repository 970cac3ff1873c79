package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"salamander/internal/arn"
)

// ErrNoRecord means that there is no record of that name.
var ErrNoRecord = errors.New("identity: no such record")

// The kinds of records. Policies on them are recorded, not enforced: whoever
// has a key of an account may do all in it.
const (
	KindRole    = "role"
	KindPolicy  = "policy"
	KindProfile = "instance-profile"
)

// Records are the roles, policies and instance profiles of an account, within
// one change or one look. Names of one kind differ in more than case. Put and
// Delete fail outside of [Store.Update].
type Records interface {
	// Get reads a record into v, or returns [ErrNoRecord].
	Get(kind, name string, v any) error
	// List calls each with the JSON of every record, by name.
	List(kind string, each func(doc []byte) error) error
	Put(kind, name string, v any) error
	Delete(kind, name string) error
}

// A Store keeps the records of accounts. An update is durable when it
// returns, and done whole or not at all.
type Store interface {
	View(ctx context.Context, account string, f func(Records) error) error
	Update(ctx context.Context, account string, f func(Records) error) error
}

// A Role is a role.
type Role struct {
	Name        string
	Path        string // "/"
	ID          string
	Account     string
	Trust       string // the policy that says who may assume it, not enforced
	Description string
	MaxSession  int               // seconds
	Boundary    string            `json:",omitempty"` // ARN of a policy
	Inline      map[string]string `json:",omitempty"` // policies by name
	Attached    []string          `json:",omitempty"` // ARNs of policies
	Tags        map[string]string `json:",omitempty"`
	Created     time.Time
}

// ARN returns the role's ARN.
func (r Role) ARN() string { return arn.New("iam", "", r.Account, "role"+r.Path+r.Name) }

// A Policy is a policy of an account.
type Policy struct {
	Name        string
	Path        string
	ID          string
	Account     string
	Description string
	Versions    []PolicyVersion
	Default     int               // of the version that counts
	Last        int               // of the newest version there ever was
	Tags        map[string]string `json:",omitempty"`
	Created     time.Time
	Updated     time.Time
}

// ARN returns the policy's ARN.
func (p Policy) ARN() string { return arn.New("iam", "", p.Account, "policy"+p.Path+p.Name) }

// A PolicyVersion is one text of a policy.
type PolicyVersion struct {
	Number   int
	Document string
	Created  time.Time
}

// A Profile is an instance profile.
type Profile struct {
	Name    string
	Path    string
	ID      string
	Account string
	Role    string            `json:",omitempty"` // name
	Tags    map[string]string `json:",omitempty"`
	Created time.Time
}

// ARN returns the profile's ARN.
func (p Profile) ARN() string {
	return arn.New("iam", "", p.Account, "instance-profile"+p.Path+p.Name)
}

// UniqueID returns the identifier of a record: a prefix such as AROA and 17
// characters, made of the account and the name, so that sessions of a role
// tell it without the record.
func UniqueID(prefix, account, name string) string {
	sum := sha256.Sum256([]byte("arn:aws:sts::" + account + ":assumed-role/" + name))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// PolicyName returns the name of the policy that an ARN names, and whether it
// is one of AWS's own, which every account has.
func PolicyName(text string) (name string, managed, ok bool) {
	a, err := arn.Parse(text)
	if err != nil || a.Service != "iam" {
		return "", false, false
	}
	path, ok := strings.CutPrefix(a.Resource, "policy/")
	name = path[strings.LastIndexByte(path, '/')+1:]
	return name, a.Account == "aws", ok && name != ""
}
