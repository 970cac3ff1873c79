package main

import (
	"context"
	"encoding/json"
	"fmt"

	"salamander/operation"
)

// defaultAccount owns what the program itself makes.
const defaultAccount = "000000000000"

// call carries out an operation as the owner of the default account. token,
// if not empty, makes a repeat of a mutating call harmless: identifiers are
// derived from it.
func call[Out any](ctx context.Context, a *app, token, service, name string, in any) (*Out, error) {
	doc, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("encode %s:%s: %w", service, name, err)
	}
	caller := a.owner()
	caller.Invocation.ID = token
	resp, err := a.registry.Call(ctx, service, name, &operation.Request{Caller: caller, Input: doc})
	if err != nil {
		return nil, fmt.Errorf("%s:%s: %w", service, name, err)
	}
	if resp.Body != nil {
		resp.Body.Close()
	}
	out := new(Out)
	if len(resp.Output) > 0 {
		if err := json.Unmarshal(resp.Output, out); err != nil {
			return nil, fmt.Errorf("read the answer of %s:%s: %w", service, name, err)
		}
	}
	return out, nil
}

// owner is the owner of the default account.
func (a *app) owner() operation.Caller {
	return operation.Caller{Account: defaultAccount, Region: a.config.Region, Principal: "arn:aws:iam::" + defaultAccount + ":root"}
}

// do is call for operations whose answer is not needed.
func do(ctx context.Context, a *app, token, service, name string, in any) error {
	_, err := call[struct{}](ctx, a, token, service, name, in)
	return err
}

// document is a JSON object written in Go.
type document = map[string]any
