package sigv4

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The values that x-amz-content-sha256 has instead of a hash.
const (
	UnsignedPayload        = "UNSIGNED-PAYLOAD"
	StreamingUnsigned      = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	StreamingSigned        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingSignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"

	algorithm    = "AWS4-HMAC-SHA256"
	timeFormat   = "20060102T150405Z"
	emptyHash    = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	hashHeader   = "X-Amz-Content-Sha256"
	signatureKey = "X-Amz-Signature"
)

// HashPayload returns the hash of a body as a signature contains it.
func HashPayload(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func hmac256(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

// signingKey derives the key of a day, region and service.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func signingKey(secret, date, region, service string) []byte {
	k := hmac256([]byte("AWS4"+secret), date)
	k = hmac256(k, region)
	k = hmac256(k, service)
	return hmac256(k, "aws4_request")
}

// canonicalPaths returns the forms in which signers write the path, the usual
// one first. S3 encodes the path once and does not clean it; everybody else
// encodes the encoded path again, and some clients clean it before.
func canonicalPaths(u *url.URL, service string) []string {
	sent := u.EscapedPath()
	if sent == "" {
		sent = "/"
	}
	var forms []string
	if service == "s3" {
		forms = []string{escape(u.Path, true), sent}
		if u.Path == "" {
			forms[0] = "/"
		}
	} else {
		forms = []string{escape(cleanPath(sent), true), escape(sent, true), cleanPath(sent)}
	}
	return slices.Compact(forms)
}

// cleanPath removes dot segments and empty segments, and keeps a final slash.
func cleanPath(p string) string {
	var out []string
	for _, seg := range strings.Split(p, "/") {
		switch seg {
		case "", ".":
		case "..":
			out = out[:max(len(out)-1, 0)]
		default:
			out = append(out, seg)
		}
	}
	clean := "/" + strings.Join(out, "/")
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// escape percent-encodes as AWS does: all but letters, digits, "-._~", and
// the slash where keepSlash says so.
func escape(s string, keepSlash bool) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == '/' && keepSlash:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// canonicalQuery sorts and re-encodes the query without the signature itself.
func canonicalQuery(raw string) string {
	var pairs [][2]string
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		k, v, _ := strings.Cut(part, "=")
		k, v = unescapeQuery(k), unescapeQuery(v)
		if k == signatureKey {
			continue
		}
		pairs = append(pairs, [2]string{escape(k, false), escape(v, false)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p[0])
		b.WriteByte('=')
		b.WriteString(p[1])
	}
	return b.String()
}

// unescapeQuery decodes s, or leaves it where it is not an encoding.
func unescapeQuery(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// canonicalHeaders writes the headers named, which are in lower case and
// sorted, one a line.
func canonicalHeaders(r *http.Request, names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name)
		b.WriteByte(':')
		for i, v := range headerValues(r, name) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(collapse(v))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// headerValues returns what the client sent as a header, also those that
// net/http keeps elsewhere.
func headerValues(r *http.Request, name string) []string {
	switch name {
	case "host":
		if r.Host == "" && r.URL != nil {
			return []string{r.URL.Host}
		}
		return []string{r.Host}
	case "content-length":
		if len(r.Header.Values(name)) == 0 && r.ContentLength >= 0 {
			return []string{strconv.FormatInt(r.ContentLength, 10)}
		}
	case "transfer-encoding":
		if len(r.TransferEncoding) > 0 {
			return r.TransferEncoding
		}
	}
	return r.Header.Values(name)
}

// collapse trims v and makes every run of spaces in it one space.
func collapse(v string) string {
	v = strings.Trim(v, " \t")
	if !strings.Contains(v, "  ") {
		return v
	}
	out := make([]byte, 0, len(v))
	for i := range len(v) {
		if v[i] == ' ' && bytes.HasSuffix(out, []byte{' '}) {
			continue
		}
		out = append(out, v[i])
	}
	return string(out)
}

// canonicalRequest joins the parts of the text that is signed.
func canonicalRequest(r *http.Request, path, query string, signed []string, payloadHash string) string {
	return r.Method + "\n" + path + "\n" + query + "\n" +
		canonicalHeaders(r, signed) + "\n" + strings.Join(signed, ";") + "\n" + payloadHash
}

func stringToSign(amzDate, scope, canonical string) string {
	return algorithm + "\n" + amzDate + "\n" + scope + "\n" + HashPayload([]byte(canonical))
}
