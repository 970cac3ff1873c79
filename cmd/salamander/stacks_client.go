package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"salamander/api/sigv4"
	"salamander/operation"
)

// An awsClient calls the server that runs on a data directory, as any AWS client
// does.
type awsClient struct {
	endpoint    string // "http://127.0.0.1:4566"
	region      string
	credentials sigv4.Credentials
}

// dialAWS returns a client of the server that runs on the configuration's data
// directory.
func dialAWS(ctx context.Context, cfg config) (*awsClient, error) {
	server, err := readServer(cfg.Data)
	if err != nil {
		return nil, err
	}
	if server == nil || !alive(ctx, server) {
		return nil, exitf(exitNotRunning, "no server runs on %s: start one with `salamander up --data %s`", cfg.Data, shellQuote(cfg.Data))
	}
	accessKey, secret, err := ownKeys(cfg.Data)
	if err != nil {
		return nil, err
	}
	return &awsClient{"http://" + server.AWS, server.Region, sigv4.Credentials{AccessKey: accessKey, Secret: secret}}, nil
}

// maxAnswer is the size of an answer in bytes at most.
const maxAnswer = 64 << 20

// send signs a request, sends it and reads the answer. An error of the server
// is an [*operation.Error].
func (c *awsClient) send(ctx context.Context, service, method, path, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	sigv4.Sign(req, sigv4.HashPayload(body), c.credentials, c.region, service, time.Now())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		return text, nil
	}
	var e struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
		Error   struct{ Code, Message string }
	}
	if xml.Unmarshal(text, &e) != nil || e.Code == "" && e.Error.Code == "" {
		return nil, fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	if e.Code == "" {
		e.Code, e.Message = e.Error.Code, e.Error.Message
	}
	return nil, &operation.Error{Code: e.Code, Message: e.Message, Status: resp.StatusCode}
}

// cloudformation calls an operation of CloudFormation and reads its result
// into out, which may be nil.
func (c *awsClient) cloudformation(ctx context.Context, action string, form url.Values, out any) error {
	if form == nil {
		form = url.Values{}
	}
	form.Set("Action", action)
	form.Set("Version", "2010-05-15")
	text, err := c.send(ctx, "cloudformation", http.MethodPost, "/", "application/x-www-form-urlencoded; charset=utf-8", []byte(form.Encode()))
	if err != nil || out == nil {
		return err
	}
	dec := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the answer of %s has no result", action)
		} else if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == action+"Result" {
			return dec.DecodeElement(out, &start)
		}
	}
}

// objectPath is the path of a bucket or an object.
func objectPath(parts ...string) string {
	return (&url.URL{Path: "/" + strings.Join(parts, "/")}).EscapedPath()
}
