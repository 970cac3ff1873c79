package main

import "testing"

func TestSQLRefusals(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"sql"}, exitUsage, "salamander: sql needs one argument, the statements (see salamander sql --help)\n"},
		{[]string{"sql", "select 1", "--format", "xml"}, exitUsage, "salamander: --format: need table, csv or json, not \"xml\"\n"},
		{[]string{"sql", "select 1", "--stack", "a", "--cluster", "b"}, exitUsage, "salamander: --stack and --cluster: give one of them\n"},
		{[]string{"sql", "select 1", "--data", "/nonexistent/here"}, exitNotRunning,
			"salamander: no server runs on /nonexistent/here: start one with `salamander up --data /nonexistent/here`\n"},
	} {
		status, _, stderr := runCommand(t, tt.args...)
		if status != tt.status || stderr != tt.stderr {
			t.Errorf("%q: got status %d, %q; want %d, %q", tt.args, status, stderr, tt.status, tt.stderr)
		}
	}
}

func TestJSONValue(t *testing.T) {
	for _, tt := range []struct {
		oid         uint32
		value, want string
	}{
		{16, "t", "true"}, {16, "f", "false"}, {23, "-7", "-7"}, {1700, "1.50", "1.50"}, {1700, "NaN", `"NaN"`},
		{25, "a\"b", `"a\"b"`}, {1082, "2003-01-02", `"2003-01-02"`}, {25, "5", `"5"`},
	} {
		if got := string(jsonValue(tt.oid, []byte(tt.value))); got != tt.want {
			t.Errorf("%d %q: got %s; want %s", tt.oid, tt.value, got, tt.want)
		}
	}
	if got := string(jsonValue(23, nil)); got != "null" {
		t.Errorf("NULL: got %s; want null", got)
	}
}
