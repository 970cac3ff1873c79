package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"salamander/operation"
)

// SessionOptions says for whom a session is.
type SessionOptions struct {
	Principal string        // ARN of the principal; the account's root when empty
	Account   string        // default account when empty
	Region    string        // where the session was made, told to the code that runs in it
	Lifetime  time.Duration // 12 hours when 0
}

// A Session is temporary credentials. The token says all about them, so that
// they live as long as they are valid, whatever the process does; only
// [Session.Serve] is of this process.
type Session struct {
	AccessKey string // "ASIA" and 16 characters
	Secret    string
	Token     string
	Expires   time.Time
	Principal string
	Account   string
	Region    string

	identity *Identity
}

// claims are what a token says.
type claims struct {
	AccessKey string `json:"k"`
	Principal string `json:"p"`
	Account   string `json:"a"`
	Expires   int64  `json:"e"` // epoch seconds
}

// Issue makes credentials for a new session.
func (i *Identity) Issue(opt SessionOptions) Session {
	if opt.Account == "" {
		opt.Account = i.opt.Account
	}
	if opt.Region == "" {
		opt.Region = i.opt.Region
	}
	if opt.Principal == "" {
		opt.Principal = i.root(opt.Account, opt.Region).Principal
	}
	if opt.Lifetime == 0 {
		opt.Lifetime = 12 * time.Hour
	}
	c := claims{AccessKey: "ASIA" + randomID(16), Principal: opt.Principal, Account: opt.Account,
		Expires: i.opt.Now().Add(opt.Lifetime).Unix()}
	return Session{AccessKey: c.AccessKey, Secret: i.secretOf(c.AccessKey), Token: i.sign(c),
		Expires: time.Unix(c.Expires, 0).UTC(), Principal: c.Principal, Account: c.Account, Region: opt.Region,
		identity: i}
}

// Serve says that the code which runs with the session's credentials serves
// the invocation with the given id from now on, so that calls made in it are
// known as the invocation's. Empty means none. Only this process knows it: the code of an
// environment does not outlive its engine.
func (s Session) Serve(invocation string) { s.identity.serving.set(s.AccessKey, invocation) }

// End forgets what the session serves. Its credentials stay valid until they
// expire.
func (s Session) End() { s.identity.serving.set(s.AccessKey, "") }

func isSessionKey(accessKey string) bool { return strings.HasPrefix(accessKey, "ASIA") }

func (i *Identity) mac(purpose, text string) []byte {
	h := hmac.New(sha256.New, i.keys.Signing)
	h.Write([]byte(purpose + "\x00" + text))
	return h.Sum(nil)
}

func (i *Identity) secretOf(accessKey string) string {
	return base64.StdEncoding.EncodeToString(i.mac("secret", accessKey)[:30])
}

func (i *Identity) sign(c claims) string {
	body, err := json.Marshal(c)
	if err != nil {
		panic(err) // plain text and numbers
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(i.mac("token", text))
}

// open returns what a token says, if we signed it.
func (i *Identity) open(token string) (claims, bool) {
	text, sum, ok := strings.Cut(token, ".")
	if !ok {
		return claims{}, false
	}
	mac, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(mac, i.mac("token", text)) {
		return claims{}, false
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return claims{}, false
	}
	var c claims
	return c, json.Unmarshal(body, &c) == nil
}

func (i *Identity) lookupSession(accessKey, token, region string) (string, operation.Caller, error) {
	c, ok := i.open(token)
	if !ok || subtle.ConstantTimeCompare([]byte(c.AccessKey), []byte(accessKey)) != 1 {
		return "", operation.Caller{}, invalidToken()
	}
	if i.opt.Now().Unix() >= c.Expires {
		return "", operation.Caller{}, expiredToken()
	}
	caller := operation.Caller{Account: c.Account, Region: region, Principal: c.Principal, AccessKey: accessKey}
	caller.Invocation.ID = i.serving.get(accessKey)
	return i.secretOf(accessKey), caller, nil
}

// serving maps the access keys of sessions to the invocations they serve now.
type serving struct {
	mu sync.Mutex
	by map[string]string // guarded by mu
}

func (s *serving) set(accessKey, invocation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if invocation == "" {
		delete(s.by, accessKey)
		return
	}
	if s.by == nil {
		s.by = map[string]string{}
	}
	s.by[accessKey] = invocation
}

func (s *serving) get(accessKey string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[accessKey]
}
