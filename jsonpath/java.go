package jsonpath

import (
	"math"
	"strings"

	"salamander/internal/value"
)

// provider is what Jayway's errors on AWS name.
const provider = "com.jayway.jsonpath.spi.json.JacksonJsonProvider"

// javaType names the class that Jackson reads a value into.
func javaType(v value.Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "java.lang.Boolean"
	case string:
		return "java.lang.String"
	case value.Array:
		return "java.util.ArrayList"
	case value.Number:
		if !v.IsInteger() {
			return "java.lang.Double"
		}
		i, ok := v.Int64()
		switch {
		case !ok:
			return "java.math.BigInteger"
		case i >= math.MinInt32 && i <= math.MaxInt32:
			return "java.lang.Integer"
		}
		return "java.lang.Long"
	}
	return "java.util.LinkedHashMap"
}

// javaText is a value as Java's toString gives it: {a=1, b=[x]}.
func javaText(v value.Value) string {
	var b strings.Builder
	writeJava(&b, v)
	return b.String()
}

func writeJava(b *strings.Builder, v value.Value) {
	switch v := v.(type) {
	case string:
		b.WriteString(v)
	case value.Array:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJava(b, e)
		}
		b.WriteByte(']')
	case *value.Object:
		b.WriteByte('{')
		for i, m := range v.Members() {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(m.Key + "=")
			writeJava(b, m.Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString(value.Text(v))
	}
}
