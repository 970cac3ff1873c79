package secret

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestBoxesKeepTheirKey(t *testing.T) {
	dir := t.TempDir()
	a, err := LoadBox(dir)
	if err != nil {
		t.Fatal(err)
	}
	sealed := a.Seal("place", []byte("value"))
	if bytes.Contains(sealed, []byte("value")) {
		t.Error("the value can be read")
	}
	again, err := LoadBox(dir)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open("place", sealed); err != nil || string(plain) != "value" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := again.Open("another place", sealed); err == nil {
		t.Error("opened at another place")
	}
	other, err := LoadBox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open("place", sealed); err == nil {
		t.Error("opened with another key")
	}
	file := filepath.Join(dir, KeyFile)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadBox(dir); err == nil {
		t.Error("a key that others can read was taken")
	}
}
