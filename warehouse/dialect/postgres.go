package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// HelperSchema is the schema of the functions that a statement rewritten for
// PostgreSQL may call: see [PostgresHelpers].
const HelperSchema = "salamander"

// A PostgresEnv is what rewriting for PostgreSQL needs to know.
type PostgresEnv struct {
	Catalog Catalog // nil where no statement is of tables that exist

	// Collate tells that the database does not order texts by their bytes, as
	// Redshift does: the columns of new tables are told to.
	Collate bool
}

// A Postgres is a statement in PostgreSQL's words.
type Postgres struct {
	SQL     string
	Mapping Mapping

	// Helpers tells that it calls functions of [HelperSchema].
	Helpers bool

	// Divides tells that it divides what may be numerics, whose quotient has
	// PostgreSQL's scale.
	Divides bool
}

// pgUnsupported names what is not rewritten for PostgreSQL, and where it
// stands.
func pgUnsupported(offset int, format string, args ...any) *sqlstate.Error {
	return &sqlstate.Error{Code: sqlstate.FeatureNotSupported, At: offset + 1,
		Message: fmt.Sprintf(format, args...) + " is not supported by the PostgreSQL warehouse"}
}

// pgPassed are the statements that PostgreSQL has, by their first word.
var pgPassed = map[string]Kind{
	"select": Query, "with": Query, "values": Query, "explain": Query, "(": Query, "table": Query,
	"insert": Write, "update": Write, "delete": Write, "merge": Write, "truncate": Write,
	"create": Define, "drop": Define, "alter": Define, "comment": Define, "refresh": Define, "lock": Write,
	"begin": Begin, "start": Begin, "commit": Commit, "end": Commit, "rollback": Rollback, "abort": Rollback,
	"savepoint": Nothing, "release": Nothing, "analyze": Nothing, "analyse": Nothing, "vacuum": Nothing,
	"copy": Copy, "unload": Unload, "set": Set, "reset": Set, "show": Show, "grant": Grant, "revoke": Grant,
	"declare": Declare, "fetch": Fetch, "move": Fetch, "close": CloseCursor, "prepare": Prepare, "execute": Execute, "deallocate": Deallocate,
	"discard": Nothing, "listen": Nothing, "unlisten": Nothing, "notify": Nothing, "call": Query,
}

// ClassifyPostgres finds out what kind of statement s is where PostgreSQL is
// to run it. One that is not rewritten for it is refused by name. A COPY is of
// the kind Copy only where it reads from S3.
func (s *Statement) ClassifyPostgres() error {
	n := s.nodes
	switch {
	case n[0].IsGroup():
		s.head = "("
	case n[0].Kind != sqltext.Ident:
		return s.near(n[0].Token)
	default:
		s.head = s.word(n, 0)
	}
	kind, ok := pgPassed[s.head]
	if !ok {
		switch s.head {
		case "cancel":
			e := pgUnsupported(n[0].Pos, "CANCEL")
			e.Hint = "select pg_cancel_backend(pid) cancels a statement."
			return e
		case "do", "load", "reindex", "cluster", "checkpoint", "import", "security", "reassign", "describe", "use":
			return pgUnsupported(n[0].Pos, "%s", strings.ToUpper(s.head))
		}
		return s.near(n[0].Token)
	}
	s.Kind, s.Tag = kind, strings.ToUpper(s.head)
	switch s.head {
	case "with":
		s.withHead()
	case "copy":
		return s.classifyCopy()
	case "rollback":
		if s.word(n, 1) == "to" || s.word(n, 2) == "to" {
			s.Kind = Nothing
		}
	case "create", "drop", "alter":
		s.Tag = ""
	}
	return nil
}

// classifyCopy tells a load from S3 from PostgreSQL's own COPY with its client.
func (s *Statement) classifyCopy() error {
	n := s.nodes
	for i := range n {
		w := s.word(n, i)
		if w != "from" && w != "to" || i+1 >= len(n) {
			continue
		}
		if next := s.word(n, i+1); next == "stdin" && w == "from" || next == "stdout" && w == "to" {
			s.Kind = Write
			return nil
		}
		if w == "from" && n[i+1].Kind.IsString() {
			if v, _ := StringValue(n[i+1].Text(s.src), n[i+1].Kind); strings.HasPrefix(v, "s3://") {
				return nil
			}
		}
		if w == "to" || s.word(n, i+1) == "program" {
			return pgUnsupported(n[i].Pos, "COPY %s %s", strings.ToUpper(w), n[i+1].Text(s.src))
		}
		return nil // Copy tells what is wrong with it
	}
	return nil
}

// A pgRewriter edits one statement for PostgreSQL.
type pgRewriter struct {
	*Statement
	editor
	env     PostgresEnv
	helpers bool
	divides bool
	written map[int]bool // the constants that were seen to, by their offset
	listed  map[int]bool // those in lists of IN, by their offset
	err     error
}

func (p *pgRewriter) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// helper returns the name of a function of [HelperSchema].
func (p *pgRewriter) helper(name string) string {
	p.helpers = true
	return HelperSchema + "." + name
}

// RewritePostgres returns s in PostgreSQL's words. ClassifyPostgres must have
// been called.
func (s *Statement) RewritePostgres(env PostgresEnv) (*Postgres, error) {
	p := &pgRewriter{Statement: s, env: env, listed: map[int]bool{}}
	p.list(s.nodes)
	switch s.head {
	case "create":
		p.create()
	case "alter":
		p.alter()
	case "drop":
		p.drop()
	case "begin", "start":
		p.begin()
	case "set", "reset", "show":
		p.setting()
	case "analyze", "analyse", "vacuum":
		p.upkeep()
	case "copy": // with the client
		p.names(s.nodes)
		if len(s.nodes) > 1 && s.nodes[1].IsGroup() {
			p.level(s.nodes[1].Children)
		}
	case "delete":
		if len(s.nodes) > 1 && s.word(s.nodes, 1) != "from" {
			p.insert(s.nodes[0].End, " FROM")
		}
		p.names(s.nodes)
		p.level(s.nodes)
	case "merge":
		if k := p.find(s.nodes, "remove"); k >= 0 && s.word(s.nodes, k+1) == "duplicates" {
			p.fail(pgUnsupported(s.nodes[k].Pos, "MERGE … REMOVE DUPLICATES"))
		}
		p.merge()
		p.names(s.nodes)
		p.level(s.nodes)
	case "comment", "grant", "revoke", "lock", "drop table":
		p.names(s.nodes)
	default:
		p.names(s.nodes)
		p.into()
		p.level(s.nodes)
	}
	p.constants(s.nodes)
	p.nameColumns(s.nodes)
	if p.err != nil {
		return nil, p.err
	}
	out := &Postgres{Helpers: p.helpers, Divides: p.divides}
	out.SQL, out.Mapping = p.apply(s.src, s.Pos, s.End)
	return out, nil
}

// find returns the index of a word in nodes, or -1.
func (p *pgRewriter) find(nodes []sqltext.Node, word string) int {
	for i := range nodes {
		if p.word(nodes, i) == word {
			return i
		}
	}
	return -1
}

// names quotes the names of temporary tables: #name.
func (p *pgRewriter) names(nodes []sqltext.Node) {
	for _, n := range nodes {
		if p.hashed(n) {
			p.replace(n.Pos, n.End, Quote(strings.ToLower(n.Text(p.src))))
		}
		if len(n.Children) > 0 {
			p.names(n.Children)
		}
	}
}

// into makes SELECT … INTO #t a temporary table.
func (p *pgRewriter) into() {
	if p.Kind != Query {
		return
	}
	i := p.intoAt()
	if i < 0 {
		return
	}
	at := i + 1
	if p.word(p.nodes, at) == "table" {
		at++
	}
	if at < len(p.nodes) && p.hashed(p.nodes[at]) {
		p.insert(p.nodes[i].End, " TEMP")
	}
}

// begin rewrites the isolation levels of BEGIN. SNAPSHOT is what PostgreSQL
// calls repeatable read.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
func (p *pgRewriter) begin() {
	for i, n := range p.nodes {
		if p.word(p.nodes, i) == "snapshot" && p.word(p.nodes, i-1) == "level" {
			p.replace(n.Pos, n.End, "REPEATABLE READ")
		}
	}
}

// redshiftSettings are the session's settings that only Redshift has. They are
// kept and do nothing.
//
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
var redshiftSettings = wordSet(`query_group wlm_query_slot_count enable_result_cache_for_session describe_field_name_in_uppercase
enable_case_sensitive_identifier enable_case_sensitive_super_attribute enable_numeric_rounding enable_vacuum_boost json_serialization_enable
json_serialization_parse_nested_strings max_concurrency_scaling_clusters max_cursor_result_set_size mv_enable_aqmv_for_session
navigate_super_null_on_error parse_super_null_on_error pg_federation_repeatable_read spectrum_enable_pseudo_columns spectrum_query_maxerror
stored_proc_log_min_messages use_fips_ssl activate_aqua auto_analyze auto_mv cast_super_null_on_error error_on_nondeterministic_update
analyze_threshold_percent default_geometry_encoding downcast_delimited_identifier`)

// setting puts settings of Redshift's into a class of their own.
func (p *pgRewriter) setting() {
	n, i := p.nodes, 1
	if w := p.word(n, i); w == "session" || w == "local" {
		i++
	}
	name := p.word(n, i)
	if !redshiftSettings[name] {
		return
	}
	switch value := p.setValue(i + 1); {
	case name == "enable_case_sensitive_identifier" && (value == "true" || value == "on" || value == "1"),
		name == "enable_numeric_rounding" && (value == "true" || value == "on" || value == "1"):
		p.fail(pgUnsupported(n[i].Pos, "SET %s", name))
		return
	}
	p.replace(n[i].Pos, n[i].End, HelperSchema+"."+name)
}

// setValue returns the value that SET gives, in lower case without quotes.
func (p *pgRewriter) setValue(i int) string {
	if p.head != "set" || i+1 >= len(p.nodes) {
		return ""
	}
	return strings.ToLower(strings.Trim(p.nodes[i+1].Text(p.src), "'"))
}

// upkeep rewrites VACUUM and ANALYZE: what they are told to do beyond a table
// has no meaning for PostgreSQL.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
func (p *pgRewriter) upkeep() {
	n, i := p.nodes, 1
	drop := func(from, upTo int) {
		if upTo > from {
			p.replace(n[from].Pos, n[upTo-1].Last(), "")
		}
	}
	p.names(n)
	if p.word(n, i) == "compression" {
		p.fail(pgUnsupported(n[i].Pos, "ANALYZE COMPRESSION"))
		return
	}
	start := i
	if p.head == "vacuum" {
		switch {
		case p.words(n, i, "sort", "only"), p.words(n, i, "delete", "only"):
			i += 2
		case p.word2(n, i, "full", "reindex", "recluster"):
			i++
		}
	} else if p.word(n, i) == "verbose" {
		i++
		start = i
	}
	drop(start, i)
	for k := i; k < len(n); k++ {
		switch {
		case p.words(n, k, "predicate", "columns"), p.words(n, k, "all", "columns"), p.word(n, k) == "to", p.word(n, k) == "boost":
			drop(k, len(n))
			return
		}
	}
}
