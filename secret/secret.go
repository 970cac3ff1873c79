// Package secret keeps secrets and parameters. What is secret in them is
// encrypted with a key of the data directory: who has the database without
// the key has nothing. The key does not protect from who can read the whole
// directory.
package secret

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"salamander/internal/arn"
)

// ErrNoRecord means that there is no secret or parameter of that name.
var ErrNoRecord = errors.New("secret: no such record")

// KeyFile is the name of the file in the data directory that holds the key.
const KeyFile = "secrets.key"

// A Scope is where names are unique.
type Scope struct{ Account, Region string }

// Records are the secrets or parameters of a scope within one change or one
// look. Put and Delete fail outside of [Store.Update].
type Records interface {
	// Get reads a record into v, or returns [ErrNoRecord].
	Get(kind, name string, v any) error
	// List calls each with the JSON of every record whose name is behind
	// after, by name, until it returns false.
	List(kind, after string, each func(doc []byte) (more bool, err error)) error
	Put(kind, name string, v any) error
	Delete(kind, name string) error
}

// The kinds of records.
const (
	KindSecret    = "secret"
	KindParameter = "parameter"
)

// A Store keeps records. An update is durable when it returns, and done whole
// or not at all.
type Store interface {
	View(ctx context.Context, s Scope, f func(Records) error) error
	Update(ctx context.Context, s Scope, f func(Records) error) error
}

// A Secret is a secret.
type Secret struct {
	Name        string
	Scope       Scope
	Suffix      string // six characters behind the name in the ARN
	Description string
	Tags        map[string]string `json:",omitempty"`
	Versions    []Version
	Created     time.Time
	Changed     time.Time
	Accessed    time.Time
	Deleted     time.Time // when it will be gone; zero when not deleted
}

// ARN returns the secret's ARN.
func (s Secret) ARN() string {
	return arn.New("secretsmanager", s.Scope.Region, s.Scope.Account, "secret:"+s.Name+"-"+s.Suffix)
}

// A Version is one value of a secret.
type Version struct {
	ID      string
	Stages  []string
	Sealed  []byte // the value
	Binary  bool   // given as bytes rather than as text
	Created time.Time
}

// A Parameter is a parameter.
type Parameter struct {
	Name     string
	Scope    Scope
	Tags     map[string]string `json:",omitempty"`
	Versions []ParameterVersion
}

// Last returns the newest version.
func (p Parameter) Last() ParameterVersion { return p.Versions[len(p.Versions)-1] }

// ARN returns the parameter's ARN.
func (p Parameter) ARN() string {
	return arn.New("ssm", p.Scope.Region, p.Scope.Account, "parameter/"+strings.TrimPrefix(p.Name, "/"))
}

// A ParameterVersion is one value of a parameter.
type ParameterVersion struct {
	Number      int64
	Type        string // "String", "StringList" or "SecureString"
	Value       string
	Sealed      []byte `json:",omitempty"` // the value of a SecureString
	Description string `json:",omitempty"`
	Pattern     string `json:",omitempty"`
	Tier        string
	DataType    string
	User        string   // ARN of who changed it
	Labels      []string `json:",omitempty"`
	Changed     time.Time
}

// A Box encrypts and decrypts with the key of a data directory. It may be
// shared by goroutines.
type Box struct{ aead cipher.AEAD }

// LoadBox reads the key of the data directory dir, and makes it the first
// time, in a file that only its owner may read.
func LoadBox(dir string) (*Box, error) {
	file := filepath.Join(dir, KeyFile)
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		rand.Read(key)
		err = writeKey(file, key)
	}
	if err != nil {
		return nil, fmt.Errorf("key of the secrets: %w", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others: chmod 600 it", file)
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("%s has %d bytes; need 32: the secrets were encrypted with another file", file, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &Box{aead}, err
}

// writeKey makes the file whole or not at all.
func writeKey(file string, key []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".secrets-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(key)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Link(tmp.Name(), file)
}

// Seal encrypts plain for the place that name tells.
func (b *Box) Seal(name string, plain []byte) []byte {
	nonce := make([]byte, b.aead.NonceSize())
	rand.Read(nonce)
	return b.aead.Seal(nonce, nonce, plain, []byte(name))
}

// Open decrypts what was sealed for a place. It fails for another place, and
// for another key.
func (b *Box) Open(name string, sealed []byte) ([]byte, error) {
	n := b.aead.NonceSize()
	if len(sealed) < n {
		return nil, fmt.Errorf("decrypt %s: too short", name)
	}
	plain, err := b.aead.Open(nil, sealed[:n], sealed[n:], []byte(name))
	if err != nil {
		return nil, fmt.Errorf("decrypt %s: the key in %s is another one, or the value was changed", name, KeyFile)
	}
	return plain, nil
}
