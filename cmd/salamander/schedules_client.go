package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"salamander/api/sigv4"
	"salamander/operation"
)

// An ownClient talks to the server that runs on a data directory, in the
// program's own way.
type ownClient struct {
	base        string
	region      string
	credentials sigv4.Credentials
}

// dialOwn finds the server of a configuration.
func dialOwn(ctx context.Context, cfg config) (*ownClient, error) {
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
	return &ownClient{"http://" + server.AWS, server.Region, sigv4.Credentials{AccessKey: accessKey, Secret: secret}}, nil
}

// call carries out an operation of the registry. Its errors are
// [*operation.Error].
func (c *ownClient) call(ctx context.Context, service, name string, in, out any) error {
	return c.post(ctx, callPath+"?"+url.Values{"service": {service}, "operation": {name}}.Encode(), in, out)
}

func (c *ownClient) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	sigv4.Sign(req, sigv4.HashPayload(body), c.credentials, c.region, ownService, time.Now())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	doc, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		e := &operation.Error{Status: resp.StatusCode, Code: resp.Status}
		var told struct{ Code, Message string }
		if json.Unmarshal(doc, &told) == nil {
			e.Code, e.Message = told.Code, told.Message
		}
		return e
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(doc, out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}
