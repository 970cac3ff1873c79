package jsonata

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// An integerFormat is a picture of $formatInteger, read.
//
// https://www.w3.org/TR/xpath-functions-31/#formatting-integers
type integerFormat struct {
	primary    byte // 'd' decimal, 'a' letters, 'i' roman, 'w' words, 's' a sequence
	token      string
	upper      bool
	title      bool
	ordinal    bool
	zero       rune
	mandatory  int
	optional   int
	separators []separator // from the right
	regular    int
	parseWidth int
}

type separator struct {
	at   int
	text string
}

// maxDigits is how many digits a picture may ask for.
const maxDigits = 10_000

func parseIntegerPicture(picture string) *integerFormat {
	f := &integerFormat{primary: 'd'}
	main := picture
	if i := strings.LastIndexByte(picture, ';'); i >= 0 {
		main = picture[:i]
		f.ordinal = strings.HasPrefix(picture[i+1:], "o")
	}
	switch main {
	case "A", "a":
		f.primary, f.upper = 'a', main == "A"
	case "I", "i":
		f.primary, f.upper = 'i', main == "I"
	case "W", "w", "Ww":
		f.primary, f.upper, f.title = 'w', main == "W", main == "Ww"
	default:
		f.decimal(main)
	}
	return f
}

func (f *integerFormat) decimal(main string) {
	runes := []rune(main)
	at := 0
	for _, r := range slices.Backward(runes) {
		switch zero, digit := zeroOf(r); {
		case digit:
			f.mandatory++
			at++
			if f.zero == 0 {
				f.zero = zero
			} else if f.zero != zero {
				panic(newFault("D3131"))
			}
		case r == '#':
			f.optional++
			at++
		default:
			f.separators = append(f.separators, separator{at, string(r)})
		}
	}
	if f.mandatory == 0 {
		f.primary, f.token = 's', main
		return
	}
	var positions []int
	for _, s := range f.separators {
		if s.text != f.separators[0].text {
			return
		}
		positions = append(positions, s.at)
	}
	f.regular = regularInterval(positions)
}

// zeroOf finds the zero of a decimal digit's family.
func zeroOf(r rune) (rune, bool) {
	if r < unicode.MaxASCII {
		return '0', r >= '0' && r <= '9'
	}
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	// Families are ten digits in a row, but mathematical ones (U+1D7CE) follow
	// one another.
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return r - (r-rune(t.Lo))%10, true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return r - (r-rune(t.Lo))%10, true
		}
	}
	return 0, false
}

func fnFormatInteger(c *call) any {
	if c.missing(0) {
		return undefined
	}
	c.m.picture(c.str(1))
	s := parseIntegerPicture(c.str(1)).format(math.Floor(c.num(0)))
	c.m.charge(len(s))
	return s
}

func (f *integerFormat) format(n float64) string {
	var s string
	abs := math.Abs(n)
	switch f.primary {
	case 'a':
		s = lettersOf(abs, f.upper)
	case 'i':
		s = romanOf(abs)
		if f.upper {
			s = strings.ToUpper(s)
		}
	case 'w':
		s = wordsOf(abs, false, f.ordinal)
		if f.upper {
			s = strings.ToUpper(s)
		} else if !f.title {
			s = strings.ToLower(s)
		}
	case 'd':
		s = f.digits(abs)
	default:
		panic(newFault("D3130").value(f.token))
	}
	if n < 0 {
		s = "-" + s
	}
	return s
}

func (f *integerFormat) digits(n float64) string {
	digits := strconv.FormatFloat(n, 'f', -1, 64)
	if pad := f.mandatory - len(digits); pad > 0 {
		digits = strings.Repeat("0", min(pad, maxDigits)) + digits
	}
	var b strings.Builder
	for i, r := range digits {
		left := len(digits) - i
		if i > 0 && f.regular > 0 && left%f.regular == 0 {
			b.WriteString(f.separators[0].text)
		} else if f.regular == 0 {
			for _, s := range slices.Backward(f.separators) {
				if s.at == left {
					b.WriteString(s.text)
				}
			}
		}
		b.WriteRune(r - '0' + f.zero)
	}
	if !f.ordinal {
		return b.String()
	}
	suffix := "th"
	if len(digits) < 2 || digits[len(digits)-2] != '1' {
		switch digits[len(digits)-1] {
		case '1':
			suffix = "st"
		case '2':
			suffix = "nd"
		case '3':
			suffix = "rd"
		}
	}
	return b.String() + suffix
}

func lettersOf(n float64, upper bool) string {
	first := 'a'
	if upper {
		first = 'A'
	}
	var letters []rune
	for n > 0 {
		letters = append(letters, first+rune(math.Mod(n-1, 26)))
		n = math.Floor((n - 1) / 26)
	}
	slices.Reverse(letters)
	return string(letters)
}

func romanOf(n float64) string {
	if n > 1_000_000 {
		panic(newFault("D3143").text("The number is too large for roman numerals"))
	}
	var b strings.Builder
	values := [...]float64{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	texts := [...]string{"m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"}
	for i, v := range values {
		for n >= v {
			b.WriteString(texts[i])
			n -= v
		}
	}
	return b.String()
}

func smallWord(n int) string {
	return [...]string{"Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
		"Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"}[n]
}

func ordinalWord(n int) string {
	return [...]string{"Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth",
		"Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"}[n]
}

func decadeWord(n int) string {
	return [...]string{"Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"}[n]
}

func magnitudeWord(n int) string {
	return [...]string{"Thousand", "Million", "Billion", "Trillion"}[n]
}

// wordsOf spells a number; joined follows larger parts of it.
func wordsOf(n float64, joined, ordinal bool) string {
	link := func(s string) string {
		if joined {
			return s
		}
		return ""
	}
	ending := func(rest float64) string {
		if rest > 0 {
			return wordsOf(rest, true, ordinal)
		}
		if ordinal {
			return "th"
		}
		return ""
	}
	switch {
	case n <= 19:
		if ordinal {
			return link(" and ") + ordinalWord(int(n))
		}
		return link(" and ") + smallWord(int(n))
	case n < 100:
		word := decadeWord(int(n)/10 - 2)
		if rest := int(n) % 10; rest > 0 {
			word += "-" + wordsOf(float64(rest), false, ordinal)
		} else if ordinal {
			word = word[:len(word)-1] + "ieth"
		}
		return link(" and ") + word
	case n < 1000:
		return link(", ") + smallWord(int(n)/100) + " Hundred" + ending(math.Mod(n, 100))
	}
	mag := min(int(math.Floor(math.Log10(n)/3)), 4)
	if n < math.Pow10(mag*3) {
		mag--
	}
	factor := math.Pow10(mag * 3)
	whole := math.Floor(n / factor)
	return link(", ") + wordsOf(whole, false, false) + " " + magnitudeWord(mag-1) + ending(n-whole*factor)
}

// wordValues gives the value of each word of a number.
func wordValues() map[string]float64 {
	values := map[string]float64{"hundredth": 100}
	for i := range 20 {
		values[strings.ToLower(smallWord(i))] = float64(i)
		values[strings.ToLower(ordinalWord(i))] = float64(i)
	}
	for i := range 9 {
		w := strings.ToLower(decadeWord(i))
		values[w] = float64((i + 2) * 10)
		values[w[:len(w)-1]+"ieth"] = values[w]
	}
	for i := range 4 {
		w := strings.ToLower(magnitudeWord(i))
		values[w] = math.Pow10((i + 1) * 3)
		values[w+"th"] = values[w]
	}
	return values
}

func fnParseInteger(c *call) any {
	if c.missing(0) {
		return undefined
	}
	c.m.charge(4 * len(c.str(0)))
	c.m.picture(c.str(1))
	f := parseIntegerPicture(c.str(1)).parse(c.str(0))
	if math.IsNaN(f) {
		return undefined
	}
	return box(f)
}

// parse reads a number in the format. It is NaN where there is none.
func (f *integerFormat) parse(s string) float64 {
	switch f.primary {
	case 'a':
		first := 'a'
		if f.upper {
			first = 'A'
		}
		var n float64
		for _, r := range s {
			n = n*26 + float64(r-first+1)
		}
		return n
	case 'i':
		return parseRoman(strings.ToUpper(s))
	case 'w':
		return parseWords(strings.ToLower(s))
	case 's':
		panic(newFault("D3130").value(f.token))
	}
	if f.ordinal && len(s) >= 2 {
		s = s[:len(s)-2]
	}
	for _, sep := range f.separators {
		s = strings.ReplaceAll(s, sep.text, "")
	}
	n, digits, neg := 0.0, 0, false
	for i, r := range s {
		if i == 0 && (r == '-' || r == '+') {
			neg = r == '-'
			continue
		}
		d := r - f.zero
		if d < 0 || d > 9 {
			break
		}
		n = n*10 + float64(d)
		digits++
	}
	if digits == 0 {
		return math.NaN()
	}
	if neg {
		return -n
	}
	return n
}

func parseRoman(s string) float64 {
	var n, top float64 = 0, 1
	for i := len(s) - 1; i >= 0; i-- {
		v, ok := map[byte]float64{'M': 1000, 'D': 500, 'C': 100, 'L': 50, 'X': 10, 'V': 5, 'I': 1}[s[i]]
		switch {
		case !ok:
			return math.NaN()
		case v < top:
			n -= v
		default:
			top = v
			n += v
		}
	}
	return n
}

func parseWords(s string) float64 {
	s = strings.NewReplacer(", ", " ", " and ", " ", "-", " ").Replace(s)
	values := wordValues()
	parts := []float64{0}
	for _, w := range strings.Fields(s) {
		v, ok := values[w]
		if !ok {
			return math.NaN()
		}
		top := parts[len(parts)-1]
		switch {
		case v >= 100:
			parts[len(parts)-1] = top * v
		case top >= 1000:
			parts = append(parts, v)
		default:
			parts[len(parts)-1] = top + v
		}
	}
	var sum float64
	for _, p := range parts {
		sum += p
	}
	return sum
}
