package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// runCommand runs the program in this process.
func runCommand(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

func TestExitStatusesAndSentences(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "file", "")
	for _, tt := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"version"}, exitOK, ""},
		{[]string{"--help"}, exitOK, ""},
		{[]string{"nonsense"}, exitUsage, `salamander: unknown argument "nonsense" for salamander (see salamander --help)` + "\n"},
		{[]string{"up", "--nonsense"}, exitUsage, "salamander: unknown flag: --nonsense (see salamander up --help)\n"},
		{[]string{"up", "--auth", "none"}, exitUsage, `salamander: --auth: got "none"; need one of keys, dev` + "\n"},
		{[]string{"up", "--config", "missing.yaml"}, exitUsage, "salamander: --config: open missing.yaml: no such file or directory\n"},
		{[]string{"demo", "--date", "yesterday", "--data", "d"}, exitUsage, `salamander: --date: got "yesterday"; need a date such as 2003-01-02` + "\n"},
		{[]string{"demo", "--poll", "0", "--data", "d"}, exitUsage, "salamander: --poll: got 0; need at least 1 second\n"},
		{[]string{"demo", "--scale", "0", "--data", "d"}, exitUsage, "salamander: --scale: got 0; need 0.0001 to 100\n"},
		{[]string{"demo", "--date", "1990-01-01", "--data", "d"}, exitUsage, "salamander: --date: date 1990-01-01: need 1998-01-02 to 2020-12-31\n"},
		{[]string{"up", "--region", "x y"}, exitUsage, `salamander: --region: got "x y"; need a region such as us-east-1` + "\n"},
		{[]string{"up", "--data", "file"}, exitUsage, "salamander: --data: file is a file; need a directory\n"},
		{[]string{"--version"}, exitOK, ""},
		{[]string{"env", "--data", "/nonexistent/here"}, exitNotRunning,
			"salamander: no server runs on /nonexistent/here: start one with `salamander up --data /nonexistent/here`\n"},
	} {
		status, _, stderr := runCommand(t, tt.args...)
		if status != tt.status || stderr != tt.stderr {
			t.Errorf("%q: got status %d, %q; want %d, %q", tt.args, status, stderr, tt.status, tt.stderr)
		}
	}
}

func TestConfigurationOrder(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "salamander.yaml", "aws-addr: 127.0.0.1:1\nwarehouse-addr: 127.0.0.1:1\nregion: eu-west-1\nimages:\n  busybox*: /bin/sh\n  python*: [/opt/my python, -u]\n")
	env := map[string]string{"SALAMANDER_AWS_ADDR": "127.0.0.1:2", "SALAMANDER_WAREHOUSE_ADDR": "127.0.0.1:2"}
	cfg := defaultConfig()
	flags := pflag.NewFlagSet("up", pflag.ContinueOnError)
	cfg.flags(flags)
	if err := flags.Parse([]string{"--warehouse-addr", "127.0.0.1:3", "--data", "/d"}); err != nil {
		t.Fatal(err)
	}
	if err := cfg.load(flags, func(name string) string { return env[name] }); err != nil {
		t.Fatal(err)
	}
	want := defaultConfig()
	want.Data, want.AWSAddr, want.WarehouseAddr, want.Region = "/d", "127.0.0.1:2", "127.0.0.1:3", "eu-west-1"
	want.Images = map[string]command{"busybox*": {"/bin/sh"}, "python*": {"/opt/my python", "-u"}}
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestConfigurationFileWithAMistakeNamesTheLine(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "salamander.yaml", "region: eu-west-1\nregoin: eu-west-1\n")
	status, _, stderr := runCommand(t, "up")
	if status != exitUsage || !strings.Contains(stderr, "regoin") || !strings.Contains(stderr, "[2:1]") {
		t.Errorf("got status %d, %q; want the key and its line", status, stderr)
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{"": "''", "/a/b-c": "/a/b-c", "it's": `'it'\''s'`, "a b": "'a b'"} {
		if got := shellQuote(in); got != want {
			t.Errorf("shellQuote(%q): got %s; want %s", in, got, want)
		}
	}
}
