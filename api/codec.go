package api

import (
	"net/http"

	"salamander/internal/awsmodel"
	"salamander/operation"
)

// A codec is one wire protocol.
type codec interface {
	// decode fills req's input from the request, checked against the model.
	decode(req *operation.Request, t target, r *http.Request, body []byte) error
	encode(w http.ResponseWriter, op *awsmodel.Op, resp *operation.Response, requestID string) error
	fail(w http.ResponseWriter, t target, e *operation.Error, requestID string)
}

func (t target) codec() codec {
	switch t.protocol {
	case awsmodel.JSON:
		return jsonCodec{}
	case awsmodel.Query:
		return queryCodec{}
	}
	return restCodec{}
}

// check judges in and makes it the input of req.
func check(req *operation.Request, op *awsmodel.Op, in any) error {
	if text := op.Check(in); text != "" {
		return operation.Errorf(validationCode(op.API.Name), "%s", text)
	}
	doc, err := awsmodel.Encode(in)
	req.Input = doc
	return err
}

// validationCode is what a service calls an input outside of its model.
func validationCode(service string) string {
	switch service {
	case "logs":
		return "InvalidParameterException"
	case "batch":
		return "ClientException"
	case "sts":
		return "ValidationError"
	}
	return "ValidationException"
}

// status returns the HTTP status of an error: its own, the model's, or 400.
func status(t target, e *operation.Error) int {
	if e.Status != 0 {
		return e.Status
	}
	if t.op != nil {
		if shape := t.op.API.Error(e.Code); shape != nil && shape.Status != 0 {
			return shape.Status
		}
	}
	return http.StatusBadRequest
}

func serialization(message string) *operation.Error {
	return operation.Errorf("SerializationException", "%s", message)
}
