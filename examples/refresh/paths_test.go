package refresh

import (
	"regexp"
	"testing"

	"salamander/internal/value"
	"salamander/jsonpath"
)

// The paths of the variant without functions find what they name in the input.
func TestSyncPathsFindTheInput(t *testing.T) {
	doc, err := Input(Parameters{Scripts: "s3://b/etlscript/", JobDefinition: "d:1", JobQueue: "q", Date: "2003-01-02"})
	if err != nil {
		t.Fatal(err)
	}
	in, err := value.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	filters := regexp.MustCompile(`States\.ArrayGetItem\((\$[^"]*), 0\)`).FindAllStringSubmatch(read(t, "statemachine-sync.asl.json"), -1)
	if len(filters) != 15 {
		t.Fatalf("filters: got %d; want 15", len(filters))
	}
	for _, m := range filters {
		p, err := jsonpath.Parse(m[1])
		if err != nil {
			t.Fatalf("%s: %v", m[1], err)
		}
		v, err := p.Get(in)
		if err != nil {
			t.Fatalf("%s: %v", m[1], err)
		}
		if list, ok := v.([]value.Value); !ok || len(list) != 1 {
			t.Errorf("%s: got %v; want one", m[1], v)
		}
	}
}
