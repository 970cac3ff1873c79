package fetchrun

import (
	"context"
	"errors"
	"io"
	"syscall"
	"time"
)

// patience is how long nobody may answer at the endpoint: so long a server may
// take to come back after it was killed, which its jobs outlive.
const patience = time.Minute

// patiently calls try again while it fails because nobody answers, or the
// answer breaks off.
func (r *runner) patiently(ctx context.Context, try func() error) error {
	deadline := time.Now().Add(patience)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := try()
		if err == nil || !away(err) || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// away reports whether err tells that a server is not there, or went away.
func away(err error) bool {
	for _, e := range []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
