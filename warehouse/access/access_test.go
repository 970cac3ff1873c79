package access

import "testing"

func state() *State {
	s := (&State{Users: []User{{ID: FirstUser, Name: "awsuser", Super: true}, {ID: 101, Name: "ann"}, {ID: 102, Name: "bob"}},
		Groups: []Group{{ID: 103, Name: "etl", Users: []int64{102}}, {ID: 104, Name: "reader", Role: true, Users: []int64{101}}, {ID: 105, Name: "all", Role: true, Members: []int64{104}}}}).Clone()
	return s
}

func TestCan(t *testing.T) {
	s := state()
	sale := Object{Relation, "public", "sale"}
	public := Object{Kind: Schema, Name: "public"}
	check := func(what string, user int64, o Object, privilege string, want bool) {
		t.Helper()
		if got := s.Can(user, o, privilege); got != want {
			t.Errorf("%s: user %d, %s on %v: got %v; want %v", what, user, privilege, o, got, want)
		}
	}
	check("superuser", FirstUser, sale, "SELECT", true)
	check("nobody's", 101, sale, "SELECT", false)
	check("public", 101, public, "CREATE", true)
	s.Take(public, Everybody, "CREATE", false)
	check("revoked from public", 101, public, "CREATE", false)
	check("revoked from public", 101, public, "USAGE", true)
	s.Give(Grant{Object: public, To: Everybody, Privilege: "CREATE"})
	check("given back", 101, public, "CREATE", true)
	s.Give(Grant{Object: sale, To: 103, Privilege: "INSERT"})
	check("by group", 102, sale, "INSERT", true)
	check("by group", 101, sale, "INSERT", false)
	s.Give(Grant{Object: sale, To: 105, Privilege: "SELECT"})
	check("by a role of a role", 101, sale, "SELECT", true)
	s.Take(sale, 105, "SELECT", false)
	check("taken", 101, sale, "SELECT", false)
	check("no such user", 999, public, "USAGE", false)
	s.Give(Grant{Object: sale, To: 101, Privilege: "SELECT", Option: true})
	if !s.CanGrant(101, sale, "SELECT") || s.CanGrant(102, sale, "INSERT") {
		t.Error("CanGrant: want true for the option alone")
	}
	s.Take(sale, 101, "SELECT", true)
	if s.CanGrant(101, sale, "SELECT") || !s.Can(101, sale, "SELECT") {
		t.Error("without the option: want the privilege alone")
	}
}

func TestObjectsComeAndGo(t *testing.T) {
	s := state()
	s.Defaults = []Default{{Owner: 101, To: 102, Privilege: "SELECT"}}
	o := Object{Relation, "mart", "sale"}
	s.Made(o, 101)
	if !s.Owns(101, o) || s.Owns(102, o) || !s.Can(102, o, "SELECT") {
		t.Error("after it was made: want its owner and the default grant")
	}
	s.Rename(Object{Kind: Schema, Name: "mart"}, "shop")
	if o.Schema = "shop"; !s.Owns(101, o) || !s.Can(102, o, "SELECT") {
		t.Error("after its schema was renamed: want the same")
	}
	if _, held := s.Holds(102); !held {
		t.Error("a grantee: got no object that is held")
	}
	s.Forget(Object{Kind: Schema, Name: "shop"})
	if s.Knows(o) || s.Can(102, o, "SELECT") {
		t.Error("after its schema was dropped: want nothing kept")
	}
}
