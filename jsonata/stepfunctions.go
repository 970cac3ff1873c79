package jsonata

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"maps"
	"math"

	"salamander/internal/value"
)

// StepFunctions returns the functions that expressions in a state machine have: JSONata's
// without $eval, and $partition, $range, $hash, $random with a seed, $uuid and $parse.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
func StepFunctions() *Library { return stepFunctions }

// stepFunctions is built once and then only read.
var stepFunctions *Library

// defineStepFunctions makes stepFunctions of the library.
func defineStepFunctions() {
	l := maps.Clone(library)
	delete(l, "eval")
	define(l, "partition", "<an:a<a>>", fnPartition)
	define(l, "range", "<nnn:a<n>>", fnRange)
	define(l, "hash", "<s-s:s>", fnHash)
	define(l, "random", "<n?:n>", fnRandomSeeded)
	define(l, "uuid", "<:s>", fnUUID)
	define(l, "parse", "<s-:x>", fnParse)
	stepFunctions = &Library{l}
}

// invalid is the fault of an argument that a function of Step Functions cannot
// take.
func invalid(text string) *fault { return newFault("D3143").text(text) }

// fnPartition cuts an array into arrays of a size.
func fnPartition(c *call) any {
	if c.missing(0) || c.missing(1) {
		return undefined
	}
	size := c.num(1)
	if size < 1 || size != math.Trunc(size) {
		panic(invalid("The size of the parts must be a positive integer").index(2))
	}
	items := itemsOf(c.args[0])
	out := &array{}
	for len(items) > 0 {
		n := int(min(size, float64(len(items))))
		c.m.grow(3)
		out.items = append(out.items, &array{items: items[:n:n]})
		items = items[n:]
	}
	return out
}

// maxStepRange is how many numbers $range may give: what AWS's limit of memory
// lets it.
const maxStepRange = 360_145

// fnRange gives the numbers from the first to the last, both included, by a
// step. AWS gives a sequence: one number stands alone (recorded).
func fnRange(c *call) any {
	if c.missing(0) || c.missing(1) || c.missing(2) {
		return undefined
	}
	// AWS cuts the fractions off, and knows no bound but that of memory.
	first, last, step := math.Trunc(c.num(0)), math.Trunc(c.num(1)), math.Trunc(c.num(2))
	if step == 0 {
		panic(invalid("The step of the range must not be zero").index(3))
	}
	n := math.Floor((last-first)/step) + 1
	if n > maxStepRange {
		c.m.charge(math.MaxInt)
	}
	out := &array{seq: true}
	for i := 0.0; i < n; i++ {
		c.m.grow(2)
		out.items = append(out.items, box(first+i*step))
	}
	return out
}

// fnHash is a digest in hexadecimal.
func fnHash(c *call) any {
	if c.missing(0) || c.missing(1) {
		return undefined
	}
	data := []byte(c.str(0))
	c.m.charge(len(data))
	switch c.str(1) {
	case "MD5":
		h := md5.Sum(data)
		return hex.EncodeToString(h[:])
	case "SHA-1":
		h := sha1.Sum(data)
		return hex.EncodeToString(h[:])
	case "SHA-256":
		h := sha256.Sum256(data)
		return hex.EncodeToString(h[:])
	case "SHA-384":
		h := sha512.Sum384(data)
		return hex.EncodeToString(h[:])
	case "SHA-512":
		h := sha512.Sum512(data)
		return hex.EncodeToString(h[:])
	}
	panic(invalid("The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384 and SHA-512").index(2))
}

// fnRandomSeeded is $random; a seed always gives the same number. The
// generator is ours: AWS does not tell its own.
func fnRandomSeeded(c *call) any {
	if c.missing(0) {
		return fnRandom(c)
	}
	z := math.Float64bits(c.num(0)) + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return box(float64((z^z>>31)>>11) / (1 << 53))
}

// fnUUID is a version 4 UUID.
func fnUUID(c *call) any {
	var b [16]byte
	for i := range 2 {
		x := c.m.bits()
		for j := range 8 {
			b[8*i+j] = byte(x >> (8 * j))
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// fnParse reads JSON text.
func fnParse(c *call) any {
	if c.missing(0) {
		return undefined
	}
	c.m.charge(8 * len(c.str(0)))
	v, err := value.Parse([]byte(c.str(0)))
	if err != nil {
		panic(invalid("The argument is not JSON: " + err.Error()).index(1))
	}
	return v
}
