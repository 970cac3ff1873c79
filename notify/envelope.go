package notify

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// An envelope is a message as SNS sends it, unless raw.
//
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
type envelope struct {
	Type             string
	MessageId        string
	SequenceNumber   string
	Token            string
	TopicArn         string
	Subject          string
	Message          string
	SubscribeURL     string
	Timestamp        string
	SignatureVersion string
	Signature        string
	SigningCertURL   string
	UnsubscribeURL   string
	attributes       map[string]Attribute
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// newID returns a random UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// link returns a link to an operation that needs no signature.
func (n *Notify) link(action string, pairs ...string) string {
	text := n.opt.Endpoint() + "/?Action=" + action
	for i := 0; i < len(pairs); i += 2 {
		text += "&" + pairs[i] + "=" + strings.ReplaceAll(url.QueryEscape(pairs[i+1]), "%3A", ":")
	}
	return text
}

func (n *Notify) envelope(t Topic, s Subscription, m Message, text string, at time.Time) envelope {
	return envelope{Type: "Notification", MessageId: m.ID, TopicArn: t.ARN, Subject: m.Subject, Message: text, Timestamp: stamp(at),
		UnsubscribeURL: n.link("Unsubscribe", "SubscriptionArn", s.ARN), attributes: m.Attributes}
}

// signer returns a function that signs the messages of a topic, each text once.
//
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
func (n *Notify) signer(t Topic) func(e *envelope) error {
	version := "1"
	if v := t.Attributes["SignatureVersion"]; v != "" {
		version = v
	}
	type signed struct{ signature, path string }
	known := map[string]signed{}
	return func(e *envelope) (err error) {
		text := e.signedText()
		s, ok := known[text]
		if !ok {
			s.signature, s.path, err = n.opt.Signer.Sign(version, text)
			known[text] = s
		}
		e.SignatureVersion, e.Signature, e.SigningCertURL = version, s.signature, n.opt.Endpoint()+s.path
		return err
	}
}

// signedText is what the signature is made of.
func (e envelope) signedText() string {
	var b strings.Builder
	add := func(name, text string) {
		if text != "" {
			b.WriteString(name + "\n" + text + "\n")
		}
	}
	add("Message", e.Message)
	add("MessageId", e.MessageId)
	add("Subject", e.Subject)
	add("SubscribeURL", e.SubscribeURL)
	add("Timestamp", e.Timestamp)
	add("Token", e.Token)
	add("TopicArn", e.TopicArn)
	add("Type", e.Type)
	return b.String()
}

func quote(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a string always has JSON
	return strings.TrimSuffix(b.String(), "\n")
}

// text returns the envelope in the layout of SNS.
func (e envelope) text() string {
	var lines []string
	add := func(name, text string) {
		if text != "" {
			lines = append(lines, "  "+quote(name)+" : "+quote(text))
		}
	}
	add("Type", e.Type)
	add("MessageId", e.MessageId)
	add("SequenceNumber", e.SequenceNumber)
	add("Token", e.Token)
	add("TopicArn", e.TopicArn)
	add("Subject", e.Subject)
	add("Message", e.Message)
	add("SubscribeURL", e.SubscribeURL)
	add("Timestamp", e.Timestamp)
	add("SignatureVersion", e.SignatureVersion)
	add("Signature", e.Signature)
	add("SigningCertURL", e.SigningCertURL)
	add("UnsubscribeURL", e.UnsubscribeURL)
	if len(e.attributes) > 0 {
		var all []string
		for _, name := range slices.Sorted(maps.Keys(e.attributes)) {
			all = append(all, "    "+quote(name)+" : "+e.attributes[name].json())
		}
		lines = append(lines, "  \"MessageAttributes\" : {\n"+strings.Join(all, ",\n")+"\n  }")
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

func (a Attribute) json() string {
	text := a.Text
	if strings.HasPrefix(a.Type, "Binary") {
		text = base64.StdEncoding.EncodeToString(a.Binary)
	}
	return `{"Type":` + quote(a.Type) + `,"Value":` + quote(text) + `}`
}

// event returns the event that a function gets.
//
// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
func (e envelope) event(subscription string) string {
	subject := any(nil)
	if e.Subject != "" {
		subject = e.Subject
	}
	attributes := map[string]json.RawMessage{}
	for name, a := range e.attributes {
		attributes[name] = json.RawMessage(a.json())
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{"Records": []any{map[string]any{
		"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription,
		"Sns": map[string]any{"Type": e.Type, "MessageId": e.MessageId, "TopicArn": e.TopicArn, "Subject": subject, "Message": e.Message,
			"Timestamp": e.Timestamp, "SignatureVersion": e.SignatureVersion, "Signature": e.Signature, "SigningCertUrl": e.SigningCertURL,
			"UnsubscribeUrl": e.UnsubscribeURL, "MessageAttributes": attributes}}}})
	if err != nil {
		panic(err) // texts only
	}
	return strings.TrimSuffix(b.String(), "\n")
}
