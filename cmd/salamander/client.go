package main

import (
	"bytes"
	"context"
	"encoding/json"
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

// A serverClient calls the server that runs on a data directory: over the AWS
// protocols as any client does, and in the program's own way.
type serverClient struct {
	endpoint    string // "http://127.0.0.1:4566"
	region      string
	credentials sigv4.Credentials
}

// dial finds the server that runs on the configuration's data directory.
func dial(ctx context.Context, cfg config) (*serverClient, error) {
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
	return &serverClient{"http://" + server.AWS, server.Region, sigv4.Credentials{AccessKey: accessKey, Secret: secret}}, nil
}

// maxAnswer is the size of an answer in bytes at most.
const maxAnswer = 64 << 20

// send signs a request, sends it and reads the answer. An error of the server
// is an [*operation.Error].
func (c *serverClient) send(ctx context.Context, service, method, path, contentType string, body []byte) ([]byte, error) {
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
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxAnswer {
		return nil, fmt.Errorf("%s %s: the answer is larger than %d bytes", method, path, maxAnswer)
	}
	if resp.StatusCode/100 == 2 {
		return text, nil
	}
	e := told(text)
	if e == nil {
		return nil, fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	e.Status = resp.StatusCode
	return nil, e
}

// told reads an error as the server tells it: S3 and Query in XML, the program
// itself in JSON; nil where it is neither.
func told(text []byte) *operation.Error {
	var e struct {
		Code    string
		Message string
		Error   struct{ Code, Message string }
	}
	if json.Unmarshal(text, &e) != nil && xml.Unmarshal(text, &e) != nil {
		return nil
	}
	if e.Code == "" {
		e.Code, e.Message = e.Error.Code, e.Error.Message
	}
	if e.Code == "" {
		return nil
	}
	return &operation.Error{Code: e.Code, Message: e.Message}
}

// call carries out an operation of the registry in the program's own way, on
// AWS's canonical documents. out may be nil.
func (c *serverClient) call(ctx context.Context, service, name string, in, out any) error {
	return c.post(ctx, callPath+"?"+url.Values{"service": {service}, "operation": {name}}.Encode(), in, out)
}

// post asks the program itself, at one of the paths of ownService.
func (c *serverClient) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	text, err := c.send(ctx, ownService, http.MethodPost, path, "application/json", body)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// cloudformation calls an operation of CloudFormation and reads its result
// into out, which may be nil.
func (c *serverClient) cloudformation(ctx context.Context, action string, form url.Values, out any) error {
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
