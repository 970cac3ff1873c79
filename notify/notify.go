// Package notify has topics and what follows from them: subscriptions with
// filter policies, and deliveries to queues, functions, web addresses and
// mailboxes, which are kept in the store until they arrive or have been tried
// long enough. The publisher never waits for them. Alerts about executions
// go the same way.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"salamander/internal/arn"
	"salamander/operation"
)

// The errors of [Store] and [Notify].
var (
	ErrNoTopic        = errors.New("notify: no such topic")
	ErrNoSubscription = errors.New("notify: no such subscription")
	ErrExists         = errors.New("notify: exists")
)

// A Topic is a topic without its subscriptions.
type Topic struct {
	ARN        string
	Attributes map[string]string // what was set, by SNS's names
	Tags       map[string]string
	Created    time.Time
	Deleted    int // subscriptions that were deleted
}

// Account returns the account that the topic is in.
func (t Topic) Account() string { return part(t.ARN).Account }

// Region returns the region that the topic is in.
func (t Topic) Region() string { return part(t.ARN).Region }

// Name returns the topic's name.
func (t Topic) Name() string { return part(t.ARN).Resource }

// Fifo reports whether the topic is first in, first out.
func (t Topic) Fifo() bool { return t.Attributes["FifoTopic"] == "true" }

func part(text string) arn.ARN {
	a, err := arn.Parse(text)
	if err != nil {
		return arn.ARN{}
	}
	return a
}

// A Subscription has the messages of a topic sent to an endpoint.
type Subscription struct {
	ARN        string
	Topic      string // ARN
	Protocol   string // "sqs", "lambda", "http", "https", "email", "email-json"
	Endpoint   string
	Owner      string            // account
	Attributes map[string]string // what was set, by SNS's names
	Created    time.Time
	Pending    bool   // waits for its confirmation
	Token      string // that confirms it; empty for those that need none
	Principal  string // ARN of who subscribed
}

// A SubscriptionQuery selects subscriptions in the order of their ARNs.
type SubscriptionQuery struct {
	Account, Region string // of the topic; not looked at when Topic is given
	Topic           string // ARN; empty for all of the account
	After           string // only ARNs behind it
	Limit           int    // none when 0
}

// A Publication is a message with what it causes.
type Publication struct {
	Topic      string // ARN
	ID         string // of the message
	DedupKey   string // empty without deduplication
	DedupSince time.Time
	At         time.Time
	Deliveries func(sequence int64) ([]Delivery, error)
}

// A Store keeps topics, subscriptions and deliveries. Every change is durable
// when its method returns, and done whole or not at all.
type Store interface {
	// CreateTopic adds a topic, or returns [ErrExists] and the one that is there.
	CreateTopic(ctx context.Context, t Topic) (Topic, error)
	Topic(ctx context.Context, arn string) (Topic, error)
	ChangeTopic(ctx context.Context, arn string, change func(*Topic) error) error
	// DeleteTopic removes a topic and its subscriptions. One that is not there
	// is no error.
	DeleteTopic(ctx context.Context, arn string) error
	Topics(ctx context.Context, account, region, after string, limit int) ([]Topic, error)

	// Subscribe adds a subscription, or returns [ErrExists] and the one that
	// the topic has of the same protocol and endpoint. first is delivered.
	Subscribe(ctx context.Context, s Subscription, first ...Delivery) (Subscription, error)
	Subscription(ctx context.Context, arn string) (Subscription, error)
	ChangeSubscription(ctx context.Context, arn string, change func(*Subscription) error) error
	Unsubscribe(ctx context.Context, arn string) error
	Subscriptions(ctx context.Context, q SubscriptionQuery) ([]Subscription, error)

	// Publish adds deliveries. A message with the DedupKey of one that came
	// after DedupSince adds nothing, and gives the id and number of the first.
	Publish(ctx context.Context, p Publication) (id string, sequence int64, err error)
	// Enqueue adds deliveries, but for those whose ID is there already.
	Enqueue(ctx context.Context, deliveries []Delivery) error
	// Due returns deliveries that are to be tried, and when the next one is,
	// zero when none waits. Of a lane it is the first one alone.
	Due(ctx context.Context, now time.Time, limit int) (list []Delivery, next time.Time, err error)
	Delay(ctx context.Context, id string, attempts int, due time.Time, problem string) error
	// Done removes a delivery that arrived or was given up; of an alert's it
	// remembers what became of it.
	Done(ctx context.Context, id string, e Ending) error
	// Notice adds the deliveries of an alert, unless it was told, or one of
	// its group was told within its time, which then counts it.
	Notice(ctx context.Context, notice Notice) (told bool, err error)
}

// An Invoker calls AWS operations: the registry.
type Invoker interface {
	Call(ctx context.Context, service, name string, req *operation.Request) (*operation.Response, error)
}

// A Signer signs messages as SNS does.
type Signer interface {
	// Sign returns the signature of text in base64, by SHA-1 for version "1"
	// and SHA-256 for "2", and the path of the certificate.
	Sign(version, text string) (signature, path string, err error)
	// Certificate returns the certificate in PEM.
	Certificate() (path string, pem []byte, err error)
}

// Options configures [New]. Store, Invoker, Signer and Endpoint are needed.
type Options struct {
	Store    Store
	Invoker  Invoker
	Signer   Signer
	Endpoint func() string // of the AWS port, for links in messages: "http://127.0.0.1:4566"
	Mail     Mailer        // nil: mail waits until there is one
	Client   *http.Client  // for web addresses; one with a timeout of 15 s when nil
	Rules    []Rule        // of alerts; they have been judged by [Rule.Validate]
	Now      func() time.Time
	Log      *slog.Logger // slog.Default when nil
	Workers  int          // deliveries at the same time; 16 when 0
}

// Notify has the topics of all accounts. It may be shared by goroutines.
type Notify struct {
	opt Options

	woken chan struct{}

	mu   sync.Mutex      // guards busy and over
	busy map[string]bool // deliveries under way
	over map[string]bool // those that ended since the list of due ones was read
}

// New returns the topics in a store. Nothing is delivered before
// [Notify.Run].
func New(opt Options) *Notify {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Workers == 0 {
		opt.Workers = 16
	}
	if opt.Client == nil {
		opt.Client = &http.Client{Timeout: 15 * time.Second}
	}
	return &Notify{opt: opt, woken: make(chan struct{}, 1), busy: map[string]bool{}, over: map[string]bool{}}
}

// Topic returns a topic, or [ErrNoTopic].
func (n *Notify) Topic(ctx context.Context, arn string) (Topic, error) {
	return n.opt.Store.Topic(ctx, arn)
}

// Topics lists topics by ARN.
func (n *Notify) Topics(ctx context.Context, account, region, after string, limit int) ([]Topic, error) {
	return n.opt.Store.Topics(ctx, account, region, after, limit)
}

// DeleteTopic removes a topic and its subscriptions.
func (n *Notify) DeleteTopic(ctx context.Context, arn string) error {
	return n.opt.Store.DeleteTopic(ctx, arn)
}

// Tag changes the tags of a topic.
func (n *Notify) Tag(ctx context.Context, arn string, change func(tags map[string]string)) error {
	return n.opt.Store.ChangeTopic(ctx, arn, func(t *Topic) error {
		if t.Tags == nil {
			t.Tags = map[string]string{}
		}
		change(t.Tags)
		return nil
	})
}

// Subscriptions lists subscriptions.
func (n *Notify) Subscriptions(ctx context.Context, q SubscriptionQuery) ([]Subscription, error) {
	return n.opt.Store.Subscriptions(ctx, q)
}

// Subscription returns a subscription, or [ErrNoSubscription].
func (n *Notify) Subscription(ctx context.Context, arn string) (Subscription, error) {
	return n.opt.Store.Subscription(ctx, arn)
}

func (n *Notify) wake() {
	select {
	case n.woken <- struct{}{}:
	default:
	}
}

func invalid(format string, args ...any) *operation.Error {
	e := operation.Errorf("InvalidParameter", format, args...)
	e.Message = "Invalid parameter: " + e.Message
	return e
}
