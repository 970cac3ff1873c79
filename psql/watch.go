package psql

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxInterval is the longest pause of \watch, in seconds.
const maxInterval = 1e9

// leadingNumber reads a number as the C library does: what follows it does
// not matter, and 0 stands for none.
func leadingNumber(text string) float64 {
	for n := min(len(text), 64); n > 0; n-- {
		if v, err := strconv.ParseFloat(text[:n], 64); err == nil && !math.IsNaN(v) {
			return v
		}
	}
	return 0
}

// cmdWatch runs the query again and again until it fails or the run is
// interrupted. As in psql 16, c=N bounds how often, and i=SEC is the interval.
func (sc *script) cmdWatch(name string) cmdStatus {
	s := sc.sh
	interval, count := 2.0, 0
	for {
		arg, ok := sc.arg(true)
		if !ok {
			break
		}
		text, bounded := strings.CutPrefix(arg, "c=")
		if bounded {
			n, err := strconv.Atoi(text)
			if err != nil || n <= 0 {
				s.errorf("\\%s: incorrect iteration count \"%s\"", name, text)
				return cmdError
			}
			count = n
			continue
		}
		text, named := strings.CutPrefix(arg, "i=")
		if interval = leadingNumber(text); named && (interval <= 0 || interval > maxInterval) {
			s.errorf("\\%s: incorrect interval value \"%s\"", name, text)
			return cmdError
		}
		if !(interval > 0) {
			interval = 1
		}
	}
	query := sc.buf
	if len(query) == 0 {
		query = sc.prev
	}
	status := cmdSkip
	if len(query) == 0 {
		s.errorf("\\watch cannot be used with an empty query")
		status = cmdError
	} else {
		if !s.watch(string(query), interval, count) {
			status = cmdError
		}
		fmt.Fprintln(s.stdout)
	}
	sc.buf, sc.nl = sc.buf[:0], -1
	sc.scan.Reset()
	return status
}

func (s *shell) watch(query string, interval float64, count int) bool {
	title := s.popt.title
	defer func() { s.popt.title = title }()
	pause := time.Duration(min(interval, maxInterval) * float64(time.Second))
	for n := 1; ; n++ {
		s.popt.title = fmt.Sprintf("%s (every %ss)\n", time.Now().Format(time.ANSIC), strconv.FormatFloat(interval, 'g', 6, 64))
		if title != "" {
			s.popt.title = title + "\t" + s.popt.title
		}
		if s.conn == nil {
			s.errorf("You are currently not connected to a database.")
			return false
		}
		start := time.Now()
		if ok, _ := s.run(query); !ok {
			return false
		}
		if s.timing {
			fmt.Fprintln(s.stdout, formatMillis(time.Since(start)))
		}
		s.flush()
		if n == count {
			return true
		}
		select {
		case <-s.ctx.Done():
			return true
		case <-time.After(pause):
		}
	}
}
