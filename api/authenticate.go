package api

import (
	"errors"
	"net/http"

	"salamander/api/sigv4"
	"salamander/internal/awsmodel"
	"salamander/operation"
)

// authenticate returns who signed the request, whose body is given.
func (s *server) authenticate(r *http.Request, t target, body []byte) (operation.Caller, error) {
	if t.sigErr != nil {
		return operation.Caller{}, refusal(t.protocol, t.sigErr)
	}
	sig := t.sig
	secret, caller, err := s.creds.Lookup(r.Context(), sig.AccessKey, sig.SessionToken, sig.Region)
	if err != nil {
		return operation.Caller{}, refusal(t.protocol, err)
	}
	if sig.Version != 4 {
		return operation.Caller{}, refusal(t.protocol, sigv4.ErrUnsigned)
	}
	sig.PayloadHash = sigv4.HashPayload(body)
	if err := sig.Verify(r, secret, s.opt.Now()); err != nil {
		return operation.Caller{}, refusal(t.protocol, err)
	}
	return caller, nil
}

// A denial is one reason to refuse a caller, as the protocols spell it.
type denial struct{ query, json string }

func denialOf(err error) (d denial, message string) {
	var sig *sigv4.Error
	var e *operation.Error
	switch {
	case errors.Is(err, sigv4.ErrUnsigned):
		return denial{"MissingAuthenticationToken", "MissingAuthenticationTokenException"}, "Missing Authentication Token"
	case errors.As(err, &sig):
		switch sig.Problem {
		case sigv4.Malformed, sigv4.Unsupported:
			return denial{"IncompleteSignature", "IncompleteSignatureException"}, sig.Message
		}
		return denial{"SignatureDoesNotMatch", "InvalidSignatureException"}, sig.Message
	case errors.As(err, &e) && e.Code == "ExpiredToken":
		return denial{"ExpiredToken", "ExpiredTokenException"}, e.Message
	case errors.As(err, &e):
		return denial{"InvalidClientTokenId", "UnrecognizedClientException"}, e.Message
	}
	return denial{}, ""
}

// refusal is the answer to a caller who is not let in.
func refusal(protocol string, err error) error {
	d, message := denialOf(err)
	if d.json == "" {
		return err // not the caller's fault
	}
	e := &operation.Error{Code: d.json, Message: message, Status: http.StatusForbidden}
	switch protocol {
	case awsmodel.Query:
		e.Code = d.query
	case awsmodel.JSON:
		e.Status = http.StatusBadRequest
	}
	return e
}
