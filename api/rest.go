package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"salamander/internal/awsmodel"
	"salamander/operation"
)

// restCodec is REST-JSON: members in path, query, headers and body.
type restCodec struct{}

func (restCodec) decode(req *operation.Request, t target, r *http.Request, body []byte) error {
	s := t.op.Input
	in := map[string]any{}
	if s == nil {
		return check(req, t.op, in)
	}
	var err error
	if s.Payload == "" {
		in, err = jsonBody(s, body)
	} else {
		err = restPayload(req, in, s.Member(s.Payload), body)
	}
	if err != nil {
		return err
	}
	for _, m := range s.Members {
		v, err := located(m, t, r)
		if err != nil {
			return err
		}
		if v != nil {
			in[m.Name] = v
		}
	}
	return check(req, t.op, in)
}

// restPayload reads the member that is the whole body. A blob is given as a
// stream too, for operations that take one.
func restPayload(req *operation.Request, in map[string]any, m *awsmodel.Member, body []byte) error {
	if m.Shape.Type == "blob" {
		req.Body = bytes.NewReader(body)
		if len(body) > 0 && !m.Streaming {
			in[m.Name] = base64.StdEncoding.EncodeToString(body)
		}
		return nil
	}
	v, err := jsonBody(m.Shape, body)
	if err == nil && len(bytes.TrimSpace(body)) > 0 {
		in[m.Name] = v
	}
	return err
}

// located returns a member that is not in the body, or nil.
func located(m *awsmodel.Member, t target, r *http.Request) (any, error) {
	var values []string
	switch m.In {
	case "uri":
		if v, ok := t.params[m.Wire]; ok {
			values = []string{v}
		}
	case "querystring":
		values = r.URL.Query()[m.Wire]
	case "header":
		values = r.Header.Values(m.Wire)
	case "headers":
		return prefixed(m, r.Header), nil
	}
	if len(values) == 0 {
		return nil, nil
	}
	if m.Shape.Type != "list" {
		return scalarOf(m.Shape, values[0])
	}
	list := make([]any, len(values))
	for i, text := range values {
		v, err := scalarOf(m.Shape.Elem, text)
		if err != nil {
			return nil, err
		}
		list[i] = v
	}
	return list, nil
}

func prefixed(m *awsmodel.Member, h http.Header) any {
	out := map[string]any{}
	for name := range h {
		if rest, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(m.Wire)); ok && rest != "" {
			out[rest] = h.Get(name)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// scalarOf reads a value of shape s from text of a path, query, header or form.
func scalarOf(s *awsmodel.Shape, text string) (any, error) {
	switch s.Type {
	case "boolean":
		b, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return nil, serialization(fmt.Sprintf("%s can not be converted to a Boolean", quote(text)))
		}
		return b, nil
	case "integer", "long", "short":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, serialization(fmt.Sprintf("%s can not be converted to an Integer", quote(text)))
		}
		return json.Number(strconv.FormatInt(n, 10)), nil
	case "float", "double":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f-f != 0 {
			return nil, serialization(fmt.Sprintf("%s can not be converted to a Double", quote(text)))
		}
		return json.Number(strconv.FormatFloat(f, 'g', -1, 64)), nil
	case "timestamp":
		at, err := awsmodel.ParseTime(text)
		if err != nil {
			return nil, serialization(fmt.Sprintf("%s can not be converted to a Timestamp", quote(text)))
		}
		return awsmodel.Epoch(at), nil
	case "blob":
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			return nil, serialization("a blob is not base64")
		}
	}
	return text, nil
}

func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

func (restCodec) encode(w http.ResponseWriter, op *awsmodel.Op, resp *operation.Response, _ string) error {
	out, err := outputTree(resp)
	if err != nil {
		return err
	}
	code := op.Status
	if op.Output != nil {
		code = writeLocated(w.Header(), op, out)
	}
	if code == http.StatusNoContent {
		w.WriteHeader(code)
		return nil
	}
	body, err := restBody(op.Output, out)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if resp.Body != nil {
		if _, err := io.Copy(w, resp.Body); err != nil {
			panic(http.ErrAbortHandler) // half an answer must not look whole
		}
		return nil
	}
	_, _ = w.Write(body) // the client may have left
	return nil
}

// writeLocated writes the members that are headers, and returns the status.
func writeLocated(h http.Header, op *awsmodel.Op, out map[string]any) int {
	code := op.Status
	for _, m := range op.Output.Members {
		v := out[m.Name]
		if v == nil {
			continue
		}
		switch m.In {
		case "statusCode":
			if n, err := strconv.Atoi(scalarText(v)); err == nil && n >= 200 && n < 600 {
				code = n
			}
		case "header":
			h.Set(m.Wire, headerText(m, v))
		case "headers":
			if obj, ok := v.(map[string]any); ok {
				for k, w := range obj {
					h.Set(m.Wire+k, scalarText(w))
				}
			}
		}
	}
	return code
}

func headerText(m *awsmodel.Member, v any) string {
	if m.Shape.Type == "timestamp" {
		format := m.TimeFormat
		if format == "" {
			format = "rfc822"
		}
		return timeText(v, format)
	}
	return scalarText(v)
}

func restBody(s *awsmodel.Shape, out map[string]any) ([]byte, error) {
	if s == nil {
		return nil, nil
	}
	if s.Payload == "" {
		return awsmodel.Encode(wireTree(s, out, ""))
	}
	m := s.Member(s.Payload)
	v := out[m.Name]
	switch {
	case v == nil:
		return nil, nil
	case m.Shape.Type == "blob":
		return base64.StdEncoding.DecodeString(scalarText(v))
	}
	return awsmodel.Encode(wireTree(m.Shape, v, ""))
}

func (restCodec) fail(w http.ResponseWriter, t target, e *operation.Error, _ string) {
	failJSON(w, t, e, "application/json")
}
