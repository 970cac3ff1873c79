package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"salamander/operation"
)

// maxMessage is how long a message may be with its attributes, in bytes.
const maxMessage = 262144

// dedupInterval is how long a FIFO topic knows a message's deduplication id.
const dedupInterval = 5 * time.Minute

// An Attribute is a message attribute.
type Attribute struct {
	Type   string // "String", "String.Array", "Number" or "Binary"
	Text   string `json:",omitempty"`
	Binary []byte `json:",omitempty"`
}

// A Message is what is published.
type Message struct {
	ID         string
	Subject    string `json:",omitempty"`
	Text       string
	Structure  string `json:",omitempty"` // "json": Text has a text for each protocol
	Attributes map[string]Attribute
	Group      string `json:",omitempty"` // of a FIFO topic
	Dedup      string `json:",omitempty"` // of a FIFO topic
}

// Publish sends a message to all subscriptions of a topic that want it. It
// returns once the message is kept, and delivers it afterwards. Of a message
// that a FIFO topic knows already, the first's id is returned.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
func (n *Notify) Publish(ctx context.Context, topic string, m Message) (id, sequence string, err error) {
	t, err := n.Topic(ctx, topic)
	if err != nil {
		return "", "", err
	}
	texts, err := m.check(t)
	if err != nil {
		return "", "", err
	}
	list, err := n.Subscriptions(ctx, SubscriptionQuery{Topic: topic})
	if err != nil {
		return "", "", err
	}
	now := n.opt.Now().UTC()
	p := Publication{Topic: topic, ID: m.ID, At: now, DedupSince: now.Add(-dedupInterval)}
	if t.Fifo() {
		p.DedupKey = m.Dedup
		if t.Attributes["FifoThroughputScope"] == "MessageGroup" {
			p.DedupKey = m.Group + "\x00" + m.Dedup
		}
	}
	list = slices.DeleteFunc(list, func(s Subscription) bool { return s.Pending || !s.wants(m) })
	sign := n.signer(t)
	deliveries := func(number int64) (all []Delivery, err error) {
		for _, s := range list {
			d, err := n.notification(t, s, m, texts, now, number, sign)
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		return all, nil
	}
	ready, err := deliveries(0) // signed here, not within the commit
	if err != nil {
		return "", "", err
	}
	p.Deliveries = func(number int64) ([]Delivery, error) {
		if t.Fifo() {
			return deliveries(number)
		}
		return ready, nil
	}
	id, number, err := n.opt.Store.Publish(ctx, p)
	if err != nil {
		return "", "", err
	}
	if t.Fifo() {
		sequence = fmt.Sprintf("%020d", 10_000_000_000_000_000_000+uint64(number))
	}
	n.wake()
	return id, sequence, nil
}

// check judges a message for a topic, completes it, and returns the texts
// for the protocols, "default" among them.
func (m *Message) check(t Topic) (texts map[string]string, err error) {
	switch {
	case m.Text == "":
		return nil, invalid("Empty message")
	case m.size() > maxMessage:
		return nil, invalid("Message too long")
	case !utf8.ValidString(m.Text):
		return nil, invalid("Message Reason: not UTF-8")
	case len(m.Subject) > 100, strings.ContainsAny(m.Subject, "\r\n"):
		return nil, invalid("Subject")
	case m.Structure != "" && m.Structure != "json":
		return nil, invalid("MessageStructure")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		if err := m.Attributes[name].check(name); err != nil {
			return nil, err
		}
	}
	if err := m.checkGroup(t); err != nil {
		return nil, err
	}
	texts = map[string]string{"default": m.Text}
	if m.Structure == "json" {
		var doc map[string]any
		if json.Unmarshal([]byte(m.Text), &doc) != nil {
			return nil, invalid("Message Structure - JSON message body failed to parse")
		}
		text, ok := doc["default"].(string)
		if !ok {
			return nil, invalid("Message Structure - No default entry in JSON message body")
		}
		texts["default"] = text
		for protocol, v := range doc {
			if text, ok := v.(string); ok {
				texts[protocol] = text
			}
		}
	}
	return texts, nil
}

func (m *Message) checkGroup(t Topic) error {
	if !t.Fifo() {
		if m.Dedup != "" {
			return invalid("The request includes MessageDeduplicationId parameter that is not valid for this topic type")
		}
		return nil
	}
	if m.Group == "" {
		return invalid("The MessageGroupId parameter is required for FIFO topics")
	}
	if m.Dedup == "" {
		if t.Attributes["ContentBasedDeduplication"] != "true" {
			return invalid("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
		}
		sum := sha256.Sum256([]byte(m.Text))
		m.Dedup = hex.EncodeToString(sum[:])
	}
	if len(m.Group) > 128 || len(m.Dedup) > 128 {
		return invalid("MessageGroupId and MessageDeduplicationId are at most 128 characters long")
	}
	return nil
}

func (m *Message) size() int {
	size := len(m.Text) + len(m.Subject)
	for name, a := range m.Attributes {
		size += len(name) + len(a.Type) + len(a.Text) + len(a.Binary)
	}
	return size
}

func (a Attribute) check(name string) error {
	bad := func(format string, args ...any) error {
		return operation.Errorf("ParameterValueInvalid", format, args...)
	}
	base, _, _ := strings.Cut(a.Type, ".")
	switch {
	case base != "String" && base != "Number" && base != "Binary":
		return bad("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case base == "Binary" && len(a.Binary) == 0, base != "Binary" && a.Text == "":
		return bad("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.Type)
	case a.Type == "String.Array" && !json.Valid([]byte(a.Text)):
		return bad("The message attribute '%s' is no JSON array.", name)
	}
	return nil
}
