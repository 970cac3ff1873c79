package s3rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"salamander/api/sigv4"
	"salamander/operation"
)

// maxForm is the most bytes that the fields of a posted form may have.
const maxForm = 20 << 10

// A form is a posted form up to its file.
type form struct {
	fields map[string]string // by name in lower case
	file   *multipart.Part
}

// postObject stores the file of a form that a browser posted. The form's
// policy, which is signed, says what it may contain.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
func (x *exchange) postObject() error {
	f, err := readForm(x.r)
	if err != nil {
		return err
	}
	policy, err := x.formPolicy(f)
	if err != nil {
		return err
	}
	if err := policy.check(f, x.target.bucket, x.opt.Now()); err != nil {
		return err
	}
	x.target.key = strings.ReplaceAll(f.fields["key"], "${filename}", f.file.FileName())
	x.target.operation = "PutObject"
	doc, err := x.formMembers(f)
	if err != nil {
		return err
	}
	req := &operation.Request{Caller: x.caller, Body: policy.limit(f.file)}
	if req.Input, err = json.Marshal(doc); err != nil {
		return err
	}
	resp, err := x.reg.Call(x.r.Context(), "s3", "PutObject", req)
	if err != nil {
		return err
	}
	return x.posted(f, resp)
}

func readForm(r *http.Request) (form, error) {
	f := form{fields: map[string]string{}}
	malformed := &operation.Error{Code: "MalformedPOSTRequest", Message: "The body of your POST request is not well-formed multipart/form-data."}
	parts, err := r.MultipartReader()
	if err != nil {
		malformed.Cause = err
		return f, malformed
	}
	size := 0
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return f, &operation.Error{Code: "InvalidArgument", Message: "POST requires exactly one file upload per request.",
				Members: map[string]any{"ArgumentName": "file", "ArgumentValue": "0"}}
		}
		if err != nil {
			malformed.Cause = err
			return f, malformed
		}
		name := strings.ToLower(p.FormName())
		if name == "file" {
			f.file = p
			return f, nil
		}
		value, err := io.ReadAll(io.LimitReader(p, maxForm+1))
		if err != nil {
			malformed.Cause = err
			return f, malformed
		}
		if size += len(name) + len(value); size > maxForm {
			return f, &operation.Error{Code: "MaxPostPreDataLengthExceeded", Message: "Your POST request fields preceding the upload file was too large.",
				Members: map[string]any{"MaxPostPreDataLengthBytes": maxForm}}
		}
		f.fields[name] = string(value)
	}
}

// formPolicy authenticates the form.
func (x *exchange) formPolicy(f form) (*policy, error) {
	sig, err := sigv4.ParseForm(func(name string) string { return f.fields[name] })
	if errors.Is(err, sigv4.ErrUnsigned) {
		return nil, accessDenied("Access Denied")
	}
	if err != nil {
		return nil, x.signatureError(sig, err)
	}
	secret, caller, err := x.creds.Lookup(x.r.Context(), sig.AccessKey, sig.SessionToken, sig.Region)
	if err != nil {
		return nil, credentialsError(sig, err)
	}
	if err := sig.VerifyForm(f.fields["policy"], secret); err != nil {
		return nil, x.signatureError(sig, err)
	}
	x.caller = caller
	return parsePolicy(f.fields["policy"])
}

// formMembers makes PutObject's document: the fields stand for headers.
func (x *exchange) formMembers(f form) (map[string]any, error) {
	if f.fields["key"] == "" {
		return nil, &operation.Error{Code: "InvalidArgument", Message: "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
			Members: map[string]any{"ArgumentName": "key", "ArgumentValue": ""}}
	}
	doc := map[string]any{"Bucket": x.target.bucket, "Key": x.target.key}
	wanted := strings.Fields(x.routes["PutObject"].members)
	for name, value := range f.fields {
		switch name {
		case "acl":
			name = "x-amz-acl"
		case "tagging":
			name = "x-amz-tagging"
		}
		if err := x.header(doc, wanted, http.CanonicalHeaderKey(name), value); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// posted answers as the form asks for.
func (x *exchange) posted(f form, resp *operation.Response) error {
	var out struct{ ETag string }
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		return err
	}
	location := "http://" + x.r.Host + "/" + x.target.bucket + "/" + (&url.URL{Path: x.target.key}).EscapedPath()
	h := x.w.Header()
	h["ETag"] = []string{out.ETag}
	h.Set("Location", location)
	redirect := f.fields["success_action_redirect"]
	if redirect == "" {
		redirect = f.fields["redirect"]
	}
	if to, err := url.Parse(redirect); redirect != "" && err == nil && (to.Scheme == "http" || to.Scheme == "https") {
		q := to.Query()
		q.Set("bucket", x.target.bucket)
		q.Set("key", x.target.key)
		q.Set("etag", out.ETag)
		to.RawQuery = q.Encode()
		h.Set("Location", to.String())
		x.w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	switch f.fields["success_action_status"] {
	case "200":
		x.w.WriteHeader(http.StatusOK)
	case "201":
		doc, err := json.Marshal(struct{ Location, Bucket, Key, ETag string }{location, x.target.bucket, x.target.key, out.ETag})
		if err != nil {
			return err
		}
		rt := route{root: "PostResponse", status: http.StatusCreated}
		return x.answer(rt, &operation.Response{Output: doc})
	default:
		x.w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

func accessDenied(message string) error {
	return &operation.Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: message}
}

// bounded reads a file that must have between min and max bytes.
type bounded struct {
	r             io.Reader
	min, max, got int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.got += int64(n)
	bad := func(code, message, name string, limit int64) error {
		return &operation.Error{Code: code, Message: message, Members: map[string]any{"ProposedSize": fmt.Sprint(b.got), name: fmt.Sprint(limit)}}
	}
	switch {
	case b.got > b.max:
		return n, bad("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", "MaxSizeAllowed", b.max)
	case errors.Is(err, io.EOF) && b.got < b.min:
		return n, bad("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", "MinSizeAllowed", b.min)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, &operation.Error{Code: "IncompleteBody", Message: "The request body terminated unexpectedly", Cause: err}
	}
	return n, err
}
