package awsmodel

import (
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// outputFiles are tables of the answers of services that are not implemented,
// one a service, named as in SDK integrations. They serve to judge mocked
// results only: [Service] does not know these services.
//
//go:embed outputs
var outputFiles embed.FS

// OutputTable is the file form of a table of answers, which package gen
// writes, compressed.
type OutputTable struct {
	Source     string                      `json:"source"`     // "botocore 1.43.11 kms/2014-11-01"
	Operations map[string]string           `json:"operations"` // the answer's shape by operation; empty where it is empty
	Shapes     map[string]OutputTableShape `json:"shapes"`
}

// OutputTableShape is one shape in an [OutputTable].
type OutputTableShape struct {
	Type     string      `json:"t"`
	Members  [][2]string `json:"m,omitempty"` // of a structure: name and shape
	Required []string    `json:"r,omitempty"`
	Elem     string      `json:"e,omitempty"` // of a list
	Value    string      `json:"v,omitempty"` // of a map
	Min      *float64    `json:"min,omitempty"`
	Max      *float64    `json:"max,omitempty"`
	Enum     []string    `json:"enum,omitempty"`
}

// OutputShape returns the shape of an operation's answer, which is an empty
// structure where the operation answers nothing. service is spelled as in SDK
// integrations ("cloudwatchlogs"), action too ("putItem"). The services that
// are implemented are known, and many that are not; known is false for others
// and for operations that the service does not have.
func OutputShape(service, action string) (shape *Shape, known bool) {
	if action == "" {
		return nil, false
	}
	name := strings.ToUpper(action[:1]) + action[1:]
	if signing, ok := SigningName(service); ok {
		api, _ := Service(signing)
		if op, ok := api.Operation(name); ok && op.Covered {
			if op.Output == nil {
				return &Shape{Type: "structure"}, true
			}
			return op.Output, true
		}
	}
	t, ok := outputTable(service)
	if !ok {
		return nil, false
	}
	output, ok := t.Operations[name]
	if !ok {
		return nil, false
	}
	if output == "" {
		return &Shape{Type: "structure"}, true
	}
	return t.shapes()[output], true
}

// OutputServices returns the names of the services whose answers are in
// tables of their own, sorted.
func OutputServices() []string {
	entries, err := outputFiles.ReadDir("outputs")
	if err != nil {
		panic(err) // embedded
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json.gz"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func outputTable(service string) (t OutputTable, ok bool) {
	f, err := outputFiles.Open("outputs/" + service + ".json.gz")
	if err != nil {
		return t, false
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(z).Decode(&t)
	}
	if err != nil {
		panic(fmt.Errorf("table of the answers of %s: %w", service, err)) // embedded
	}
	return t, true
}

func (t OutputTable) shapes() map[string]*Shape {
	all := make(map[string]*Shape, len(t.Shapes))
	for name, ts := range t.Shapes {
		all[name] = &Shape{Name: name, Type: ts.Type, Min: ts.Min, Max: ts.Max, Enum: ts.Enum}
	}
	for name, ts := range t.Shapes {
		s := all[name]
		s.Elem, s.Value = all[ts.Elem], all[ts.Value]
		for _, m := range ts.Members {
			s.Members = append(s.Members, &Member{Name: m[0], Wire: m[0], Shape: all[m[1]], Required: slices.Contains(ts.Required, m[0])})
		}
	}
	return all
}
