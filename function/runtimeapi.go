package function

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// MaxPayload is the length of an invocation's payload, and of its answer, in
// bytes at most.
const MaxPayload = 6291556

// runtimeAPI is what the process of an environment talks to.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (e *environment) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	const base = "/2018-06-01/runtime"
	mux.HandleFunc("GET "+base+"/invocation/next", e.serveNext)
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { e.serveOutcome(w, r, false) })
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { e.serveOutcome(w, r, true) })
	mux.HandleFunc("POST "+base+"/init/error", e.serveInitError)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A web page must not reach it, by whatever name.
		if r.Host != e.listener.Addr().String() || r.Header.Get("Origin") != "" {
			refuse(w, http.StatusForbidden, "Forbidden", "this is a function's Runtime API")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	answer(w, status, map[string]string{"errorType": kind, "errorMessage": message})
}

func answer(w http.ResponseWriter, status int, doc map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // the process is gone where it fails
}

func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	if e.current != nil {
		e.mu.Unlock()
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation before has no answer yet")
		return
	}
	if !e.isReady {
		e.isReady = true
		e.initTime = time.Since(e.born)
		close(e.ready)
	}
	e.mu.Unlock()
	select {
	case job := <-e.next:
		e.mu.Lock()
		e.current = job
		e.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", job.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(job.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", job.arn)
		h.Set("Content-Length", strconv.Itoa(len(job.payload)))
		if job.client != "" {
			h.Set("Lambda-Runtime-Client-Context", job.client)
		}
		_, _ = w.Write(job.payload) // the process is gone where it fails
	case <-r.Context().Done():
	}
}

func (e *environment) serveOutcome(w http.ResponseWriter, r *http.Request, failed bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		return // the process is gone; its end tells
	}
	e.mu.Lock()
	job := e.current
	if job != nil && job.id == r.PathValue("id") {
		e.current = nil
	} else {
		job = nil
	}
	e.mu.Unlock()
	if job == nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "no such invocation")
		return
	}
	if len(body) > MaxPayload {
		body, failed = errorPayload("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes)."), true
		refuse(w, http.StatusRequestEntityTooLarge, "Function.ResponseSizeTooLarge", "the answer is too large")
	} else {
		answer(w, http.StatusAccepted, map[string]string{"status": "OK"})
	}
	job.done <- outcome{payload: body, failed: failed}
}

func (e *environment) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	if err != nil {
		return
	}
	e.mu.Lock()
	e.initError = body
	e.mu.Unlock()
	answer(w, http.StatusAccepted, map[string]string{"status": "OK"})
	e.kill() // where it does not end by itself
}

// errorPayload returns an error of the sandbox as an answer.
func errorPayload(kind, message string) []byte {
	doc, err := json.Marshal(struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{kind, message})
	if err != nil {
		panic(err) // two strings
	}
	return doc
}
