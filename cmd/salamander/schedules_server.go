package main

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"salamander/api/sigv4"
	"salamander/event"
	"salamander/operation"
)

// ownService is the name in the signatures of requests that are for the
// program itself, not for a service of AWS.
const ownService = "salamander"

// The paths of ownService.
const (
	callPath      = "/_salamander/call"      // ?service=…&operation=…, with the input as body
	triggersPath  = "/_salamander/triggers"  // what the triggers wait for
	succeededPath = "/_salamander/succeeded" // which inputs a machine has succeeded with
	schedulesPath = "/_salamander/schedules" // all rules and schedules that have times
)

// ownHandler serves the program's own commands: signed, as all else is.
func (a *app) ownHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := a.own(r)
		status := http.StatusOK
		if err != nil {
			e := operation.AsError(err)
			if status = e.Status; status == 0 {
				status = http.StatusBadRequest
			}
			if e.Cause != nil {
				a.log.Error("own request", "path", r.URL.Path, "err", e.Cause)
			}
			out = document{"code": e.Code, "message": e.Message}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(out); err != nil {
			a.log.Debug("own answer", "err", err)
		}
	})
}

// maxOwn bounds the body of a request, in bytes.
const maxOwn = 8 << 20

func (a *app) own(r *http.Request) (any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxOwn))
	if err != nil {
		return nil, operation.Errorf("RequestEntityTooLargeException", "the request is larger than this server takes")
	}
	caller, err := a.signer(r, body)
	if err != nil {
		return nil, err
	}
	switch r.URL.Path {
	case callPath:
		resp, err := a.registry.Call(r.Context(), r.URL.Query().Get("service"), r.URL.Query().Get("operation"),
			&operation.Request{Caller: caller, Input: body})
		if err != nil {
			return nil, err
		}
		if resp.Body != nil {
			resp.Body.Close()
		}
		return resp.Output, nil
	case triggersPath:
		return a.events.Triggers(r.Context())
	case succeededPath:
		var in succeededInput
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, operation.Errorf("SerializationException", "%v", err)
		}
		return a.events.Succeeded(r.Context(), in.Machine, in.Inputs)
	case consolePath:
		if a.console == nil {
			return nil, operation.Errorf("NotFound", "this server has no console: --console-addr is off")
		}
		return document{"link": a.consoleLink(askedLink)}, nil
	case readyPath:
		return readinessOf(a.checks(r.Context(), true)), nil
	case schedulesPath:
		return a.events.Upcoming(event.Scope{Account: caller.Account, Region: caller.Region}), nil
	}
	return nil, &operation.Error{Code: "NotFound", Message: "there is nothing at " + r.URL.Path, Status: http.StatusNotFound}
}

// succeededInput asks which inputs a machine has succeeded with.
type succeededInput struct {
	Machine string   `json:"machine"`
	Inputs  []string `json:"inputs"`
}

// signer is who signed a request.
func (a *app) signer(r *http.Request, body []byte) (operation.Caller, error) {
	denied := &operation.Error{Code: "AccessDeniedException", Message: "the request is not signed with a key of this server", Status: http.StatusForbidden}
	sig, err := sigv4.Parse(r)
	if err != nil || sig.Version != 4 || sig.Service != ownService {
		return operation.Caller{}, denied
	}
	secret, caller, err := a.identity.Lookup(r.Context(), sig.AccessKey, sig.SessionToken, sig.Region)
	if err != nil {
		return operation.Caller{}, denied
	}
	sig.PayloadHash = sigv4.HashPayload(body)
	if err := sig.Verify(r, secret, time.Now()); err != nil {
		return operation.Caller{}, denied
	}
	return caller, nil
}
