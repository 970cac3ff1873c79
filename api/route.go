package api

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"salamander/api/sigv4"
	"salamander/internal/awsmodel"
	"salamander/operation"
)

// A target is what a request is for.
type target struct {
	service  string            // signing name; what the request says or looks like
	protocol string            // of [awsmodel]
	name     string            // of the operation as the request names it; empty where only the path does
	op       *awsmodel.Op      // nil when the model has none
	params   map[string]string // of the path
	form     url.Values        // of Query

	sig    sigv4.Request
	sigErr error
}

func (t target) operation() string {
	if t.op != nil {
		return t.op.Name
	}
	return t.name
}

// route finds out what r is for and reads its body, unless it is for a
// mounted handler. The name in the signature's scope decides about the
// service; where there is no signature, target, form and path do.
func (s *server) route(r *http.Request) ([]byte, target, *operation.Error) {
	t := target{protocol: awsmodel.RESTJSON}
	t.sig, t.sigErr = sigv4.Parse(r)
	t.service = t.sig.Service
	if prefix, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		t.protocol, t.name = awsmodel.JSON, name
		if t.service == "" {
			t.service = serviceOfTarget(prefix)
		}
	}
	isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if t.service == "" && t.name == "" && !isForm && !r.URL.Query().Has("Action") {
		t.service = serviceOfPath(r)
	}
	if s.opt.Mounts[t.service] != nil && t.name == "" {
		return nil, t, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, s.opt.MaxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, t, &operation.Error{Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
				Message: "The request body is larger than this server takes."}
		}
		return nil, t, &operation.Error{Code: "IncompleteBody", Message: "The request body ended early.", Cause: err}
	}
	if t.name == "" {
		t.readForm(r, body, isForm)
	}
	t.resolve(r)
	return body, t, nil
}

// readForm looks for the Action of a Query request.
func (t *target) readForm(r *http.Request, body []byte, isForm bool) {
	form := r.URL.Query()
	if isForm {
		posted, err := url.ParseQuery(string(body))
		if err != nil {
			return
		}
		for k, v := range posted {
			form[k] = v
		}
	}
	if action := form.Get("Action"); action != "" {
		t.protocol, t.name, t.form = awsmodel.Query, action, form
		if t.service == "" {
			t.service = serviceOfAction(form)
		}
	}
}

// resolve finds the operation in the model of the service.
func (t *target) resolve(r *http.Request) {
	api, ok := awsmodel.Service(t.service)
	if !ok {
		return
	}
	switch {
	case api.Protocol == awsmodel.RESTJSON:
		t.protocol = awsmodel.RESTJSON
		t.op, t.params = matchPath(api, r.Method, r.URL.EscapedPath())
	case api.Protocol == t.protocol && t.protocol == awsmodel.JSON:
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), api.TargetPrefix+".") {
			t.op, _ = api.Operation(t.name)
		}
	case api.Protocol == t.protocol:
		if v := t.form.Get("Version"); v == "" || v == api.APIVersion {
			t.op, _ = api.Operation(t.name)
		}
	default:
		t.protocol = api.Protocol
	}
}

func serviceOfTarget(prefix string) string {
	for _, name := range awsmodel.Services() {
		if api, _ := awsmodel.Service(name); api.TargetPrefix == prefix {
			return name
		}
	}
	return strings.ToLower(prefix)
}

func serviceOfAction(form url.Values) string {
	for _, name := range awsmodel.Services() {
		api, _ := awsmodel.Service(name)
		if api.Protocol == awsmodel.Query && api.APIVersion == form.Get("Version") {
			return name
		}
	}
	return ""
}

// serviceOfPath guesses the service of an unsigned request without a target.
// What no REST service has is taken for a bucket or an object.
func serviceOfPath(r *http.Request) string {
	for _, name := range awsmodel.Services() {
		api, _ := awsmodel.Service(name)
		if api.Protocol != awsmodel.RESTJSON {
			continue
		}
		if op, _ := matchPath(api, r.Method, r.URL.EscapedPath()); op != nil {
			return name
		}
	}
	return "s3"
}

// matchPath finds the operation that a method and an escaped path address.
// Of several, the one with more fixed segments is meant.
func matchPath(api *awsmodel.API, method, path string) (*awsmodel.Op, map[string]string) {
	var best *awsmodel.Op
	var params map[string]string
	most := -1
	segments := segmentsOf(path)
	for _, op := range api.Operations() {
		if op.Method != method {
			continue
		}
		uri, _, _ := strings.Cut(op.URI, "?")
		if p, fixed, ok := matchSegments(segmentsOf(uri), segments); ok && fixed > most {
			best, params, most = op, p, fixed
		}
	}
	return best, params
}

func segmentsOf(path string) []string {
	return strings.Split(strings.Trim(path, "/"), "/")
}

func matchSegments(uri, path []string) (params map[string]string, fixed int, ok bool) {
	params = map[string]string{}
	for i, u := range uri {
		name, isParam := strings.CutPrefix(u, "{")
		if !isParam {
			if i >= len(path) || path[i] != u {
				return nil, 0, false
			}
			fixed++
			continue
		}
		name = strings.TrimSuffix(name, "}")
		if i >= len(path) {
			return nil, 0, false
		}
		if greedy, ok := strings.CutSuffix(name, "+"); ok {
			value, err := url.PathUnescape(strings.Join(path[i:], "/"))
			params[greedy] = value
			return params, fixed, err == nil && i == len(uri)-1
		}
		value, err := url.PathUnescape(path[i])
		if err != nil || value == "" {
			return nil, 0, false
		}
		params[name] = value
	}
	return params, fixed, len(uri) == len(path)
}

// unknown is AWS's answer for an operation that the service does not have,
// and ours for a service that we do not have.
func (t target) unknown() *operation.Error {
	api, ok := awsmodel.Service(t.service)
	switch {
	case !ok:
		name := t.name
		if name == "" {
			name = "this operation"
		}
		return operation.NotImplemented(t.service, name, "")
	case t.protocol == awsmodel.Query:
		return operation.Errorf("InvalidAction", "Could not find operation %s for version %s", t.name, t.version(api))
	case t.protocol == awsmodel.RESTJSON:
		return &operation.Error{Code: "UnknownOperationException", Status: http.StatusNotFound,
			Message: "The requested operation is not recognized by the service."}
	}
	return operation.Errorf("UnknownOperationException", "The requested operation is not recognized by the service.")
}

func (t target) version(api *awsmodel.API) string {
	if v := t.form.Get("Version"); v != "" {
		return v
	}
	return api.APIVersion
}
