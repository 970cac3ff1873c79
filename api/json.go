package api

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"salamander/internal/awsmodel"
	"salamander/operation"
)

// jsonCodec is AWS JSON 1.0 and 1.1: the operation in X-Amz-Target, all
// members in the body.
type jsonCodec struct{}

func (jsonCodec) decode(req *operation.Request, t target, r *http.Request, body []byte) error {
	in, err := jsonBody(t.op.Input, body)
	if err != nil {
		return err
	}
	return check(req, t.op, in)
}

// jsonBody reads the members of s that are in a JSON body.
func jsonBody(s *awsmodel.Shape, body []byte) (map[string]any, error) {
	if s == nil || len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	v, err := awsmodel.Parse(body)
	if err != nil {
		return nil, serialization("The request body is not JSON: " + err.Error())
	}
	in, err := s.Conform(v)
	if err != nil {
		var e *awsmodel.TypeError
		if errors.As(err, &e) {
			return nil, serialization(e.Text)
		}
		return nil, err
	}
	obj, ok := in.(map[string]any)
	if !ok {
		return nil, serialization("The request body is not an object")
	}
	return obj, nil
}

func (jsonCodec) encode(w http.ResponseWriter, op *awsmodel.Op, resp *operation.Response, _ string) error {
	w.Header().Set("Content-Type", "application/x-amz-json-"+op.API.JSONVersion)
	if op.Output == nil {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	out, err := outputTree(resp)
	if err != nil {
		return err
	}
	doc, err := awsmodel.Encode(wireTree(op.Output, out, ""))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(doc) // the client may have left
	return nil
}

func (jsonCodec) fail(w http.ResponseWriter, t target, e *operation.Error, _ string) {
	contentType := "application/x-amz-json-1.1"
	if api, ok := awsmodel.Service(t.service); ok && api.JSONVersion != "" {
		contentType = "application/x-amz-json-" + api.JSONVersion
	}
	failJSON(w, t, e, contentType)
}

// failJSON writes an error with the members that its shape has.
func failJSON(w http.ResponseWriter, t target, e *operation.Error, contentType string) {
	doc := map[string]any{"__type": e.Code}
	message := "message"
	if t.op != nil {
		if shape := t.op.API.Error(e.Code); shape != nil {
			if shape.Member("message") == nil && shape.Member("Message") != nil {
				message = "Message"
			}
			if shape.Member("Type") != nil { // lambda tells whose fault it is
				doc["Type"] = "User"
				if status(t, e) >= 500 {
					doc["Type"] = "Service"
				}
			}
		}
	}
	doc[message] = e.Message
	for k, v := range e.Members {
		doc[k] = v
	}
	body, err := awsmodel.Encode(doc)
	if err != nil { // a member that is no JSON value
		body = []byte(`{"__type":"InternalFailure","message":"Internal error"}`)
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	if old := queryErrorOf(t.service, e.Code, status(t, e)); old != "" {
		w.Header().Set("X-Amzn-Query-Error", old)
	}
	w.WriteHeader(status(t, e))
	_, _ = w.Write(body) // the client may have left
}

func outputTree(resp *operation.Response) (map[string]any, error) {
	if len(resp.Output) == 0 {
		return map[string]any{}, nil
	}
	v, err := awsmodel.Parse(resp.Output)
	if err != nil {
		return nil, err
	}
	obj, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, errors.New("the output is not an object")
	}
	return obj, nil
}

// wireTree returns v, a canonical value of shape s, as a JSON body has it.
// format is the timestamp format of the member.
func wireTree(s *awsmodel.Shape, v any, format string) any {
	if s == nil || s.Document {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, w := range v {
			if s.Type == "map" {
				out[k] = wireTree(s.Value, w, "")
			} else if m := s.Member(k); m == nil {
				out[k] = w
			} else if m.In == "" && w != nil {
				out[m.Wire] = wireTree(m.Shape, w, m.TimeFormat)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, w := range v {
			out[i] = wireTree(s.Elem, w, "")
		}
		return out
	}
	if s.Type == "timestamp" {
		if format == "" {
			format = s.TimeFormat
		}
		if format == "iso8601" || format == "rfc822" {
			return timeText(v, format)
		}
	}
	return v
}

// timeText writes a canonical timestamp in a text form.
func timeText(v any, format string) string {
	t, err := awsmodel.ParseTime(scalarText(v))
	if err != nil {
		return scalarText(v)
	}
	if format == "unixTimestamp" {
		return scalarText(v)
	}
	if format == "rfc822" {
		return t.Format(http.TimeFormat)
	}
	if t.Nanosecond() != 0 {
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format(time.RFC3339)
}
