package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// An optionReader reads the options that follow COPY … FROM and UNLOAD … TO,
// which share their forms and many of their words.
type optionReader struct {
	*Statement
	n           []sqltext.Node
	i           int  // the next node
	credentials bool // some were given
	given       []string
	access      S3Access
}

// An S3Access is what a COPY or an UNLOAD says of the S3 endpoint that has its
// bucket.
type S3Access struct {
	AccessKey, Secret, Token string // "" where a role or nothing was given
	Region                   string // "" where not given
}

// keys reads the keys of CREDENTIALS 'aws_access_key_id=…;…'.
func (a *S3Access) keys(text string) {
	for pair := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		switch name {
		case "aws_access_key_id":
			a.AccessKey = value
		case "aws_secret_access_key":
			a.Secret = value
		case "token":
			a.Token = value
		}
	}
}

// skipAs passes over AS.
func (o *optionReader) skipAs() {
	if o.word(o.n, o.i) == "as" {
		o.i++
	}
}

// once tells that the option w was given before.
func (o *optionReader) once(w string, at int) error {
	if slices.Contains(o.given, w) {
		return &sqlstate.Error{Code: sqlstate.SyntaxError, Message: "conflicting or redundant options", At: o.n[at].Pos + 1}
	}
	o.given = append(o.given, w)
	return nil
}

// text reads [AS] 'text'.
func (o *optionReader) text() (string, error) {
	o.skipAs()
	if o.i >= len(o.n) {
		return "", o.unexpected(o.i, o.n)
	}
	o.i++
	return o.str(o.n[o.i-1])
}

// number reads [AS] 42.
func (o *optionReader) number() (int, error) {
	o.skipAs()
	if o.i >= len(o.n) || o.n[o.i].Kind != sqltext.Integer {
		return 0, o.unexpected(o.i, o.n)
	}
	o.i++
	return strconv.Atoi(o.n[o.i-1].Text(o.src))
}

// char reads [AS] 'c', a single character that what names; it may be written
// in octal, '\ddd'.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-delimiter
func (o *optionReader) char(what string) (byte, error) {
	v, err := o.text()
	if err != nil {
		return 0, err
	}
	c, octal := o.octal()
	if octal && c != 0 {
		return c, nil
	}
	if octal || len(v) != 1 {
		return 0, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: what + " must be a single character", At: o.n[o.i-1].Pos + 1}
	}
	return v[0], nil
}

// null reads [AS] 'text' of NULL AS, where '\0' and '\000' are a zero byte.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-null-as
func (o *optionReader) null() (string, error) {
	v, err := o.text()
	if c, ok := o.octal(); err == nil && ok && c == 0 {
		return "\x00", nil
	}
	return v, err
}

// octal is the character that the text just read means, where that is a
// backslash and up to three octal digits, and no more than ASCII.
func (o *optionReader) octal() (byte, bool) {
	text := strings.TrimLeft(o.n[o.i-1].Text(o.src), "eE")
	if len(text) < 4 || text[0] != '\'' || text[1] != '\\' {
		return 0, false
	}
	digits := strings.TrimPrefix(text[2:len(text)-1], "\\") // E'\\001' is \001 too
	n, err := strconv.ParseUint(digits, 8, 8)
	return byte(n), err == nil && len(digits) <= 3 && n < 0x80
}

// onOff reads ON, TRUE, OFF or FALSE; nothing means ON.
func (o *optionReader) onOff() bool {
	if o.word2(o.n, o.i, "off", "false") {
		o.i++
		return false
	}
	if o.word2(o.n, o.i, "on", "true") {
		o.i++
	}
	return true
}

// common reads the options that both statements have: the words that mean
// nothing, what authorizes, and REGION. w is the word before the next node. It
// reports whether it was one of them.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html
func (o *optionReader) common(w string) (bool, error) {
	var err error
	switch w {
	case "with", "as":
	case "region":
		o.access.Region, err = o.text()
	case "iam_role":
		o.credentials = true
		if o.word(o.n, o.i) == "default" {
			o.i++
			return true, nil
		}
		_, err = o.text()
	case "access_key_id":
		o.credentials = true
		o.access.AccessKey, err = o.text()
	case "secret_access_key":
		o.credentials = true
		o.access.Secret, err = o.text()
	case "session_token":
		o.credentials = true
		o.access.Token, err = o.text()
	case "credentials":
		o.credentials = true
		var v string
		v, err = o.text()
		o.access.keys(v)
		if err == nil && !strings.HasPrefix(v, "aws_iam_role=") && !strings.HasPrefix(v, "aws_access_key_id=") {
			err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: o.n[o.i-1].Pos + 1,
				Message: "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'"}
		}
	default:
		return false, nil
	}
	return true, err
}

// authorized tells that credentials are missing; the statement's URL is at at.
func (o *optionReader) authorized(at int) error {
	if (o.access.AccessKey == "") != (o.access.Secret == "") {
		return &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: at, Message: "ACCESS_KEY_ID and SECRET_ACCESS_KEY are needed together"}
	}
	if o.credentials {
		return nil
	}
	return &sqlstate.Error{Code: sqlstate.SyntaxError, At: at, Message: "CREDENTIALS argument is required but missing",
		Hint: "Add IAM_ROLE default or CREDENTIALS 'aws_iam_role=…'."}
}

// url reads s3://bucket/key at the next node.
func (o *optionReader) url(what string) (url, bucket, key string, at int, err error) {
	if o.i >= len(o.n) {
		return "", "", "", 0, o.unexpected(o.i, o.n)
	}
	at = o.n[o.i].Pos + 1
	if url, err = o.str(o.n[o.i]); err != nil {
		return "", "", "", 0, err
	}
	o.i++
	if bucket, key, err = splitURL(url); err != nil {
		return "", "", "", 0, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: at, Message: fmt.Sprintf("%s must be of the form s3://bucket/prefix", what),
			Hint: "The embedded warehouse knows s3:// only."}
	}
	return url, bucket, key, at, nil
}
