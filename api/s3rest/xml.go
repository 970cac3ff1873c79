package s3rest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"salamander/operation"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// elementOf returns the name of an item of a member, which some lists have
// in the singular.
func elementOf(member string) string {
	switch member {
	case "Errors":
		return "Error"
	case "Parts":
		return "Part"
	case "Uploads":
		return "Upload"
	case "Versions":
		return "Version"
	}
	for _, n := range notificationNames() {
		if member == n[1] && n[1] != "Key" {
			return n[0]
		}
	}
	return member
}

// notificationNames are the elements of a bucket's notifications, with the
// members they are.
func notificationNames() [][2]string {
	return [][2]string{
		{"TopicConfiguration", "TopicConfigurations"}, {"QueueConfiguration", "QueueConfigurations"},
		{"CloudFunctionConfiguration", "LambdaFunctionConfigurations"}, {"Topic", "TopicArn"}, {"Queue", "QueueArn"},
		{"CloudFunction", "LambdaFunctionArn"}, {"Event", "Events"}, {"S3Key", "Key"}, {"FilterRule", "FilterRules"},
	}
}

// writeXML writes the document of an output. Members come in the order of
// the document; lists are flat but that of the buckets.
func writeXML(w *bytes.Buffer, rt route, output json.RawMessage, doc map[string]json.RawMessage) error {
	w.WriteString(xml.Header)
	if rt.payload != "" {
		output = doc[rt.payload]
	}
	fmt.Fprintf(w, "<%s xmlns=%q>", rt.root, namespace)
	if len(output) > 0 {
		dec := json.NewDecoder(bytes.NewReader(output))
		dec.UseNumber()
		if err := writeContent(w, dec, rt.root); err != nil {
			return fmt.Errorf("write the XML of %s: %w", rt.root, err)
		}
	}
	fmt.Fprintf(w, "</%s>", rt.root)
	return nil
}

// writeContent writes the next value of dec, which is that of name, without
// its own tags.
func writeContent(w *bytes.Buffer, dec *json.Decoder, name string) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok != '{' {
			return fmt.Errorf("a list in the place of %s", name)
		}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			if err := writeMember(w, dec, key.(string)); err != nil {
				return err
			}
		}
		_, err = dec.Token()
		return err
	case string:
		return xml.EscapeText(w, []byte(tok))
	case json.Number:
		return writeNumber(w, name, tok)
	case bool:
		w.WriteString(strconv.FormatBool(tok))
	}
	return nil
}

func writeNumber(w *bytes.Buffer, name string, n json.Number) error {
	switch name {
	case "LastModified", "CreationDate", "Initiated":
		var at operation.Time
		if err := at.UnmarshalJSON([]byte(n)); err != nil {
			return err
		}
		w.WriteString(isoTime(at.Time))
	default:
		w.WriteString(n.String())
	}
	return nil
}

// writeMember writes a member with its tags, once for each item of a list.
func writeMember(w *bytes.Buffer, dec *json.Decoder, name string) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return err
	}
	element := elementOf(name)
	items := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &items); err != nil {
			return err
		}
	}
	if name == "Key" && raw[0] == '{' {
		element = "S3Key"
	}
	if name == "Buckets" {
		element = "Bucket"
		w.WriteString("<Buckets>")
		defer w.WriteString("</Buckets>")
	}
	for _, item := range items {
		w.WriteString("<" + element + ">")
		sub := json.NewDecoder(bytes.NewReader(item))
		sub.UseNumber()
		if err := writeContent(w, sub, name); err != nil {
			return err
		}
		w.WriteString("</" + element + ">")
	}
	return nil
}

func malformedXML() error {
	return &operation.Error{Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema"}
}

// readDocument reads the XML body as the member of the input.
func (x *exchange) readDocument(member string, doc map[string]any) error {
	body, err := x.readAll()
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 && member == "CreateBucketConfiguration" {
		return nil
	}
	root, value, err := parseXML(body)
	if err != nil {
		return malformedXML()
	}
	want := member
	if member == "MultipartUpload" {
		want = "CompleteMultipartUpload"
		if root == "MultipartUpload" {
			want = root
		}
	}
	if m, ok := value.(map[string]any); root == want && ok {
		doc[member] = m
		return nil
	}
	if root == want && member == "NotificationConfiguration" { // nobody is told any more
		doc[member] = map[string]any{}
		return nil
	}
	if root == want && member == "CreateBucketConfiguration" {
		return nil
	}
	return malformedXML()
}

// parseXML reads a document whose elements are members: those with elements
// in them are structures, the others texts.
func parseXML(body []byte) (root string, value any, err error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		tok, err := dec.Token()
		if err != nil {
			return "", nil, err
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		value, err := parseElement(dec, 0)
		if err != nil {
			return "", nil, err
		}
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				return start.Name.Local, value, nil
			}
			if _, again := tok.(xml.StartElement); err != nil || again {
				return "", nil, errors.New("something behind the document")
			}
		}
	}
}

var errDeep = errors.New("elements are nested too deep")

// parseElement reads up to the end of the element begun.
func parseElement(dec *xml.Decoder, depth int) (any, error) {
	if depth > 8 {
		return nil, errDeep
	}
	var chars strings.Builder
	var members map[string]any
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			chars.Write(tok)
		case xml.StartElement:
			value, err := parseElement(dec, depth+1)
			if err != nil {
				return nil, err
			}
			if members == nil {
				members = map[string]any{}
			}
			if err := addElement(members, tok.Name.Local, value); err != nil {
				return nil, err
			}
		case xml.EndElement:
			if members != nil {
				return members, nil
			}
			return chars.String(), nil
		}
	}
}

// addElement adds an element as the member it is.
func addElement(members map[string]any, name string, value any) error {
	switch name {
	case "Object", "Part":
		list, _ := members[name+"s"].([]any)
		members[name+"s"] = append(list, value)
		return nil
	case "PartNumber":
		text, _ := value.(string)
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return err
		}
		value = n
	case "Quiet":
		text, _ := value.(string)
		value = strings.TrimSpace(text) == "true"
	}
	for _, n := range notificationNames() {
		if name != n[0] {
			continue
		}
		if name = n[1]; strings.HasSuffix(name, "s") {
			list, _ := members[name].([]any)
			members[name] = append(list, value)
			return nil
		}
	}
	if name == "EventBridgeConfiguration" {
		value = map[string]any{}
	}
	if _, twice := members[name]; twice {
		return fmt.Errorf("the element %s comes twice", name)
	}
	members[name] = value
	return nil
}

// writeError writes S3's error document.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func writeError(w *bytes.Buffer, e *operation.Error, resource, id string) {
	w.WriteString(xml.Header + "<Error>")
	element := func(name, value string) {
		w.WriteString("<" + name + ">")
		_ = xml.EscapeText(w, []byte(value)) // a Buffer takes all
		w.WriteString("</" + name + ">")
	}
	element("Code", e.Code)
	element("Message", e.Message)
	names := make([]string, 0, len(e.Members))
	for name := range e.Members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		element(name, fmt.Sprint(e.Members[name]))
	}
	element("Resource", resource)
	element("RequestId", id)
	element("HostId", hostID(id))
	w.WriteString("</Error>")
}
