package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A Delivery is something to bring to an endpoint. It is kept until it
// arrives or is given up.
type Delivery struct {
	ID           string // one with the same id is not added again
	Lane         string // those of one lane go one after the other; empty: for itself
	Account      string
	Region       string
	Protocol     string // of a subscription, or "webhook", "slack", "sns" of an alert
	Endpoint     string
	Subscription string `json:",omitempty"` // ARN

	Subject     string               `json:",omitempty"`
	Body        string               // what is sent
	Attributes  map[string]Attribute `json:",omitempty"` // with raw delivery to a queue
	Headers     map[string]string    `json:",omitempty"` // of a web address
	Group       string               `json:",omitempty"`
	Dedup       string               `json:",omitempty"`
	DeadLetters string               `json:",omitempty"` // ARN of the queue for what is given up
	Policy      deliveryPolicy
	Attempts    int       `json:"-"`
	Due         time.Time `json:"-"`
	Accepted    time.Time

	Rule  string `json:",omitempty"` // name of the alert's rule; what becomes of alerts is remembered
	About string `json:",omitempty"` // ARN of the execution or machine that the alert is about
}

// Address is where a delivery goes, without what is a secret of a web address.
func (d Delivery) Address() string {
	if d.Protocol == "sns" || d.Protocol == "sqs" || d.Protocol == "lambda" {
		return d.Endpoint
	}
	return d.Protocol + ":" + redact(d.Endpoint)
}

// Blame is what went wrong with a delivery, without secrets of its address.
func (d Delivery) Blame(problem string) string {
	if d.Endpoint == "" {
		return problem
	}
	return strings.ReplaceAll(problem, d.Endpoint, redact(d.Endpoint))
}

// An Ending is what became of a delivery.
type Ending struct {
	At       time.Time
	Attempts int
	Problem  string // why it was given up; empty when it arrived
}

// A deliveryPolicy says how often and how fast a web address is tried again.
type deliveryPolicy struct {
	Retries int           `json:",omitempty"` // 3 when 0; -1 is none
	Min     time.Duration `json:",omitempty"`
	Max     time.Duration `json:",omitempty"`
}

// parseDeliveryPolicy reads a DeliveryPolicy of a topic or a subscription; of
// its parts, the number of retries and the delays between them are heeded.
//
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
func parseDeliveryPolicy(text string) (deliveryPolicy, error) {
	p := deliveryPolicy{Retries: 3, Min: 20 * time.Second, Max: 20 * time.Second}
	if text == "" {
		return p, nil
	}
	type healthy struct {
		NumRetries     *int `json:"numRetries"`
		MinDelayTarget *int `json:"minDelayTarget"`
		MaxDelayTarget *int `json:"maxDelayTarget"`
	}
	var doc struct {
		HTTP struct {
			Default *healthy `json:"defaultHealthyRetryPolicy"`
		} `json:"http"`
		Healthy *healthy `json:"healthyRetryPolicy"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return p, invalid("DeliveryPolicy: failed to parse JSON.")
	}
	h := doc.Healthy
	if h == nil {
		h = doc.HTTP.Default
	}
	if h == nil {
		return p, nil
	}
	if h.NumRetries != nil {
		if *h.NumRetries < 0 || *h.NumRetries > 100 {
			return p, invalid("DeliveryPolicy: numRetries must be between 0 and 100")
		}
		p.Retries = *h.NumRetries
		if p.Retries == 0 {
			p.Retries = -1
		}
	}
	if h.MinDelayTarget != nil {
		p.Min = time.Duration(*h.MinDelayTarget) * time.Second
	}
	if h.MaxDelayTarget != nil {
		p.Max = time.Duration(*h.MaxDelayTarget) * time.Second
	}
	if p.Min < time.Second || p.Max > time.Hour || p.Max < p.Min {
		return p, invalid("DeliveryPolicy: minDelayTarget and maxDelayTarget must be between 1 and 3600, in this order")
	}
	return p, nil
}

func (p deliveryPolicy) effective(topic bool) string {
	healthy := fmt.Sprintf(`{"minDelayTarget":%d,"maxDelayTarget":%d,"numRetries":%d,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"}`,
		int(p.Min.Seconds()), int(p.Max.Seconds()), max(p.Retries, 0))
	request := `{"headerContentType":"text/plain; charset=UTF-8"}`
	if topic {
		return `{"http":{"defaultHealthyRetryPolicy":` + healthy + `,"disableSubscriptionOverrides":false,"defaultRequestPolicy":` + request + `}}`
	}
	return `{"healthyRetryPolicy":` + healthy + `,"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":` + request + `,"guaranteed":false}`
}

// next returns how long to wait after the given number of failed attempts,
// and whether to try again. Queues and functions are tried for days, mail for
// four days, alerts' addresses for one; web addresses as their policy says.
func (d Delivery) next(attempts int, age time.Duration) (time.Duration, bool) {
	backoff := time.Second << min(max(attempts-1, 0), 9)
	switch d.Protocol {
	case "http", "https":
		p := d.Policy
		if p.Retries == 0 {
			p = deliveryPolicy{Retries: 3, Min: 20 * time.Second, Max: 20 * time.Second}
		}
		wait := p.Min
		if p.Retries > 1 {
			wait += (p.Max - p.Min) * time.Duration(attempts-1) / time.Duration(p.Retries-1)
		}
		return wait, attempts <= p.Retries
	case "email", "email-json":
		return min(backoff, 5*time.Minute), age < 4*24*time.Hour
	case "webhook", "slack":
		return min(backoff, 5*time.Minute), age < 24*time.Hour
	}
	return min(backoff, 5*time.Minute), age < 23*24*time.Hour
}

// notification makes the delivery of a message to a subscription.
func (n *Notify) notification(t Topic, s Subscription, m Message, texts map[string]string, at time.Time, number int64, sign func(*envelope) error) (Delivery, error) {
	text, ok := texts[s.Protocol]
	if !ok {
		text = texts["default"]
	}
	d := n.delivery(t, s, m.ID)
	d.Accepted, d.Due, d.Subject = at, at, m.Subject
	d.Group = m.Group
	if t.Fifo() {
		d.Lane = s.ARN
		if strings.HasSuffix(s.Endpoint, ".fifo") {
			d.Dedup = m.Dedup
		}
	}
	raw := s.Attributes["RawMessageDelivery"] == "true"
	e := n.envelope(t, s, m, text, at)
	if t.Fifo() {
		e.SequenceNumber = fmt.Sprintf("%020d", 10_000_000_000_000_000_000+uint64(number))
	}
	switch {
	case s.Protocol == "email":
		d.Body = text + "\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n" + e.UnsubscribeURL + "\n"
		if d.Subject == "" {
			d.Subject = "AWS Notification Message"
		}
		return d, nil
	case raw:
		d.Body, d.Attributes = text, m.Attributes
	}
	if s.Protocol == "http" || s.Protocol == "https" {
		d.Headers = headers("Notification", m.ID, t.ARN, s.ARN)
		if raw {
			d.Headers["x-amz-sns-rawdelivery"] = "true"
		}
	}
	if raw {
		return d, nil
	}
	if err := sign(&e); err != nil {
		return d, err
	}
	if s.Protocol == "lambda" {
		d.Body = e.event(s.ARN)
	} else {
		d.Body = e.text()
	}
	if s.Protocol == "email-json" && d.Subject == "" {
		d.Subject = "AWS Notification Message"
	}
	return d, nil
}

// delivery is a delivery to a subscription without its message.
func (n *Notify) delivery(t Topic, s Subscription, messageID string) Delivery {
	now := n.opt.Now().UTC()
	d := Delivery{ID: messageID + ":" + s.ARN, Account: t.Account(), Region: t.Region(), Protocol: s.Protocol, Endpoint: s.Endpoint,
		Subscription: s.ARN, Accepted: now, Due: now}
	policy := s.Attributes["DeliveryPolicy"]
	if policy == "" {
		policy = t.Attributes["DeliveryPolicy"]
	}
	d.Policy, _ = parseDeliveryPolicy(policy)                      // judged when it was set
	d.DeadLetters, _ = parseRedrive(s.Attributes["RedrivePolicy"]) // judged when it was set
	return d
}

func headers(kind, message, topic, subscription string) map[string]string {
	h := map[string]string{"x-amz-sns-message-type": kind, "x-amz-sns-message-id": message, "x-amz-sns-topic-arn": topic,
		"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "Amazon Simple Notification Service Agent"}
	if kind == "Notification" {
		h["x-amz-sns-subscription-arn"] = subscription
	}
	return h
}

// confirmation makes the message by which a subscription is confirmed.
func (n *Notify) confirmation(t Topic, s Subscription, kind string) (Delivery, error) {
	id := newID()
	d := n.delivery(t, s, id)
	d.DeadLetters = ""
	link := n.link("ConfirmSubscription", "TopicArn", t.ARN, "Token", s.Token, "Endpoint", s.Endpoint)
	if s.Protocol == "email" {
		d.Subject = "AWS Notification - Subscription Confirmation"
		d.Body = "You have chosen to subscribe to the topic:\n" + t.ARN +
			"\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n" + link + "\n"
		return d, nil
	}
	e := envelope{Type: kind, MessageId: id, Token: s.Token, TopicArn: t.ARN, SubscribeURL: link, Timestamp: stamp(d.Accepted),
		Message: "You have chosen to subscribe to the topic " + t.ARN + ".\nTo confirm the subscription, visit the SubscribeURL included in this message."}
	if err := n.signer(t)(&e); err != nil {
		return d, err
	}
	d.Body, d.Headers = e.text(), headers(kind, id, t.ARN, s.ARN)
	d.Subject = "AWS Notification - Subscription Confirmation"
	return d, nil
}
