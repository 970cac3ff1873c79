package refresh

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/asl"
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
	if out, err := exec.CommandContext(t.Context(), lint, "template.yaml", "extended/template.yaml").CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// extended resolves what the extended template imports, too.
type extended struct{ names }

func (extended) ImportValue(name string) (string, error) { return "import/" + name, nil }

func TestExtendedTemplateHasTheFiles(t *testing.T) {
	b := bindTemplate(t, "extended/template.yaml", map[string]string{"Email": "data@example.com"})
	o, err := b.Properties(b.Template().Resource("RefreshWithCleaning"), extended{})
	if err != nil {
		t.Fatal(err)
	}
	definition, _ := o.Get("DefinitionString")
	if diff := cmp.Diff(read(t, "extended/statemachine.asl.json"), definition); diff != "" {
		t.Errorf("state machine (-file +template):\n%s", diff)
	}
	substitutions, _ := o.Get("DefinitionSubstitutions")
	text := definition.(string)
	for _, m := range substitutions.(*value.Object).Members() {
		text = strings.ReplaceAll(text, "${"+m.Key+"}", m.Value.(string))
	}
	if strings.Contains(text, "${") {
		t.Error("a placeholder is left")
	}
	if !strings.Contains(text, `"JobQueue": "import/refresh-JobQueue"`) || !strings.Contains(text, `"Value": "s3://import/refresh-DataBucket/etlscript/item.sql"`) {
		t.Errorf("imports are missing in %s", text)
	}
	if _, err := asl.Parse([]byte(text), asl.ParseOptions{}); err != nil {
		t.Errorf("the state machine is not valid: %v", err)
	}
	if diff := cmp.Diff(read(t, "extended/notify.py"), property(t, b, "NotifyFunction", "Code", "ZipFile")); diff != "" {
		t.Errorf("function (-file +template):\n%s", diff)
	}
	exports := map[string]bool{}
	base := bindTemplate(t, "template.yaml", nil)
	out, err := base.Outputs(names{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		exports[o.Export] = true
	}
	for _, name := range []string{"refresh-JobQueue", "refresh-JobDefinition", "refresh-DataBucket"} {
		if !exports[name] {
			t.Errorf("the template does not export %q", name)
		}
	}
	if b := bindTemplate(t, "extended/template.yaml", nil); b.Has(b.Template().Resource("StatusByEmail")) {
		t.Error("an e-mail subscription without an address")
	}
}

// The cleaning drops bad rows and keeps the last of each id.
func TestCleanAddresses(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	const row = "~1~Main~St~~Ulm~~BW~89073~DE~1~home"
	cmd := exec.CommandContext(t.Context(), python, "-c", `
import json, sys
from clean_addresses import clean
print(json.dumps(clean(json.load(sys.stdin))))
`)
	cmd.Dir = "extended"
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	in, err := json.Marshal([]string{"B" + row + "\r\n", " A " + row, "too~few", row, "A" + strings.Replace(row, "Main", " Side ", 1)})
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	want := []any{[]any{"A" + strings.Replace(row, "Main", "Side", 1), "B" + row}, 2.0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
