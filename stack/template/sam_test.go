package template

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expansions in testdata/sam")

// translate asks aws-sam-translator for the expansion of the template on
// standard input.
const translate = `
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse
class Policies:
    def load(self): return {}
try:
    print(json.dumps(transform(yaml_parse(sys.stdin.read()), {}, Policies())))
except Exception as error:
    print(json.dumps({"error": error.message, "causes": [c.message for c in getattr(error, "causes", [])]}))
`

func hasTranslator() bool {
	return exec.Command("python3", "-c", "import samtranslator").Run() == nil
}

func fromTranslator(t *testing.T, text []byte) map[string]any {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "python3", "-c", translate)
	cmd.Stdin = strings.NewReader(string(text))
	cmd.Env = append(os.Environ(), "AWS_DEFAULT_REGION=us-east-1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("samtranslator: %v", err)
	}
	var doc map[string]any
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// Each case has a template and its expansion, which is that of
// aws-sam-translator where it is installed.
func TestSAM(t *testing.T) {
	files, err := filepath.Glob("testdata/sam/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	translator := !testing.Short() && hasTranslator()
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text := archive.Files[0].Data
			got := ""
			tmpl, err := Parse(text)
			if err != nil {
				got = err.Error() + "\n"
			} else {
				var b strings.Builder
				enc := json.NewEncoder(&b)
				enc.SetIndent("", " ")
				enc.SetEscapeHTML(false)
				if err := enc.Encode(json.RawMessage(tmpl.JSON(true))); err != nil {
					t.Fatal(err)
				}
				got = b.String()
			}
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "expanded", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("expansion (-want +got):\n%s", diff)
			}
			if !translator || tmpl == nil {
				return
			}
			var ours map[string]any
			if err := json.Unmarshal([]byte(got), &ours); err != nil {
				t.Fatal(err)
			}
			theirs := fromTranslator(t, text)
			for _, section := range []string{"Resources", "Outputs", "Conditions"} {
				if diff := cmp.Diff(theirs[section], ours[section]); diff != "" {
					t.Errorf("%s (-samtranslator +ours):\n%s", section, diff)
				}
			}
			if theirs["error"] != nil {
				t.Errorf("samtranslator refuses it: %v", theirs)
			}
		})
	}
}
