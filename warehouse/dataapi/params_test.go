package dataapi

import (
	"strings"
	"testing"
	"time"
)

func TestBind(t *testing.T) {
	params := []Parameter{{"id", "7"}, {"name", "x"}}
	for _, tt := range []struct{ sql, want, fault string }{
		{"select :id, :name, :id", "select $1, $2, $1", ""},
		{"select ':id', \":id\", $$:id$$, a::int -- :id\n/* :x */, :name, :id", "select ':id', \":id\", $$:id$$, a::int -- :id\n/* :x */, $1, $2", ""},
		{"select :id::int, (:name)", "select $1::int, ($2)", ""},
		{"select :id", "", "Parameters list contains unused parameters. Unused parameters: [name]"},
		{"select :id, :name, :nobody", "", "Cannot find parameter: nobody"},
	} {
		got, err := bindAll([]string{tt.sql}, params)
		switch {
		case tt.fault != "" && (err == nil || err.Error() != tt.fault):
			t.Errorf("%s: got %v; want %s", tt.sql, err, tt.fault)
		case tt.fault == "" && (err != nil || got[0].sql != tt.want):
			t.Errorf("%s: got %v, %v; want %s", tt.sql, got, err, tt.want)
		}
	}
}

func FuzzBind(f *testing.F) {
	f.Add("select :id, ':id', :'id', a::int /* :id", "id")
	f.Add("a := :1x", "1x")
	f.Fuzz(func(t *testing.T, sql, name string) {
		q, err := bind(sql, []Parameter{{name, "v"}}, map[string]bool{})
		if err == nil && len(q.values) > 1 {
			t.Errorf("%q: got %d values of one parameter", sql, len(q.values))
		}
		if err == nil && len(q.values) == 0 && q.sql != sql {
			t.Errorf("%q changed to %q without a parameter", sql, q.sql)
		}
	})
}

// What ended is forgotten after a day, what runs is not.
func TestForgetting(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := New(Options{Now: func() time.Time { return now }})
	defer s.Close()
	owner := Owner{"1", "r"}
	for _, id := range []string{"old", "runs"} {
		st := &statement{Statement: Statement{Request: Request{ID: id, Owner: owner, Token: id}, State: State{Status: Started, Created: now, Updated: now}}}
		s.all[id], s.tokens[token{owner, id}] = st, st
		s.order = append(s.order, st)
	}
	s.all["old"].Result = &Result{Size: 5}
	s.all["old"].Status, s.held = Finished, 5
	now = now.Add(Keep - time.Second)
	if got := s.List(owner, func(Statement) bool { return true }); len(got) != 2 {
		t.Errorf("before a day: got %v", got)
	}
	now = now.Add(time.Second)
	if got := s.List(owner, func(Statement) bool { return true }); len(got) != 1 || got[0].ID != "runs" || s.held != 0 || len(s.tokens) != 1 {
		t.Errorf("after a day: got %v, %d bytes, %d tokens", got, s.held, len(s.tokens))
	}
}

func TestTooManyStatements(t *testing.T) {
	s := New(Options{})
	owner := Owner{"1", "r"}
	for range MaxActive {
		s.order = append(s.order, &statement{Statement: Statement{Request: Request{Owner: owner}, State: State{Status: Submitted}}})
	}
	if _, err := s.Submit(Request{ID: "x", Owner: owner, SQLs: []string{"select 1"}}); err != ErrTooMany {
		t.Errorf("got %v; want ErrTooMany", err)
	}
	s.Close()
	if _, err := s.Submit(Request{ID: "x", SQLs: []string{strings.Repeat("x", 3)}}); err == nil {
		t.Error("a closed set takes statements")
	}
}
