package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"salamander/internal/arn"
	"salamander/operation"
)

// A Mailer sends e-mail.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// A Mail is an e-mail in plain text.
type Mail struct {
	To      string
	Subject string
	Body    string
	ID      string // the same when sent again
}

// errNoMailer is the problem of mail while no server is configured.
var errNoMailer = errors.New("no SMTP server is configured: set smtp in salamander.yaml")

// send brings a delivery to its endpoint.
func (n *Notify) send(ctx context.Context, d Delivery) error {
	switch d.Protocol {
	case "alert":
		return n.judge(ctx, d)
	case "sqs":
		return n.sendQueue(ctx, d)
	case "lambda":
		return n.call(ctx, d, "lambda", "Invoke", part(d.Endpoint), map[string]any{
			"FunctionName": d.Endpoint, "InvocationType": "Event", "Payload": []byte(d.Body)}, strings.NewReader(d.Body))
	case "sns":
		return n.call(ctx, d, "sns", "Publish", part(d.Endpoint), map[string]any{
			"TopicArn": d.Endpoint, "Subject": d.Subject, "Message": d.Body}, nil)
	case "email", "email-json":
		if n.opt.Mail == nil {
			return errNoMailer
		}
		return n.opt.Mail.Send(ctx, Mail{To: d.Endpoint, Subject: d.Subject, Body: d.Body, ID: d.ID})
	case "http", "https", "webhook", "slack":
		return n.post(ctx, d)
	}
	return fmt.Errorf("%w: no way to send by %q", errForGood, d.Protocol)
}

func (n *Notify) sendQueue(ctx context.Context, d Delivery) error {
	queue := part(d.Endpoint)
	in := map[string]any{"QueueUrl": "https://sqs." + queue.Region + ".amazonaws.com/" + queue.Account + "/" + queue.Resource, "MessageBody": d.Body}
	if len(d.Attributes) > 0 {
		attributes := map[string]any{}
		for name, a := range d.Attributes {
			v := map[string]any{"DataType": strings.Replace(a.Type, "String.Array", "String", 1)}
			if strings.HasPrefix(a.Type, "Binary") {
				v["BinaryValue"] = a.Binary
			} else {
				v["StringValue"] = a.Text
			}
			attributes[name] = v
		}
		in["MessageAttributes"] = attributes
	}
	if strings.HasSuffix(queue.Resource, ".fifo") {
		in["MessageGroupId"], in["MessageDeduplicationId"] = d.Group, d.Dedup
	}
	return n.call(ctx, d, "sqs", "SendMessage", queue, in, nil)
}

// call calls an operation of ours. The delivery's id makes a repetition
// harmless: what was answered before is answered again.
func (n *Notify) call(ctx context.Context, d Delivery, service, name string, target arn.ARN, in map[string]any, body io.Reader) error {
	doc, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	caller := operation.Caller{Account: d.Account, Region: target.Region, Principal: "arn:aws:iam::" + d.Account + ":root",
		Invocation: operation.Invocation{ID: "delivery " + d.ID}}
	resp, err := n.opt.Invoker.Call(ctx, service, name, &operation.Request{Caller: caller, Input: doc, Body: body})
	if err == nil {
		if resp.Body != nil {
			resp.Body.Close()
		}
		return nil
	}
	var e *operation.Error
	if errors.As(err, &e) && (e.Status < 500 && e.Status != 429 || e.Code == "NotImplementedException") {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	return err
}

// post sends to a web address. An answer of 2xx is success; one of 4xx is for
// good, but for 429.
func (n *Notify) post(ctx context.Context, d Delivery) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Endpoint, bytes.NewReader([]byte(d.Body)))
	if err != nil {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	for name, text := range d.Headers {
		req.Header.Set(name, text)
	}
	resp, err := n.opt.Client.Do(req)
	if err != nil {
		var bare *url.Error // names the address, which may be a secret
		if errors.As(err, &bare) {
			err = bare.Err
		}
		return err
	}
	defer resp.Body.Close()
	told, _ := io.ReadAll(io.LimitReader(resp.Body, 500)) // for the log alone
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout:
		return fmt.Errorf("%w: %s answered %s: %s", errForGood, redact(d.Endpoint), resp.Status, told)
	}
	return fmt.Errorf("%s answered %s: %s", redact(d.Endpoint), resp.Status, told)
}
