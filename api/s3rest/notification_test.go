package s3rest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The elements of a bucket's notifications are spelled differently from the
// members of the operation.
func TestNotificationXML(t *testing.T) {
	const text = `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
		`<QueueConfiguration><Id>q</Id><Queue>arn:q</Queue><Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event>` +
		`<Filter><S3Key><FilterRule><Name>prefix</Name><Value>a/</Value></FilterRule><FilterRule><Name>suffix</Name><Value>.csv</Value></FilterRule></S3Key></Filter></QueueConfiguration>` +
		`<CloudFunctionConfiguration><CloudFunction>arn:f</CloudFunction><Event>s3:ObjectCreated:Put</Event></CloudFunctionConfiguration>` +
		`<TopicConfiguration><Topic>arn:t</Topic><Event>s3:ObjectCreated:Put</Event></TopicConfiguration>` +
		`<EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>`
	root, value, err := parseXML([]byte(text))
	if err != nil || root != "NotificationConfiguration" {
		t.Fatalf("got %s, %v", root, err)
	}
	want := map[string]any{
		"QueueConfigurations": []any{map[string]any{"Id": "q", "QueueArn": "arn:q", "Events": []any{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"},
			"Filter": map[string]any{"Key": map[string]any{"FilterRules": []any{
				map[string]any{"Name": "prefix", "Value": "a/"}, map[string]any{"Name": "suffix", "Value": ".csv"}}}}}},
		"LambdaFunctionConfigurations": []any{map[string]any{"LambdaFunctionArn": "arn:f", "Events": []any{"s3:ObjectCreated:Put"}}},
		"TopicConfigurations":          []any{map[string]any{"TopicArn": "arn:t", "Events": []any{"s3:ObjectCreated:Put"}}},
		"EventBridgeConfiguration":     map[string]any{},
	}
	if diff := cmp.Diff(want, value); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	doc, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := writeXML(&out, routes()["GetBucketNotificationConfiguration"], doc, nil); err != nil {
		t.Fatal(err)
	}
	_, again, err := parseXML(out.Bytes())
	if diff := cmp.Diff(value, again); err != nil || diff != "" {
		t.Errorf("%v, written and read again (-want +got):\n%s", err, diff)
	}
}
