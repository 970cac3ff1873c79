// Package identity knows who calls: the access key of the data directory,
// the keys of development mode, and session credentials, which carry their
// principal in a token that only this data directory's key can have signed.
package identity

import (
	"context"
	"crypto/subtle"
	"regexp"
	"strings"
	"time"

	"salamander/internal/arn"
	"salamander/operation"
)

// Options configures [New].
type Options struct {
	Account string           // default account; "000000000000" when empty
	Region  string           // of calls that name none; "us-east-1" when empty
	Dev     bool             // accept the access key "test" and any 12-digit key, with the secret "test"
	Now     func() time.Time // time.Now when nil
}

// Identity answers whose an access key is. It may be shared by goroutines.
type Identity struct {
	opt     Options
	keys    Keys
	serving serving
}

// New returns the identity of a data directory's keys.
func New(keys Keys, opt Options) *Identity {
	if opt.Account == "" {
		opt.Account = "000000000000"
	}
	if opt.Region == "" {
		opt.Region = "us-east-1"
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Identity{opt: opt, keys: keys}
}

// Root returns the caller that the data directory's own access key is, for
// calls from within the process.
func (i *Identity) Root() operation.Caller { return i.root(i.opt.Account, i.opt.Region) }

func (i *Identity) root(account, region string) operation.Caller {
	return operation.Caller{Account: account, Region: region, Principal: arn.New("iam", "", account, "root")}
}

// The errors of [Identity.Lookup]. Their codes are those of the Query
// protocol; the other protocols' spellings are their codecs' business.
func invalidToken() *operation.Error {
	return &operation.Error{Code: "InvalidClientTokenId", Status: 403,
		Message: "The security token included in the request is invalid."}
}

func expiredToken() *operation.Error {
	return &operation.Error{Code: "ExpiredToken", Status: 403,
		Message: "The security token included in the request is expired"}
}

// Lookup returns the secret that accessKey signs with and the caller it
// stands for, in the given region or the default one when region is empty. sessionToken
// is empty for long-lived keys. Unknown keys, foreign tokens and expired ones
// are an [operation.Error] with code InvalidClientTokenId or ExpiredToken.
func (i *Identity) Lookup(_ context.Context, accessKey, sessionToken, region string) (string, operation.Caller, error) {
	if region == "" {
		region = i.opt.Region
	}
	if sessionToken != "" || isSessionKey(accessKey) {
		return i.lookupSession(accessKey, sessionToken, region)
	}
	caller := i.root(i.opt.Account, region)
	caller.AccessKey = accessKey
	switch {
	case subtle.ConstantTimeCompare([]byte(accessKey), []byte(i.keys.AccessKey)) == 1:
		return i.keys.Secret, caller, nil
	case i.opt.Dev && accessKey == "test":
		return "test", caller, nil
	case i.opt.Dev && accountKey.MatchString(accessKey):
		caller = i.root(accessKey, region)
		caller.AccessKey = accessKey
		return "test", caller, nil
	}
	return "", operation.Caller{}, invalidToken()
}

var accountKey = regexp.MustCompile(`^[0-9]{12}$`)

// AssumedRole returns the ARN of the principal that a session of the role
// has, and whether role is the ARN of a role.
func AssumedRole(role, session string) (string, bool) {
	a, err := arn.Parse(role)
	if err != nil || a.Service != "iam" {
		return "", false
	}
	name, ok := strings.CutPrefix(a.Resource, "role/")
	if !ok {
		return "", false
	}
	name = name[strings.LastIndexByte(name, '/')+1:] // a role's path is not in its sessions' ARN
	return arn.New("sts", "", a.Account, "assumed-role/"+name+"/"+session), true
}
