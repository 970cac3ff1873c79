package sns_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"salamander/api/apitest"
	"salamander/notify"
	"salamander/operation"
	"salamander/queue"
	"salamander/service/sns"
	"salamander/service/sqs"
	"salamander/store"
)

// A world is topics and queues over a store, behind the AWS endpoint.
type world struct {
	t      *testing.T
	dir    string
	db     *store.DB
	reg    *operation.Registry
	notify *notify.Notify
	mail   notify.Mailer
	stop   func()
	url    string
}

func start(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir()}
	var handler http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if notify.Handles(r) {
			w.notify.ServeHTTP(rw, r)
			return
		}
		handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.open()
	t.Cleanup(func() { w.stop() })
	handler = apitest.Handler(t, w.reg)
	return w
}

// open takes up the directory, as a process does.
func (w *world) open() {
	w.t.Helper()
	db, err := store.Open(w.dir, store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.db = db
	w.reg = &operation.Registry{}
	w.reg.Use(operation.Replay(store.NewReplays(db)))
	endpoint := func() string { return w.url }
	w.notify = notify.New(notify.Options{Store: store.NewNotify(db), Invoker: w.reg, Signer: notify.NewKeys(w.dir), Endpoint: endpoint, Mail: w.mail})
	sqs.Register(w.reg, sqs.New(queue.New(queue.Options{Store: store.NewQueues(db)}), endpoint))
	sns.Register(w.reg, sns.New(w.notify))
	w.stop = func() { db.Close() }
}

// run delivers until the world stops.
func (w *world) run() {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { w.notify.Run(ctx); close(done) }()
	w.stop = func() { cancel(); <-done; w.db.Close() }
}

func (w *world) call(service, name string, in any) map[string]any {
	w.t.Helper()
	out, err := w.try(service, name, in)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return out
}

func (w *world) try(service, name string, in any) (out map[string]any, err error) {
	doc, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := w.reg.Call(w.t.Context(), service, name, &operation.Request{Input: doc,
		Caller: operation.Caller{Account: "000000000000", Region: "us-east-1", Principal: "arn:aws:iam::000000000000:root"}})
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(resp.Output, &out)
}

type m = map[string]any

func (w *world) queue(name string, attributes m) (url, arn string) {
	w.t.Helper()
	url = w.call("sqs", "CreateQueue", m{"QueueName": name, "Attributes": attributes})["QueueUrl"].(string)
	return url, "arn:aws:sqs:us-east-1:000000000000:" + name
}

func (w *world) receive(url string) (bodies []string) {
	w.t.Helper()
	out := w.call("sqs", "ReceiveMessage", m{"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 5})
	list, _ := out["Messages"].([]any)
	for _, x := range list {
		bodies = append(bodies, x.(map[string]any)["Body"].(string))
	}
	return bodies
}

func TestDeliveriesSurviveAKill(t *testing.T) {
	w := start(t)
	topic := w.call("sns", "CreateTopic", m{"Name": "t"})["TopicArn"]
	url, arn := w.queue("q", nil)
	w.call("sns", "Subscribe", m{"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn})
	id := w.call("sns", "Publish", m{"TopicArn": topic, "Message": "hello", "Subject": "s",
		"MessageAttributes": m{"a": m{"DataType": "String", "StringValue": "v"}}})["MessageId"]
	w.stop() // nothing has been delivered
	w.open()
	w.run()
	bodies := w.receive(url)
	var got map[string]any
	if len(bodies) != 1 || json.Unmarshal([]byte(bodies[0]), &got) != nil {
		t.Fatalf("got %q", bodies)
	}
	if got["Type"] != "Notification" || got["MessageId"] != id || got["Message"] != "hello" || got["Subject"] != "s" || got["TopicArn"] != topic ||
		got["Signature"] == "" || got["MessageAttributes"].(map[string]any)["a"].(map[string]any)["Value"] != "v" {
		t.Errorf("got %v", got)
	}
	resp, err := http.Get(got["SigningCertURL"].(string))
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	defer resp.Body.Close()
	if pem, _ := io.ReadAll(resp.Body); !strings.HasPrefix(string(pem), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("certificate: got %q", pem)
	}
}

func TestFiltersRawAndFifo(t *testing.T) {
	w := start(t)
	w.run()
	topic := w.call("sns", "CreateTopic", m{"Name": "t.fifo", "Attributes": m{"FifoTopic": "true", "ContentBasedDeduplication": "true"}})["TopicArn"]
	url, arn := w.queue("q.fifo", m{"FifoQueue": "true"})
	w.call("sns", "Subscribe", m{"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn, "Attributes": m{"RawMessageDelivery": "true",
		"FilterPolicyScope": "MessageBody", "FilterPolicy": `{"n":[{"numeric":[">",0]}]}`}})
	first := ""
	for _, body := range []string{`{"n":1}`, `{"n":0}`, `{"n":2}`, `{"n":3}`, `{"n":1}`} {
		out := w.call("sns", "Publish", m{"TopicArn": topic, "Message": body, "MessageGroupId": "g"})
		if first == "" {
			first = out["MessageId"].(string)
		} else if (body == `{"n":1}`) != (out["MessageId"] == first) {
			t.Errorf("%s: got %v; the first was %s", body, out, first)
		}
	}
	var got []string
	for deadline := time.Now().Add(10 * time.Second); len(got) < 3 && time.Now().Before(deadline); {
		out := w.call("sqs", "ReceiveMessage", m{"QueueUrl": url, "WaitTimeSeconds": 5})
		list, _ := out["Messages"].([]any)
		for _, x := range list {
			x := x.(map[string]any)
			got = append(got, x["Body"].(string))
			w.call("sqs", "DeleteMessage", m{"QueueUrl": url, "ReceiptHandle": x["ReceiptHandle"]})
		}
	}
	if strings.Join(got, " ") != `{"n":1} {"n":2} {"n":3}` {
		t.Errorf("got %q", got)
	}
	_, err := w.try("sns", "Publish", m{"TopicArn": topic, "Message": "x"})
	if e := operation.AsError(err); e.Code != "InvalidParameter" || e.Message != "Invalid parameter: The MessageGroupId parameter is required for FIFO topics" {
		t.Errorf("no group: got %v", err)
	}
}

func TestWebAddressesConfirm(t *testing.T) {
	w := start(t)
	w.run()
	got := make(chan map[string]string, 10)
	fails := 1
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		doc := map[string]string{"header": r.Header.Get("x-amz-sns-message-type")}
		_ = json.NewDecoder(r.Body).Decode(&doc)
		if doc["Type"] == "Notification" && fails > 0 {
			fails--
			rw.WriteHeader(503)
			return
		}
		got <- doc
	}))
	defer srv.Close()
	topic := w.call("sns", "CreateTopic", m{"Name": "t", "Attributes": m{
		"DeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"numRetries":2,"minDelayTarget":1,"maxDelayTarget":1}}}`}})["TopicArn"]
	if arn := w.call("sns", "Subscribe", m{"TopicArn": topic, "Protocol": "http", "Endpoint": srv.URL})["SubscriptionArn"]; arn != "pending confirmation" {
		t.Errorf("subscribe: got %v", arn)
	}
	ask := <-got
	if ask["header"] != "SubscriptionConfirmation" || ask["Token"] == "" {
		t.Fatalf("got %v", ask)
	}
	resp, err := http.Get(ask["SubscribeURL"])
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	w.call("sns", "Publish", m{"TopicArn": topic, "Message": "x"})
	if told := <-got; told["Message"] != "x" || told["header"] != "Notification" { // after one failure
		t.Errorf("got %v", told)
	}
	list := w.call("sns", "ListSubscriptionsByTopic", m{"TopicArn": topic})["Subscriptions"].([]any)
	if arn := list[0].(map[string]any)["SubscriptionArn"].(string); !strings.HasPrefix(arn, topic.(string)+":") {
		t.Errorf("list: got %v", list)
	}
}

// postbox keeps what is sent by mail.
type postbox chan notify.Mail

func (b postbox) Send(_ context.Context, m notify.Mail) error { b <- m; return nil }

var link = regexp.MustCompile(`http://\S+`)

func TestMailboxesConfirmByALink(t *testing.T) {
	w := start(t)
	w.stop()
	box := make(postbox, 10)
	w.mail = box
	w.open()
	w.run()
	topic := w.call("sns", "CreateTopic", m{"Name": "t"})["TopicArn"]
	w.call("sns", "Subscribe", m{"TopicArn": topic, "Protocol": "email", "Endpoint": "a@example.com"})
	w.call("sns", "Publish", m{"TopicArn": topic, "Message": "too early"})
	ask := <-box
	if ask.To != "a@example.com" || ask.Subject != "AWS Notification - Subscription Confirmation" {
		t.Errorf("got %+v", ask)
	}
	for _, l := range []string{strings.Replace(link.FindString(ask.Body), "Token=", "Token=0", 1), link.FindString(ask.Body)} {
		resp, err := http.Get(l)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if want := map[bool]int{true: 200, false: 400}[l == link.FindString(ask.Body)]; resp.StatusCode != want {
			t.Errorf("%s: got %s; want %d", l, resp.Status, want)
		}
	}
	w.call("sns", "Publish", m{"TopicArn": topic, "Message": "hello", "Subject": "s"})
	told := <-box
	if told.Subject != "s" || !strings.HasPrefix(told.Body, "hello\n") {
		t.Errorf("got %+v", told)
	}
	resp, err := http.Get(link.FindString(told.Body))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if list := w.call("sns", "ListSubscriptions", m{})["Subscriptions"].([]any); len(list) != 0 {
		t.Errorf("after the link to unsubscribe: got %v", list)
	}
}

func TestUndeliverableGoesToTheDeadLetters(t *testing.T) {
	w := start(t)
	w.run()
	dead, deadARN := w.queue("dead", nil)
	topic := w.call("sns", "CreateTopic", m{"Name": "t"})["TopicArn"]
	w.call("sns", "Subscribe", m{"TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:none",
		"Attributes": m{"RedrivePolicy": `{"deadLetterTargetArn":"` + deadARN + `"}`}})
	w.call("sns", "Publish", m{"TopicArn": topic, "Message": "lost"})
	if got := w.receive(dead); len(got) != 1 || !strings.Contains(got[0], `"Message" : "lost"`) {
		t.Errorf("got %q", got)
	}
}

func TestBoto3(t *testing.T) {
	boto3 := apitest.Boto3(t)
	w := start(t)
	w.run()
	if out := boto3.Run(w.url, "testdata/client.py", w.url); out != "done" {
		t.Errorf("got %q; want done", out)
	}
}
