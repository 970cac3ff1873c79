package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"salamander/operation"
)

// How long things last.
const (
	sessionIdle = 14 * 24 * time.Hour // a session that nobody uses
	touchEvery  = time.Hour           // how often its use is noted
	maxSessions = 1000
	maxLinks    = 1000
)

// Attempts at the password: so many at once, then one in every pause.
const (
	passwordBurst = 5
	passwordPause = 10 * time.Second
)

// sessions knows who is logged in. Of a cookie, only its hash is kept, in a
// file, so that a restart logs nobody out.
type sessions struct {
	file     string
	password [sha256.Size]byte
	has      bool // a password is configured
	now      func() time.Time

	mu       sync.Mutex // guards the fields below
	links    map[string]time.Time
	live     map[string]*session // by hash of the cookie
	attempts int
	refilled time.Time
}

// A session is a browser that is logged in.
type session struct {
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"`
}

func openSessions(opt Options) (*sessions, error) {
	s := &sessions{file: filepath.Join(opt.Dir, "sessions.json"), now: opt.Now, has: opt.Password != "",
		password: sha256.Sum256([]byte(opt.Password)), links: map[string]time.Time{}, live: map[string]*session{}}
	text, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	} else if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &s.live); err != nil {
		return nil, fmt.Errorf("read %s: %w", s.file, err)
	}
	for hash, one := range s.live {
		if one == nil {
			delete(s.live, hash)
		}
	}
	return s, nil
}

// newSecret returns 256 random bits.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Link returns the path of a page that logs its first visitor in, once, for
// the given time. The secret is in the fragment, which no browser sends, so it
// is in no log and no Referer.
func (c *Console) Link(lasts time.Duration) string {
	s := c.doors
	secret := newSecret()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for hash, end := range s.links {
		if now.After(end) || len(s.links) >= maxLinks {
			delete(s.links, hash)
		}
	}
	s.links[hashed(secret)] = now.Add(lasts)
	return "/login#" + secret
}

// byLink uses a link up.
func (s *sessions) byLink(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	hash := hashed(secret)
	end, ok := s.links[hash]
	delete(s.links, hash)
	return ok && s.now().Before(end)
}

// byPassword checks a password, if there were not too many wrong ones lately:
// then it returns how long to wait.
func (s *sessions) byPassword(given string) (ok bool, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if n := int(now.Sub(s.refilled) / passwordPause); n > 0 {
		s.attempts = max(0, s.attempts-n)
		s.refilled = now
	}
	if s.attempts >= passwordBurst {
		return false, passwordPause - now.Sub(s.refilled)
	}
	sum := sha256.Sum256([]byte(given))
	if s.has && subtle.ConstantTimeCompare(sum[:], s.password[:]) == 1 {
		return true, 0
	}
	s.attempts++
	return false, 0
}

// begin makes a session and returns its cookie's value.
func (s *sessions) begin() (string, error) {
	secret := newSecret()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	oldest := ""
	for hash, one := range s.live {
		if now.Sub(one.Used) > sessionIdle {
			delete(s.live, hash)
		} else if oldest == "" || one.Used.Before(s.live[oldest].Used) {
			oldest = hash
		}
	}
	if len(s.live) >= maxSessions {
		delete(s.live, oldest)
	}
	s.live[hashed(secret)] = &session{Created: now, Used: now}
	return secret, s.keep()
}

// known reports whether a cookie's value is that of a session.
func (s *sessions) known(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, now := s.live[hashed(secret)], s.now()
	if one == nil || now.Sub(one.Used) > sessionIdle {
		return false
	}
	if now.Sub(one.Used) > touchEvery {
		one.Used = now
		_ = s.keep() // it would only end earlier
	}
	return true
}

func (s *sessions) end(secret string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, hashed(secret))
	return s.keep()
}

// keep writes the sessions. The caller holds mu.
func (s *sessions) keep() error {
	text, err := json.Marshal(s.live)
	if err != nil {
		return err
	}
	return replaceFile(s.file, text)
}

// replaceFile writes a file of its owner whole or not at all.
func replaceFile(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// csrfOf is the token that a session's requests must bear: a page of another
// origin, which can make the browser send the cookie, cannot know it.
func csrfOf(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("salamander console request"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// cookieName has the port in it, since cookies are those of a host: two servers
// on one host would log each other out.
func cookieName(r *http.Request) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		return "salamander_session_" + port
	}
	return "salamander_session"
}

// sessionOf returns the cookie's value of a request that is logged in.
func (c *Console) sessionOf(r *http.Request) (string, bool) {
	for _, cookie := range r.CookiesNamed(cookieName(r)) {
		if c.doors.known(cookie.Value) {
			return cookie.Value, true
		}
	}
	return "", false
}

// admit demands a session, and of what changes something its token.
func (c *Console) admit(r *http.Request) error {
	secret, ok := c.sessionOf(r)
	if !ok {
		return &operation.Error{Code: "Unauthenticated", Message: "log in with the link that `salamander console` prints", Status: http.StatusUnauthorized}
	}
	if safe(r.Method) {
		return nil
	}
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Salamander-CSRF")), []byte(csrfOf(secret))) != 1 {
		return forbidden("the request bears no CSRF token of this session: load the page again")
	}
	return nil
}

// login exchanges a link's secret or the password for a cookie.
//
//	POST /api/login {"token"} | {"password"} -> 204
func (c *Console) login(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ Token, Password string }
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	refused := &operation.Error{Code: "Unauthenticated", Message: "the link was used already or is too old: `salamander console` prints a new one", Status: http.StatusUnauthorized}
	ok := false
	if in.Token != "" {
		ok = c.doors.byLink(in.Token)
	} else {
		refused.Message = "the password is wrong"
		if !c.doors.has {
			refused.Message = "no password is configured: use the link that `salamander console` prints"
		}
		var wait time.Duration
		if ok, wait = c.doors.byPassword(in.Password); wait > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(int(wait.Seconds())+1))
			return nil, &operation.Error{Code: "TooManyRequests", Message: "too many wrong passwords: wait a moment", Status: http.StatusTooManyRequests}
		}
	}
	if !ok {
		return nil, refused
	}
	secret, err := c.doors.begin()
	if err != nil {
		return nil, err
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName(r), Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil, MaxAge: int(sessionIdle.Seconds())})
	return nil, nil
}

// canLogin tells how to log in.
//
//	GET /api/login -> {"password": bool}
func (c *Console) canLogin(http.ResponseWriter, *http.Request) (any, error) {
	return map[string]bool{"password": c.doors.has}, nil
}

// logout ends the session.
//
//	POST /api/logout -> 204
func (c *Console) logout(w http.ResponseWriter, r *http.Request) (any, error) {
	secret, _ := c.sessionOf(r)
	http.SetCookie(w, &http.Cookie{Name: cookieName(r), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	return nil, c.doors.end(secret)
}
