package api

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/awsmodel"
	"salamander/operation"
)

// queryCodec is AWS Query: a form in, XML out.
type queryCodec struct{}

func (queryCodec) decode(req *operation.Request, t target, _ *http.Request, _ []byte) error {
	in := map[string]any{}
	if t.op.Input != nil {
		v, err := formStruct(t.op.Input, t.form, "")
		if err != nil {
			return err
		}
		if v != nil {
			in = v.(map[string]any)
		}
	}
	return check(req, t.op, in)
}

// formValue reads the value of shape s whose keys begin with prefix, or nil.
func formValue(s *awsmodel.Shape, form url.Values, prefix string) (any, error) {
	switch s.Type {
	case "structure":
		return formStruct(s, form, prefix+".")
	case "list":
		return formList(s, form, prefix)
	case "map":
		return formMap(s, form, prefix)
	}
	if !form.Has(prefix) {
		return nil, nil
	}
	return scalarOf(s, form.Get(prefix))
}

func formStruct(s *awsmodel.Shape, form url.Values, prefix string) (any, error) {
	out := map[string]any{}
	if prefix != "" && len(indexesOrKeys(form, prefix)) == 0 {
		return nil, nil
	}
	for _, m := range s.Members {
		v, err := formValue(m.Shape, form, prefix+m.Wire)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out[m.Name] = v
		}
	}
	return out, nil
}

func formList(s *awsmodel.Shape, form url.Values, prefix string) (any, error) {
	name := "member"
	if s.ElemWire != "" {
		name = s.ElemWire
	}
	if !s.Flattened {
		prefix += "." + name
	}
	var list []any
	for _, n := range indexes(form, prefix+".") {
		v, err := formValue(s.Elem, form, prefix+"."+n)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	if list == nil {
		return nil, nil
	}
	return list, nil
}

func formMap(s *awsmodel.Shape, form url.Values, prefix string) (any, error) {
	if !s.Flattened {
		prefix += ".entry"
	}
	var out map[string]any
	for _, n := range indexes(form, prefix+".") {
		key, value := ".key", ".value"
		if form.Has(prefix + "." + n + ".Name") { // as SNS's MessageAttributes have it
			key, value = ".Name", ".Value"
		}
		v, err := formValue(s.Value, form, prefix+"."+n+value)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[string]any{}
		}
		out[form.Get(prefix+"."+n+key)] = v
	}
	if out == nil {
		return nil, nil
	}
	return out, nil
}

// indexesOrKeys returns the keys that begin with prefix.
func indexesOrKeys(form url.Values, prefix string) []string {
	var keys []string
	for k := range form {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	return keys
}

// indexes returns the numbers that follow prefix, in order.
func indexes(form url.Values, prefix string) []string {
	var numbers []int
	for _, k := range indexesOrKeys(form, prefix) {
		text, _, _ := strings.Cut(k[len(prefix):], ".")
		if n, err := strconv.Atoi(text); err == nil && n > 0 && strconv.Itoa(n) == text {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return texts
}

func (queryCodec) encode(w http.ResponseWriter, op *awsmodel.Op, resp *operation.Response, requestID string) error {
	out, err := outputTree(resp)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%sResponse xmlns=%q>", op.Name, op.API.XMLNamespace)
	if op.Output != nil {
		wrapper := op.Wrapper
		if wrapper == "" {
			wrapper = op.Name + "Result"
		}
		xmlValue(&b, wrapper, op.Output, out, "")
	}
	b.WriteString("<ResponseMetadata><RequestId>" + requestID + "</RequestId></ResponseMetadata>")
	fmt.Fprintf(&b, "</%sResponse>\n", op.Name)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b.Bytes()) // the client may have left
	return nil
}

// xmlValue writes v as the element name.
func xmlValue(b *bytes.Buffer, name string, s *awsmodel.Shape, v any, format string) {
	if list, ok := v.([]any); ok && s.Flattened {
		for _, w := range list {
			xmlValue(b, name, s.Elem, w, "")
		}
		return
	}
	b.WriteString("<" + name + ">")
	xmlContent(b, s, v, format)
	b.WriteString("</" + name + ">")
}

func xmlContent(b *bytes.Buffer, s *awsmodel.Shape, v any, format string) {
	switch v := v.(type) {
	case map[string]any:
		if s.Type == "map" {
			xmlEntries(b, s, v)
			return
		}
		for _, m := range s.Members {
			if w := v[m.Name]; w != nil {
				xmlValue(b, m.Wire, m.Shape, w, m.TimeFormat)
			}
		}
	case []any:
		name := "member"
		if s.ElemWire != "" {
			name = s.ElemWire
		}
		for _, w := range v {
			xmlValue(b, name, s.Elem, w, "")
		}
	default:
		text := scalarText(v)
		if s.Type == "timestamp" {
			text = timeText(v, cmp.Or(format, s.TimeFormat, "iso8601"))
		}
		_ = xml.EscapeText(b, []byte(text)) // a buffer takes all
	}
}

func xmlEntries(b *bytes.Buffer, s *awsmodel.Shape, obj map[string]any) {
	keys := make([]string, 0, len(obj))
	for k := range obj {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		b.WriteString("<entry><key>")
		_ = xml.EscapeText(b, []byte(k)) // a buffer takes all
		b.WriteString("</key>")
		xmlValue(b, "value", s.Value, obj[k], "")
		b.WriteString("</entry>")
	}
}

func (queryCodec) fail(w http.ResponseWriter, t target, e *operation.Error, requestID string) {
	code := status(t, e)
	fault := "Sender"
	if code >= 500 {
		fault = "Receiver"
	}
	namespace := ""
	if api, ok := awsmodel.Service(t.service); ok {
		namespace = fmt.Sprintf(" xmlns=%q", api.XMLNamespace)
	}
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(e.Message)) // a buffer takes all
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(code)
	fmt.Fprintf(w, "<ErrorResponse%s><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>\n",
		namespace, fault, e.Code, text.Bytes(), requestID)
}
