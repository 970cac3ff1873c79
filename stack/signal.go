package stack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// SignalPath is where custom resources and wait conditions answer: a token
// follows, which nobody can guess.
const SignalPath = "/_salamander/cloudformation/"

// maxSignal is the size of an answer in bytes at most, as for AWS.
const maxSignal = 4096 << 4

func eventID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:4]) + "-" + hex.EncodeToString(b[4:6]) + "-" + hex.EncodeToString(b[6:8]) + "-" + hex.EncodeToString(b[8:10]) + "-" + hex.EncodeToString(b[10:])
}

// Handler takes the answers of custom resources and wait conditions, PUT at
// the URL that they were given. An answer is durable when it is acknowledged.
func (s *Stacks) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.URL.Path, SignalPath)
		switch {
		case !ok || token == "":
			http.NotFound(w, r)
			return
		case r.Method != http.MethodPut:
			w.Header().Set("Allow", http.MethodPut)
			http.Error(w, "an answer is put", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSignal))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		if !json.Valid(body) {
			http.Error(w, "the answer is not JSON", http.StatusBadRequest)
			return
		}
		switch err := s.Signal(r.Context(), token, body); {
		case errors.Is(err, ErrNotFound):
			http.Error(w, "nobody waits for this answer", http.StatusForbidden)
		case err != nil:
			s.opt.Log.Error("stack signal", "err", err)
			http.Error(w, "internal error", http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusOK)
		}
	})
}

// Signal takes an answer for a token. It returns [ErrNotFound] where nobody
// waits for it.
func (s *Stacks) Signal(ctx context.Context, token string, body []byte) error {
	if err := s.opt.Store.Signal(ctx, token, body); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch := s.signals[token]; ch != nil {
		close(ch)
		delete(s.signals, token)
	}
	return nil
}

// signalled returns a channel that is closed with the next answer for a token.
func (s *Stacks) signalled(token string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.signals[token] == nil {
		s.signals[token] = make(chan struct{})
	}
	return s.signals[token]
}

// url returns the address to answer at, and opens its token.
func (c *call) url(token string) (string, error) {
	if err := c.s.opt.Store.OpenSignal(c.ctx, token); err != nil {
		return "", err
	}
	return c.s.opt.Endpoint() + SignalPath + token, nil
}
