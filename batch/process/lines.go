package process

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"time"

	"salamander/batch"
)

// maxLine is where longer lines are cut: what the awslogs driver puts into one
// event at most.
const maxLine = 262144 - 26

// silence is how long output is awaited after the last process has gone: only
// one that has left session, directory and environment can still hold the
// pipe.
const silence = 250 * time.Millisecond

// copyLines gives what comes from f to out line by line, until its end, or
// until the deadline that somebody sets for f has passed in silence.
func copyLines(out batch.LineWriter, f *os.File) {
	defer f.Close()
	var s splitter
	buf := make([]byte, 32*1024)
	heard := false
	for {
		n, err := f.Read(buf)
		if n > 0 {
			heard = true
			s.write(buf[:n], func(line string) { out.Line(time.Now(), line) })
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && heard:
			heard = false
			err = f.SetReadDeadline(time.Now().Add(silence))
		case err == nil:
			continue
		}
		if err != nil {
			break
		}
	}
	s.end(func(line string) { out.Line(time.Now(), line) })
}

// A splitter makes lines of what a command prints: valid UTF-8, without their
// ends, and cut at maxLine bytes.
type splitter struct{ partial []byte }

func (s *splitter) write(p []byte, line func(string)) {
	for len(p) > 0 {
		n := bytes.IndexByte(p, '\n')
		ended := n >= 0
		if !ended {
			n = len(p)
		}
		s.partial = append(s.partial, p[:n]...)
		for len(s.partial) > maxLine {
			n := whole(s.partial, maxLine)
			line(text(s.partial[:n]))
			s.partial = append(s.partial[:0], s.partial[n:]...)
		}
		if !ended {
			return
		}
		line(text(s.partial))
		s.partial, p = s.partial[:0], p[n+1:]
	}
}

// end gives the last line, if no line end followed it.
func (s *splitter) end(line func(string)) {
	if len(s.partial) > 0 {
		line(text(s.partial))
		s.partial = nil
	}
}

func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }

// whole returns at most n such that p[:n] does not end within a character.
func whole(p []byte, n int) int {
	for i := n; i > n-4 && i > 0; i-- {
		if p[i]&0xC0 != 0x80 {
			return i
		}
	}
	return n
}
