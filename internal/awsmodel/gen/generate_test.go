package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTablesAreWhatTheModelsSay(t *testing.T) {
	out, err := exec.Command("python3", "-c", "import botocore,os;print(os.path.dirname(botocore.__file__))").Output()
	if err != nil {
		t.Skip("no botocore on this machine")
	}
	models := strings.TrimSpace(string(out))
	version, err := botocoreVersion(models)
	if err != nil {
		t.Skip(err)
	}
	tables := filepath.Join("..", "tables")
	have, err := os.ReadFile(filepath.Join(tables, "NOTICE"))
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != notice(version) {
		t.Skipf("the tables are of another version than botocore %s on this machine", version)
	}
	for _, s := range selections() {
		want, err := generate(models, version, s)
		if err != nil {
			t.Skip("no service models on this machine: ", err)
		}
		got, err := os.ReadFile(filepath.Join(tables, s.signing+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s.json differs from the model: run the generator", s.signing)
		}
	}
	for _, a := range outputs() {
		want, err := generateOutputs(models, version, a)
		if err != nil {
			t.Skip("no service models on this machine: ", err)
		}
		got, err := os.ReadFile(filepath.Join("..", "outputs", a.sdk+".json.gz"))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s.json.gz differs from the model: run the generator", a.sdk)
		}
	}
}

func TestNoModelsIsASentence(t *testing.T) {
	if err := run("", t.TempDir()); err == nil || !strings.HasPrefix(err.Error(), "-models: ") {
		t.Errorf("got %v", err)
	}
	if err := run(t.TempDir(), t.TempDir()); err == nil {
		t.Error("a directory without botocore was taken")
	}
}
