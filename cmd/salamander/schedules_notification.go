package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"salamander/event"
	"salamander/object"
)

// bucketMessages are the deliveries that a bucket's notifications ask for.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func bucketMessages(m event.Message, e object.Event, n object.Notification) ([]event.Delivery, error) {
	var all []event.Delivery
	for _, t := range n.Targets {
		name, ok := t.Takes(e)
		if !ok {
			continue
		}
		request := requestOf(m)
		content := document{"key": strings.ReplaceAll(url.QueryEscape(e.Key), "%2F", "/"), "sequencer": e.Sequencer}
		if e.Type != "Object Deleted" {
			content["size"], content["eTag"] = e.Size, e.ETag
		}
		owner := sha256.Sum256([]byte("salamander principal " + e.Account))
		principal := "A" + strings.ToUpper(hex.EncodeToString(owner[:7]))
		doc, err := json.Marshal(document{"Records": []document{{
			"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": e.Region,
			"eventTime": time.UnixMilli(e.Time).UTC().Format("2006-01-02T15:04:05.000Z"), "eventName": name,
			"userIdentity": document{"principalId": principal}, "requestParameters": document{"sourceIPAddress": "127.0.0.1"},
			"responseElements": document{"x-amz-request-id": request, "x-amz-id-2": "salamander"},
			"s3": document{"s3SchemaVersion": "1.0", "configurationId": t.ID,
				"bucket": document{"name": e.Bucket, "ownerIdentity": document{"principalId": principal}, "arn": "arn:aws:s3:::" + e.Bucket},
				"object": content}}}})
		if err != nil {
			return nil, err
		}
		all = append(all, event.Delivery{Scope: event.Scope{Account: e.Account, Region: e.Region}, ID: event.Derive(request, t.ID, t.ARN),
			Owner: "arn:aws:s3:::" + e.Bucket, Accepted: m.At, Due: m.At, Target: event.Target{ARN: t.ARN}, Input: string(doc)})
	}
	return all, nil
}
