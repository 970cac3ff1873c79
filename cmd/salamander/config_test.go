package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// docs/salamander.yaml is read, is valid, and shows every key.
func TestTheDocumentedConfigurationIsWhole(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "salamander.yaml")
	c := defaultConfig()
	if err := c.loadFile(file); err != nil {
		t.Fatal(err)
	}
	if err := c.validate(); err != nil {
		t.Error(err)
	}
	if _, err := c.eventPolicies(); err != nil {
		t.Error(err)
	}
	if _, err := c.eventTriggers(); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []any{config{}, smtpConfig{}, alertConfig{}, triggerConfig{}, policyConfig{}} {
		typ := reflect.TypeOf(of)
		for i := range typ.NumField() {
			key := typ.Field(i).Tag.Get("yaml")
			if key == "" || key == "password" || key == "count" || key == "manifest" || key == "-" { // told in comments
				continue
			}
			if !strings.Contains(string(text), key+":") {
				t.Errorf("docs/salamander.yaml does not show %q of %s", key, typ.Name())
			}
		}
	}
}
