//go:build cgo

package duck

// plainInteger reads digits, with a sign or without, that surely fit.
func plainInteger(b []byte) (int64, bool) {
	i, negative := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i, negative = 1, b[0] == '-'
	}
	if len(b) == i || len(b) > i+18 {
		return 0, false
	}
	n := int64(0)
	for _, c := range b[i:] {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	if negative {
		n = -n
	}
	return n, true
}

// digits reads a number of digits only, -1 where there is another byte.
func digits(b []byte) int {
	n := 0
	for _, c := range b {
		if c -= '0'; c > 9 {
			return -1
		}
		n = n*10 + int(c)
	}
	return n
}

// plainDate reads a date as 2026-03-01, in days since 1970.
func plainDate(b []byte) (days int64, ok bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	year, month, day := digits(b[:4]), digits(b[5:7]), digits(b[8:])
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) {
		return 0, false
	}
	return civil(year, month, day), true
}

// plainTimestamp reads a time as 2026-03-01 10:11:12, with up to six digits of
// a second's fraction, or a date alone, in microseconds since 1970.
func plainTimestamp(b []byte) (micros int64, ok bool) {
	if len(b) < 10 {
		return 0, false
	}
	days, ok := plainDate(b[:10])
	if !ok || len(b) == 10 {
		return days * 86400e6, ok
	}
	if len(b) < 19 || b[10] != ' ' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	hour, minute, second := digits(b[11:13]), digits(b[14:16]), digits(b[17:19])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, false
	}
	micros = days*86400e6 + int64(hour*3600+minute*60+second)*1e6
	if len(b) == 19 {
		return micros, true
	}
	fraction := digits(b[20:])
	if b[19] != '.' || len(b) == 20 || len(b) > 26 || fraction < 0 {
		return 0, false
	}
	for i := len(b); i < 26; i++ {
		fraction *= 10
	}
	return micros + int64(fraction), true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// civil is the number of days from 1970 to a date of the years from 1 on.
//
// https://howardhinnant.github.io/date_algorithms.html#days_from_civil
func civil(year, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era, shifted := year/400, (month+9)%12 // the year begins with March
	ofEra := year - era*400
	ofYear := (153*shifted+2)/5 + day - 1
	return int64(era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468)
}
