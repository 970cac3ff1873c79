package jsonata

// library is JSONata's own functions. It is built once and then only read.
var library map[string]*builtin

// It cannot be built in its declaration, for $eval compiles, and compiling
// looks functions up.
func init() {
	library = map[string]*builtin{}
	define(library, "sum", "<a<n>:n>", fnSum)
	define(library, "count", "<a:n>", fnCount)
	define(library, "max", "<a<n>:n>", fnMax)
	define(library, "min", "<a<n>:n>", fnMin)
	define(library, "average", "<a<n>:n>", fnAverage)
	define(library, "string", "<x-b?:s>", fnString)
	define(library, "substring", "<s-nn?:s>", fnSubstring)
	define(library, "substringBefore", "<s-s:s>", fnSubstringBefore)
	define(library, "substringAfter", "<s-s:s>", fnSubstringAfter)
	define(library, "lowercase", "<s-:s>", fnLowercase)
	define(library, "uppercase", "<s-:s>", fnUppercase)
	define(library, "length", "<s-:n>", fnLength)
	define(library, "trim", "<s-:s>", fnTrim)
	define(library, "pad", "<s-ns?:s>", fnPad)
	define(library, "match", "<s-f<s:o>n?:a<o>>", fnMatch)
	define(library, "contains", "<s-(sf):b>", fnContains)
	define(library, "replace", "<s-(sf)(sf)n?:s>", fnReplace)
	define(library, "split", "<s-(sf)n?:a<s>>", fnSplit)
	define(library, "join", "<a<s>s?:s>", fnJoin)
	define(library, "formatNumber", "<n-so?:s>", fnFormatNumber)
	define(library, "formatBase", "<n-n?:s>", fnFormatBase)
	define(library, "formatInteger", "<n-s:s>", fnFormatInteger)
	define(library, "parseInteger", "<s-s:n>", fnParseInteger)
	define(library, "number", "<(nsb)-:n>", fnNumber)
	define(library, "floor", "<n-:n>", fnFloor)
	define(library, "ceil", "<n-:n>", fnCeil)
	define(library, "round", "<n-n?:n>", fnRound)
	define(library, "abs", "<n-:n>", fnAbs)
	define(library, "sqrt", "<n-:n>", fnSqrt)
	define(library, "power", "<n-n:n>", fnPower)
	define(library, "random", "<:n>", fnRandom)
	define(library, "boolean", "<x-:b>", fnBoolean)
	define(library, "not", "<x-:b>", fnNot)
	define(library, "map", "<af>", fnMap)
	define(library, "zip", "<a+>", fnZip)
	define(library, "filter", "<af>", fnFilter)
	define(library, "single", "<af?>", fnSingle)
	define(library, "reduce", "<afj?:j>", fnReduce)
	define(library, "sift", "<o-f?:o>", fnSift)
	define(library, "keys", "<x-:a<s>>", fnKeys)
	define(library, "lookup", "<x-s:x>", fnLookup)
	define(library, "append", "<xx:a>", fnAppend)
	define(library, "exists", "<x:b>", fnExists)
	define(library, "spread", "<x-:a<o>>", fnSpread)
	define(library, "merge", "<a<o>:o>", fnMerge)
	define(library, "reverse", "<a:a>", fnReverse)
	define(library, "each", "<o-f:a>", fnEach)
	define(library, "error", "<s?:x>", fnError)
	define(library, "assert", "<bs?:x>", fnAssert)
	define(library, "type", "<x:s>", fnType)
	define(library, "sort", "<af?:a>", fnSort)
	define(library, "shuffle", "<a:a>", fnShuffle)
	define(library, "distinct", "<x:x>", fnDistinct)
	define(library, "base64encode", "<s-:s>", fnBase64Encode)
	define(library, "base64decode", "<s-:s>", fnBase64Decode)
	define(library, "encodeUrlComponent", "<s-:s>", fnEncodeURLComponent)
	define(library, "encodeUrl", "<s-:s>", fnEncodeURL)
	define(library, "decodeUrlComponent", "<s-:s>", fnDecodeURLComponent)
	define(library, "decodeUrl", "<s-:s>", fnDecodeURL)
	define(library, "eval", "<sx?:x>", fnEval)
	define(library, "toMillis", "<s-s?:n>", fnToMillis)
	define(library, "fromMillis", "<n-s?s?:s>", fnFromMillis)
	define(library, "clone", "<(oa)-:o>", fnClone)
	define(library, "now", "<s?s?:s>", fnNow)
	define(library, "millis", "<:n>", fnMillis)
	// Its second parameter has a default, so higher-order functions give it one.
	library["string"].arity = 1
	defineStepFunctions()
}

func define(to map[string]*builtin, name, sig string, run func(*call) any) {
	s, f := parseSignature(sig)
	if f != nil {
		panic("jsonata: signature of " + name)
	}
	to[name] = &builtin{name: name, text: sig, sig: s, arity: len(s.params), run: run}
}
