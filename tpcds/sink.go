package tpcds

import (
	"io"
	"strconv"
	"time"
)

// A sink writes rows of '~'-delimited fields. After an error of the writer it
// goes on without writing and keeps the error.
type sink struct {
	w   io.Writer
	buf []byte
	err error
}

const delimiter = '~'

func (s *sink) str(v string) {
	s.buf = append(s.buf, v...)
	s.buf = append(s.buf, delimiter)
}

func (s *sink) int(n int) {
	s.buf = strconv.AppendInt(s.buf, int64(n), 10)
	s.buf = append(s.buf, delimiter)
}

// key writes a surrogate key; 0 is NULL.
func (s *sink) key(n int) {
	if n != 0 {
		s.buf = strconv.AppendInt(s.buf, int64(n), 10)
	}
	s.buf = append(s.buf, delimiter)
}

// money writes hundredths with two decimals.
func (s *sink) money(cents int) {
	if cents < 0 {
		s.buf = append(s.buf, '-')
		cents = -cents
	}
	s.buf = strconv.AppendInt(s.buf, int64(cents/100), 10)
	s.buf = append(s.buf, '.', byte('0'+cents/10%10), byte('0'+cents%10), delimiter)
}

// date writes a day number; 0 is NULL.
func (s *sink) date(sk int) {
	if sk != 0 {
		s.buf = dayOf(sk).AppendFormat(s.buf, time.DateOnly)
	}
	s.buf = append(s.buf, delimiter)
}

func (s *sink) flag(v bool) {
	if v {
		s.str("Y")
	} else {
		s.str("N")
	}
}

// end ends the row.
func (s *sink) end() {
	s.buf[len(s.buf)-1] = '\n'
	if len(s.buf) >= 64<<10 {
		s.flush()
	}
}

func (s *sink) flush() {
	if s.err == nil {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

// firstDay is the d_date_sk of 1900-01-02, the first row of date_dim. The
// keys are Julian day numbers.
const firstDay = 2415022

func dayOf(sk int) time.Time {
	return time.Date(1900, 1, 2+sk-firstDay, 0, 0, 0, 0, time.UTC)
}

// DateKey returns the d_date_sk of a day: 2452642 for 2003-01-02.
func DateKey(day time.Time) int {
	y, m, d := day.Date()
	hours := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(dayOf(firstDay)) / time.Hour
	return firstDay + int(hours)/24
}

// businessKey writes a number as 16 letters from A to P, lowest digit first
// behind eight letters A, as the business keys of TPC-DS look.
func businessKey(n int) string {
	var b [16]byte
	for i := range b {
		b[i] = 'A'
		if i >= 8 {
			b[i] += byte(n >> (4 * (i - 8)) & 15)
		}
	}
	return string(b[:])
}
