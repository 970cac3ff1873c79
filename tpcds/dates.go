package tpcds

import (
	"fmt"
	"time"
)

// Dates that the data turns around, as d_date_sk.
var (
	firstSale = DateKey(time.Date(1998, 1, 2, 0, 0, 0, 0, time.UTC))
	lastSale  = DateKey(time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC))
	today     = DateKey(time.Date(2003, 1, 8, 0, 0, 0, 0, time.UTC)) // what the d_current columns say
)

func writeDates(s *sink, from, to int) {
	for i := from; i < to; i++ {
		writeDate(s, firstDay+i)
	}
}

func writeDate(s *sink, sk int) {
	day := dayOf(sk)
	y, m, d := day.Date()
	dow := int(day.Weekday())
	month := (y-1900)*12 + int(m) - 1
	week := (sk-firstDay+2)/7 + 1 // weeks start on Sunday; 1900-01-02 was a Tuesday
	quarter := (y-1900)*4 + (int(m)-1)/3 + 1
	qoy := (int(m)-1)/3 + 1
	first := sk - d + 1
	next := time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
	now := dayOf(today)
	s.int(sk)
	s.str(businessKey(sk))
	s.date(sk)
	s.int(month)
	s.int(week)
	s.int(quarter)
	s.int(y)
	s.int(dow)
	s.int(int(m))
	s.int(d)
	s.int(qoy)
	s.int(y)
	s.int(quarter)
	s.int(week)
	s.str(day.Weekday().String())
	s.str(fmt.Sprintf("%04dQ%d", y, qoy))
	s.flag(holiday(m, d))
	s.flag(dow == 0 || dow == 6)
	before := dayOf(sk - 1)
	s.flag(holiday(before.Month(), before.Day()))
	s.int(first)
	s.int(DateKey(next) - 1)
	s.int(DateKey(time.Date(y-1, m, min(d, daysIn(y-1, m)), 0, 0, 0, 0, time.UTC)))
	s.int(sameDayLastQuarter(y, m, d))
	s.flag(sk == today)
	s.flag(week == (today-firstDay+2)/7+1)
	s.flag(y == now.Year() && m == now.Month())
	s.flag(y == now.Year() && qoy == (int(now.Month())-1)/3+1)
	s.flag(y == now.Year())
	s.end()
}

func daysIn(y int, m time.Month) int { return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

func sameDayLastQuarter(y int, m time.Month, d int) int {
	first := time.Date(y, m-3, 1, 0, 0, 0, 0, time.UTC)
	return DateKey(first) + min(d, daysIn(first.Year(), first.Month())) - 1
}

func holiday(m time.Month, d int) bool {
	switch m {
	case time.January:
		return d == 1
	case time.July:
		return d == 4
	case time.December:
		return d == 24 || d == 25 || d == 31
	}
	return false
}

func writeTimes(s *sink, from, to int) {
	for t := from; t < to; t++ {
		hour := t / 3600
		s.int(t)
		s.str(businessKey(t + 1))
		s.int(t)
		s.int(hour)
		s.int(t / 60 % 60)
		s.int(t % 60)
		if hour < 12 {
			s.str("AM")
		} else {
			s.str("PM")
		}
		s.str([]string{"third", "first", "second"}[hour/8])
		s.str(subShift(hour))
		s.str(meal(hour))
		s.end()
	}
}

func subShift(hour int) string {
	switch {
	case hour < 6:
		return "night"
	case hour < 12:
		return "morning"
	case hour < 18:
		return "afternoon"
	}
	return "evening"
}

func meal(hour int) string {
	switch {
	case hour >= 6 && hour < 9:
		return "breakfast"
	case hour >= 11 && hour < 14:
		return "lunch"
	case hour >= 17 && hour < 21:
		return "dinner"
	}
	return ""
}
