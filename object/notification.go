package object

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// A Notification says who is told of what happens to the objects of a bucket.
type Notification struct {
	EventBridge bool                 `json:"eventBridge,omitempty"`
	Targets     []NotificationTarget `json:"targets,omitempty"`
}

// A NotificationTarget is a function, queue or topic that is told.
type NotificationTarget struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind"` // "Topic", "Queue" or "LambdaFunction"
	ARN    string   `json:"arn"`
	Events []string `json:"events"` // "s3:ObjectCreated:*"
	Prefix string   `json:"prefix,omitempty"`
	Suffix string   `json:"suffix,omitempty"`
}

// ParseNotification reads what [Bucket] holds; "" is no notification.
func ParseNotification(text string) (n Notification, err error) {
	if text != "" {
		err = json.Unmarshal([]byte(text), &n)
	}
	if err != nil {
		err = fmt.Errorf("stored notification: %w", err)
	}
	return n, err
}

// Takes reports whether the target is told of e, and the event's name in S3's
// messages.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
func (t NotificationTarget) Takes(e Event) (name string, ok bool) {
	switch {
	case e.Type == "Object Deleted":
		name = "ObjectRemoved:Delete"
	default:
		name = "ObjectCreated:" + map[string]string{"PutObject": "Put", "CopyObject": "Copy", "POST Object": "Post", "PostObject": "Post",
			"CompleteMultipartUpload": "CompleteMultipartUpload"}[e.Reason]
	}
	if !strings.HasPrefix(e.Key, t.Prefix) || !strings.HasSuffix(e.Key, t.Suffix) {
		return name, false
	}
	family, _, _ := strings.Cut(name, ":")
	for _, want := range t.Events {
		if want == "s3:"+name || want == "s3:"+family+":*" {
			return name, true
		}
	}
	return name, false
}

// SetNotification says who is told of a bucket's objects from now on:
// [ErrNoBucket].
func (o *Objects) SetNotification(ctx context.Context, bucket string, n Notification) error {
	doc, err := json.Marshal(n)
	if err != nil {
		return err
	}
	text := string(doc)
	if !n.EventBridge && len(n.Targets) == 0 {
		text = ""
	}
	return named(o.index.SetNotification(ctx, bucket, text), bucket, "")
}
