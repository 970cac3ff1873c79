// Package awsmodel holds the shapes of the AWS operations that Salamander
// knows: members, wire locations, constraints, errors. The tables are made
// by package gen from botocore's service models and are read when first
// asked for.
//
// From a shape it judges an input ([Op.Check]), and translates documents
// between the spelling of the model and the one of Step Functions'
// integrations ([Op.FromPascal], [Op.ToPascal]).
package awsmodel

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed tables
var files embed.FS

// The protocols of the tables.
const (
	JSON     = "json"
	RESTJSON = "rest-json"
	Query    = "query"
)

// An API is one service. It is read-only and may be shared.
type API struct {
	Name         string // signing name: "states"
	ServiceID    string // "SFN"
	FullName     string // "AWS Step Functions"
	Protocol     string // [JSON], [RESTJSON] or [Query]
	JSONVersion  string // "1.0"
	TargetPrefix string // "AWSStepFunctions"
	APIVersion   string // "2016-11-23"
	XMLNamespace string
	Source       string // what the table was made from

	ops    map[string]*Op
	list   []*Op
	errors map[string]*Shape
}

// An Op is one operation.
type Op struct {
	API        *API
	Name       string // "SubmitJob"
	Method     string
	URI        string // "/2015-03-31/functions/{FunctionName}"
	Status     int    // of success; 200 when the model says nothing
	Covered    bool   // the table has its shapes; without them Input and Output are nil
	Input      *Shape // nil when there is none
	Output     *Shape // nil when there is none
	Wrapper    string // XML element around the result, for [Query]
	Errors     []string
	HostPrefix string // what clients put before the host: "sync-"
}

// A Shape is a type of the model.
type Shape struct {
	Name       string
	Type       string // structure, list, map, string, blob, boolean, integer, long, float, double, timestamp
	Members    []*Member
	Elem       *Shape // of a list
	ElemWire   string // name of a list's elements in XML and Query; "member" when empty
	Key, Value *Shape // of a map
	Min, Max   *float64
	Pattern    string
	Enum       []string
	Payload    string // member that is the body
	Streaming  bool
	Sensitive  bool
	Flattened  bool
	Union      bool
	Document   bool
	TimeFormat string // "iso8601", "rfc822", "unixTimestamp"; empty for the protocol's
	Code       string // of an error; its name when empty
	Status     int    // of an error; 0 when the model says nothing

	byName map[string]*Member
}

// A Member is a member of a structure.
type Member struct {
	Name       string
	Shape      *Shape
	Required   bool
	In         string // "uri", "querystring", "header", "headers", "statusCode"; empty for the body
	Wire       string // name on the wire; the member's name when the model says nothing
	TimeFormat string
	Token      bool // idempotency token, which clients make
	Streaming  bool
	JSONValue  bool
}

// Member returns the member called name, or nil.
func (s *Shape) Member(name string) *Member { return s.byName[name] }

// loaders read one table each, once.
var loaders = map[string]func() *API{
	"batch":          sync.OnceValue(func() *API { return mustLoad("batch") }),
	"cloudformation": sync.OnceValue(func() *API { return mustLoad("cloudformation") }),
	"events":         sync.OnceValue(func() *API { return mustLoad("events") }),
	"iam":            sync.OnceValue(func() *API { return mustLoad("iam") }),
	"lambda":         sync.OnceValue(func() *API { return mustLoad("lambda") }),
	"logs":           sync.OnceValue(func() *API { return mustLoad("logs") }),
	"redshift":       sync.OnceValue(func() *API { return mustLoad("redshift") }),
	"redshift-data":  sync.OnceValue(func() *API { return mustLoad("redshift-data") }),
	"scheduler":      sync.OnceValue(func() *API { return mustLoad("scheduler") }),
	"secretsmanager": sync.OnceValue(func() *API { return mustLoad("secretsmanager") }),
	"sns":            sync.OnceValue(func() *API { return mustLoad("sns") }),
	"sqs":            sync.OnceValue(func() *API { return mustLoad("sqs") }),
	"ssm":            sync.OnceValue(func() *API { return mustLoad("ssm") }),
	"states":         sync.OnceValue(func() *API { return mustLoad("states") }),
	"sts":            sync.OnceValue(func() *API { return mustLoad("sts") }),
}

// Services returns the signing names of the services, sorted.
func Services() []string {
	return slices.Sorted(maps.Keys(loaders))
}

// Service returns the service with the given signing name ("states").
func Service(name string) (*API, bool) {
	load, ok := loaders[name]
	if !ok {
		return nil, false
	}
	return load(), true
}

// SigningName returns the signing name of the service that a resource
// "arn:aws:states:::aws-sdk:<sdk>:<action>" names: "states" for "sfn",
// "logs" for "cloudwatchlogs".
func SigningName(sdk string) (string, bool) {
	for _, name := range Services() {
		api, _ := Service(name)
		if api.SDKName() == sdk {
			return name, true
		}
	}
	return "", false
}

// SDKName returns the service's name in Step Functions' SDK integrations:
// "sfn", "cloudwatchlogs".
func (a *API) SDKName() string { return strings.ToLower(strings.ReplaceAll(a.ServiceID, " ", "")) }

// Operation returns the operation called name, or false.
func (a *API) Operation(name string) (*Op, bool) {
	op, ok := a.ops[name]
	return op, ok
}

// Operations returns all operations, by name. The caller must not change it.
func (a *API) Operations() []*Op { return a.list }

// Error returns the shape of the error with the given code, or nil.
func (a *API) Error(code string) *Shape { return a.errors[code] }

func mustLoad(name string) *API {
	b, err := files.ReadFile("tables/" + name + ".json")
	if err != nil {
		panic(err) // embedded
	}
	api, err := load(b)
	if err != nil {
		panic(fmt.Errorf("table of %s: %w", name, err))
	}
	return api
}

func load(b []byte) (*API, error) {
	var t Table
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, err
	}
	api := &API{Name: t.Signing, ServiceID: t.ServiceID, FullName: t.FullName, Protocol: t.Protocol,
		JSONVersion: t.JSONVersion, TargetPrefix: t.TargetPrefix, APIVersion: t.APIVersion,
		XMLNamespace: t.XMLNamespace, Source: t.Source,
		ops: map[string]*Op{}, errors: map[string]*Shape{}}
	shapes := map[string]*Shape{}
	for _, ts := range t.Shapes {
		shapes[ts.Name] = &Shape{Name: ts.Name, Type: ts.Type, ElemWire: ts.MemberWire, Min: ts.Min, Max: ts.Max,
			Pattern: ts.Pattern, Enum: ts.Enum, Payload: ts.Payload, Streaming: ts.Streaming, Sensitive: ts.Sensitive,
			Flattened: ts.Flattened, Union: ts.Union, Document: ts.Document, TimeFormat: ts.TimeFormat,
			Code: ts.Code, Status: ts.Status}
	}
	for _, ts := range t.Shapes {
		s := shapes[ts.Name]
		s.Elem, s.Key, s.Value = shapes[ts.Member], shapes[ts.Key], shapes[ts.Value]
		s.link(ts, shapes)
		if ts.Error {
			api.errors[s.ErrorCode()] = s
			api.errors[s.Name] = s
		}
	}
	for _, to := range t.Operations {
		op := &Op{API: api, Name: to.Name, Method: to.Method, URI: to.URI, Status: to.Status, Covered: to.Covered,
			Input: shapes[to.Input], Output: shapes[to.Output], Wrapper: to.Wrapper, Errors: to.Errors,
			HostPrefix: to.HostPrefix}
		if op.Status == 0 {
			op.Status = 200
		}
		api.ops[op.Name] = op
		api.list = append(api.list, op)
	}
	return api, nil
}

func (s *Shape) link(ts TableShape, shapes map[string]*Shape) {
	s.byName = map[string]*Member{}
	for _, tm := range ts.Members {
		m := &Member{Name: tm.Name, Shape: shapes[tm.Shape], Required: slices.Contains(ts.Required, tm.Name),
			In: tm.In, Wire: tm.Wire, TimeFormat: tm.TimeFormat, Token: tm.Token, JSONValue: tm.JSONValue}
		m.Streaming = tm.Streaming || m.Shape.Streaming
		if m.Wire == "" {
			m.Wire = m.Name
		}
		s.Members = append(s.Members, m)
		s.byName[m.Name] = m
	}
}

// ErrorCode returns the code of an error shape.
func (s *Shape) ErrorCode() string {
	if s.Code != "" {
		return s.Code
	}
	return s.Name
}
