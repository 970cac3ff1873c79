package pgwire

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// scramIterations is PostgreSQL's default.
const scramIterations = 4096

// A Verifier checks passwords by SCRAM-SHA-256 without holding them.
//
// https://www.rfc-editor.org/rfc/rfc5802
type Verifier struct {
	Salt       []byte
	Iterations int
	StoredKey  []byte
	ServerKey  []byte
}

// NewVerifier returns a verifier of password with a random salt.
func NewVerifier(password string) (Verifier, error) {
	v := Verifier{Salt: make([]byte, 16), Iterations: scramIterations}
	rand.Read(v.Salt)
	salted, err := pbkdf2.Key(sha256.New, password, v.Salt, v.Iterations, sha256.Size)
	if err != nil {
		return Verifier{}, err
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	v.StoredKey = stored[:]
	v.ServerKey = mac(salted, "Server Key")
	return v, nil
}

// Check compares a password that a client sent as it is. It returns nil, or an
// error when the password does not fit.
func (v Verifier) Check(password string) error {
	salted, err := pbkdf2.Key(sha256.New, password, v.Salt, v.Iterations, sha256.Size)
	if err != nil {
		return err
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	if subtle.ConstantTimeCompare(stored[:], v.StoredKey) != 1 {
		return errPassword
	}
	return nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// errPassword means that the proof did not fit.
var errPassword = errors.New("password authentication failed")

// A scram is one exchange from the server's side.
type scram struct {
	verifier    Verifier
	gs2         string // the header that the client's channel binding must repeat
	nonce       string
	clientFirst string // without the header
	serverFirst string
}

// first answers the client's first message.
func (s *scram) first(msg []byte) ([]byte, error) {
	header, rest, ok := cutHeader(string(msg))
	if !ok {
		return nil, errors.New("malformed SCRAM message")
	}
	if strings.HasPrefix(header, "p=") {
		return nil, errors.New("malformed SCRAM message: channel binding is not supported")
	}
	s.gs2, s.clientFirst = header, rest
	var clientNonce string
	for _, part := range strings.Split(rest, ",") {
		if strings.HasPrefix(part, "m=") {
			return nil, errors.New("client requires an unsupported SCRAM extension")
		}
		if v, ok := strings.CutPrefix(part, "r="); ok {
			clientNonce = v
		}
	}
	if clientNonce == "" {
		return nil, errors.New("malformed SCRAM message: no nonce")
	}
	var random [18]byte
	rand.Read(random[:])
	s.nonce = clientNonce + base64.StdEncoding.EncodeToString(random[:])
	s.serverFirst = fmt.Sprintf("r=%s,s=%s,i=%d", s.nonce, base64.StdEncoding.EncodeToString(s.verifier.Salt), s.verifier.Iterations)
	return []byte(s.serverFirst), nil
}

// cutHeader cuts the GS2 header "n,," from a first message.
func cutHeader(msg string) (header, rest string, ok bool) {
	flag, rest, ok := strings.Cut(msg, ",")
	if !ok {
		return "", "", false
	}
	authzid, rest, ok := strings.Cut(rest, ",")
	return flag + "," + authzid + ",", rest, ok
}

// final checks the client's proof and returns the server's. It returns
// errPassword when the proof does not fit.
func (s *scram) final(msg []byte) ([]byte, error) {
	i := bytes.LastIndex(msg, []byte(",p="))
	if i < 0 {
		return nil, errors.New("malformed SCRAM message: no proof")
	}
	withoutProof := string(msg[:i])
	proof, err := base64.StdEncoding.Strict().DecodeString(string(msg[i+3:]))
	if err != nil || len(proof) != sha256.Size {
		return nil, errors.New("malformed SCRAM message: malformed proof")
	}
	parts := strings.Split(withoutProof, ",")
	if len(parts) < 2 || !strings.HasPrefix(parts[0], "c=") || parts[1] != "r="+s.nonce {
		return nil, errors.New("malformed SCRAM message: nonce does not match")
	}
	binding, err := base64.StdEncoding.DecodeString(parts[0][2:])
	if err != nil || string(binding) != s.gs2 {
		return nil, errors.New("malformed SCRAM message: channel binding does not match")
	}
	auth := s.clientFirst + "," + s.serverFirst + "," + withoutProof
	signature := mac(s.verifier.StoredKey, auth)
	key := make([]byte, sha256.Size)
	for i := range key {
		key[i] = proof[i] ^ signature[i]
	}
	stored := sha256.Sum256(key)
	if subtle.ConstantTimeCompare(stored[:], s.verifier.StoredKey) != 1 {
		return nil, errPassword
	}
	return []byte("v=" + base64.StdEncoding.EncodeToString(mac(s.verifier.ServerKey, auth))), nil
}
