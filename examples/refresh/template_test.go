package refresh

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/internal/value"
	"salamander/stack/template"
)

// names is a resolver that knows every resource.
type names struct{}

func (names) Ref(id string) (value.Value, error)            { return "ref/" + id, nil }
func (names) GetAtt(id, a string) (value.Value, error)      { return id + "/" + a, nil }
func (names) ImportValue(string) (string, error)            { return "", os.ErrNotExist }
func (names) AvailabilityZones(string) ([]string, error)    { return nil, os.ErrNotExist }
func (names) Parameter(_, _ string, _ bool) (string, error) { return "", os.ErrNotExist }
func (names) Secret(_, _, _ string) (string, error)         { return "", os.ErrNotExist }

func bindTemplate(t *testing.T, file string, values map[string]string) *template.Bound {
	t.Helper()
	tmpl, err := template.Parse([]byte(read(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := tmpl.Bind(template.Inputs{Values: values, Pseudo: template.Pseudo{AccountID: "000000000000", Region: "us-east-1", StackName: "refresh"}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func property(t *testing.T, b *template.Bound, id string, path ...string) value.Value {
	t.Helper()
	o, err := b.Properties(b.Template().Resource(id), names{})
	if err != nil {
		t.Fatal(err)
	}
	var v value.Value = o
	for _, key := range path {
		next, ok := v.(*value.Object).Get(key)
		if !ok {
			t.Fatalf("%s has no %s", id, strings.Join(path, "."))
		}
		v = next
	}
	return v
}

// The template repeats files of the example, which must not drift apart.
func TestTemplateHasTheFiles(t *testing.T) {
	b := bindTemplate(t, "template.yaml", nil)
	for id, file := range map[string]string{"SubmitJobFunction": "functions/submit_job.py", "CheckJobFunction": "functions/check_job.py"} {
		if diff := cmp.Diff(read(t, file), property(t, b, id, "Code", "ZipFile")); diff != "" {
			t.Errorf("%s (-%s +template):\n%s", id, file, diff)
		}
	}
	machine, err := Definition(Functions{Submit: "SubmitJobFunction/Arn", Check: "CheckJobFunction/Arn"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(machine), property(t, b, "RefreshStateMachine", "DefinitionString")); diff != "" {
		t.Errorf("state machine (-file +template):\n%s", diff)
	}
	out, err := b.Outputs(names{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Input(Parameters{Scripts: "s3://salamander-demo/etlscript/", JobDefinition: "ref/JobDefinition", JobQueue: "ref/JobQueue", Date: "2003-01-02"})
	if err != nil {
		t.Fatal(err)
	}
	var got, expected any
	if err := json.Unmarshal([]byte(out[len(out)-1].Value), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &expected); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("input (-Input +template):\n%s", diff)
	}
}

// The template has the published one's 18 types and its habits.
func TestTemplateIsOfThePublishedKind(t *testing.T) {
	b := bindTemplate(t, "template.yaml", map[string]string{"ClusterType": "multi-node", "NumberOfNodes": "3"})
	if got := len(b.Template().ResourceTypes()); got != 18 {
		t.Errorf("got %d types: %v; want 18", got, b.Template().ResourceTypes())
	}
	if got := property(t, b, "Warehouse", "NumberOfNodes"); got != "3" {
		t.Errorf("NumberOfNodes: got %v; want 3", got)
	}
	needed, _ := b.Template().Capabilities()
	if diff := cmp.Diff([]string{"CAPABILITY_IAM"}, needed); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	if size := len(read(t, "template.yaml")); size > template.MaxInline {
		t.Errorf("the template has %d bytes; a request carries %d", size, template.MaxInline)
	}
	_, err := b.Template().Bind(template.Inputs{Values: map[string]string{"MasterUserPassword": "password"}})
	if want := "Parameter MasterUserPassword failed to satisfy constraint: must have 8 characters"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a weak password: got %v; want %s", err, want)
	}
}

func TestTemplateLint(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("no cfn-lint on this machine")
	}
	if testing.Short() {
		t.Skip("cfn-lint takes seconds")
	}
	if out, err := exec.CommandContext(t.Context(), lint, "template.yaml").CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}
