//go:build cgo

package main

import "testing"

func TestSQLOnTheWarehouse(t *testing.T) {
	dir := t.TempDir()
	startUp(t, dir)
	for _, tt := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{[]string{"create table q (a int, b varchar(9)); insert into q values (1, 'x'), (2, null)"}, exitOK, "", ""},
		{[]string{"select * from q order by a"}, exitOK, " a | b \n---+---\n 1 | x\n 2 | \n(2 rows)\n\n", ""},
		{[]string{"--format", "csv", "select * from q order by a;"}, exitOK, "a,b\n1,x\n2,\n", ""},
		{[]string{"--format", "json", "select * from q order by a"}, exitOK, "[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":null}]\n", ""},
		{[]string{"--cluster", "nope", "select 1"}, exitFailed, "", "salamander: --cluster: there is no cluster \"nope\"\n"},
	} {
		status, stdout, stderr := runCommand(t, append([]string{"sql", "--data", dir}, tt.args...)...)
		if status != tt.status || stdout != tt.stdout || stderr != tt.stderr {
			t.Errorf("%q: got %d, %q, %q; want %d, %q, %q", tt.args, status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
		}
	}
	if status, _, stderr := runCommand(t, "sql", "--data", dir, "select * from nowhere; select 1"); status != exitFailed || stderr == "" {
		t.Errorf("a failing statement: got %d, %q; want %d and a message", status, stderr, exitFailed)
	}
}
