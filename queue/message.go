package queue

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"salamander/operation"
)

// A Message is a message in a queue.
type Message struct {
	ID         string
	Body       string
	Attributes map[string]Attribute `json:",omitempty"`
	System     map[string]Attribute `json:",omitempty"` // AWSTraceHeader
	Sender     string
	Group      string `json:",omitempty"` // of a FIFO queue
	Dedup      string `json:",omitempty"` // of a FIFO queue
	DeadSource string `json:",omitempty"` // ARN of the queue it failed in

	Sent     time.Time `json:"-"`
	Visible  time.Time `json:"-"` // hidden before
	First    time.Time `json:"-"` // first received; zero when never
	Receives int       `json:"-"`
	Receipt  string    `json:"-"` // of the last receive
	Sequence int64     `json:"-"`
	DedupKey string    `json:"-"` // empty without deduplication
}

// An Attribute is a message attribute.
type Attribute struct {
	Type   string // "String", "Number", "Binary", or one with a label: "Number.int"
	Text   string `json:",omitempty"`
	Binary []byte `json:",omitempty"`
}

func (a Attribute) binary() bool { return strings.HasPrefix(a.Type, "Binary") }

// MD5 returns the digest of a body.
func MD5(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}

// AttributesMD5 returns SQS's digest of message attributes, empty for none.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
func AttributesMD5(attributes map[string]Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	add := func(part string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		add(name)
		add(a.Type)
		if a.binary() {
			b = append(b, 2)
			add(string(a.Binary))
		} else {
			b = append(b, 1)
			add(a.Text)
		}
	}
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}

// Size returns the bytes that SQS counts for a message.
func (m Message) Size() int {
	n := len(m.Body)
	for name, a := range m.Attributes {
		n += len(name) + len(a.Type) + len(a.Text) + len(a.Binary)
	}
	return n
}

func invalidParameter(format string, args ...any) error {
	return operation.Errorf("InvalidParameterValue", format, args...)
}

// prepare judges a message for a queue and completes it.
func (q Queue) prepare(m *Message, delay *int) error {
	if m.Body == "" {
		return operation.Errorf("MissingParameter", "The request must contain the parameter MessageBody.")
	}
	if !validText(m.Body) {
		return operation.Errorf("InvalidMessageContents", "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.")
	}
	if limit := q.Number("MaximumMessageSize"); m.Size() > limit {
		return invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		if err := checkAttribute(name, m.Attributes[name]); err != nil {
			return err
		}
	}
	if len(m.Attributes) > 10 {
		return invalidParameter("Number of message attributes [%d] exceeds the allowed maximum [10].", len(m.Attributes))
	}
	seconds := q.Number("DelaySeconds")
	if delay != nil {
		if *delay < 0 || *delay > 900 {
			return invalidParameter("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", *delay)
		}
		if q.Fifo() && *delay != 0 {
			return invalidParameter("Value %d for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.", *delay)
		}
		if !q.Fifo() {
			seconds = *delay
		}
	}
	m.Visible = m.Sent.Add(time.Duration(seconds) * time.Second)
	return q.prepareGroup(m)
}

// prepareGroup checks group and deduplication.
func (q Queue) prepareGroup(m *Message) error {
	if !q.Fifo() {
		if m.Dedup != "" {
			return invalidParameter("Value %s for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.", m.Dedup)
		}
		return nil // a standard queue takes a group, for fairness between them
	}
	if m.Group == "" {
		return operation.Errorf("MissingParameter", "The request must contain the parameter MessageGroupId.")
	}
	if !groupText(m.Group) {
		return invalidParameter("Value %s for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.", m.Group)
	}
	if m.Dedup == "" {
		if q.Attributes["ContentBasedDeduplication"] != "true" {
			return invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
		}
		sum := sha256.Sum256([]byte(m.Body))
		m.Dedup = hex.EncodeToString(sum[:])
	} else if !groupText(m.Dedup) {
		return invalidParameter("Value %s for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.", m.Dedup)
	}
	m.DedupKey = m.Dedup
	if q.Attributes["DeduplicationScope"] == "messageGroup" {
		m.DedupKey = m.Group + "\x00" + m.Dedup
	}
	return nil
}

func checkAttribute(name string, a Attribute) error {
	base, _, _ := strings.Cut(a.Type, ".")
	switch {
	case base != "String" && base != "Number" && base != "Binary":
		return invalidParameter("The type of message attribute '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String.", name)
	case base == "Binary" && len(a.Binary) == 0 && a.Text == "", base != "Binary" && a.Text == "":
		return invalidParameter("The message attribute '%s' must contain a non-empty message attribute value for message attribute type '%s'.", name, base)
	case base == "Binary" && a.Text != "", base != "Binary" && len(a.Binary) > 0:
		return invalidParameter("The message attribute '%s' with type '%s' must use field '%s'.", name, base, map[bool]string{true: "Binary", false: "String"}[base == "Binary"])
	case base == "Number" && !number(a.Text):
		return invalidParameter("Can't cast the value of message (user) attribute '%s' to a number.", name)
	case base != "Binary" && !validText(a.Text):
		return operation.Errorf("InvalidMessageContents", "Invalid characters found in the value of message attribute '%s'.", name)
	}
	if name == "" || len(name) > 256 || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") ||
		strings.ContainsFunc(name, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.')
		}) {
		return invalidParameter("Invalid message attribute name '%s'. Message attribute names may contain letters, digits, '_', '-' and '.', and may not start or end with '.'.", name)
	}
	return nil
}

func number(text string) bool {
	digits := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case (r == '-' || r == '+') && (i == 0 || text[i-1] == 'e' || text[i-1] == 'E'):
		case r == '.', r == 'e', r == 'E':
		default:
			return false
		}
	}
	return digits > 0
}

// validText reports whether SQS takes the characters of a text.
func validText(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}

func groupText(text string) bool {
	if len(text) > 128 {
		return false
	}
	for _, r := range text {
		if r < '!' || r > '~' {
			return false
		}
	}
	return text != ""
}
