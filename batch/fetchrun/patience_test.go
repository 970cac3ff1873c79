package fetchrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// absent is a Fetcher whose server comes back at a time, and whose first
// answer breaks off.
type absent struct {
	back  time.Time
	err   error
	broke bool
}

func (f *absent) Fetch(context.Context, string, string) (io.ReadCloser, error) {
	switch {
	case time.Now().Before(f.back):
		return nil, fmt.Errorf("Get: %w", f.err)
	case !f.broke:
		f.broke = true
		return io.NopCloser(io.MultiReader(strings.NewReader("half"), broken{})), nil
	}
	return io.NopCloser(strings.NewReader("whole")), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestWaitsForAServerThatComesBack(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, tt := range []struct {
		away, took time.Duration
		err        error
		want       string
	}{
		{30 * time.Second, 31 * time.Second, refused, ""},
		{time.Hour, patience, refused, "connection refused"},
		{time.Second, 0, errors.New("NoSuchKey"), "NoSuchKey"},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			file := filepath.Join(t.TempDir(), "f")
			r := &runner{fetch: &absent{back: began.Add(tt.away), err: tt.err}}
			err := r.download(t.Context(), "s3://b/k", file, 0o600)
			if tt.want == "" {
				if text, _ := os.ReadFile(file); err != nil || string(text) != "whole" {
					t.Errorf("away for %v: got %q, %v", tt.away, text, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("away for %v: got %v; want %q", tt.away, err, tt.want)
			}
			if took := time.Since(began); took > tt.took+time.Second || took < tt.took-2*time.Second {
				t.Errorf("away for %v: took %v", tt.away, took)
			}
		})
	}
}
