package dialect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A Key is an informational constraint of a table: no statement checks it, as
// on Redshift.
//
// https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html
type Key struct {
	Name       string
	Kind       KeyKind
	Columns    []string
	Schema     string   `json:",omitempty"` // of a foreign key: of the table that it references
	Table      string   `json:",omitempty"` // that table
	References []string `json:",omitempty"` // its columns; nil for its primary key

	at int // where it stands, from 0
}

// A KeyKind is what pg_constraint.contype says.
type KeyKind string

// The kinds of keys.
const (
	Primary KeyKind = "p"
	Unique  KeyKind = "u"
	Foreign KeyKind = "f"
)

// Definition is the key as a table constraint, as pg_get_constraintdef has it.
func (k Key) Definition() string {
	list := func(names []string) string {
		var all []string
		for _, name := range names {
			all = append(all, quoteWhereNeeded(name))
		}
		return "(" + strings.Join(all, ", ") + ")"
	}
	switch k.Kind {
	case Primary:
		return "PRIMARY KEY " + list(k.Columns)
	case Unique:
		return "UNIQUE " + list(k.Columns)
	}
	to := quoteWhereNeeded(k.Table)
	if k.Schema != "" && k.Schema != "public" {
		to = quoteWhereNeeded(k.Schema) + "." + to
	}
	text := "FOREIGN KEY " + list(k.Columns) + " REFERENCES " + to
	if len(k.References) > 0 {
		text += list(k.References)
	}
	return text
}

// quoteWhereNeeded quotes a name that is no plain word.
func quoteWhereNeeded(name string) string {
	for i, c := range name {
		if (c < 'a' || c > 'z') && c != '_' && (i == 0 || (c < '0' || c > '9') && c != '$') {
			return Quote(name)
		}
	}
	if name == "" || reserved[name] {
		return Quote(name)
	}
	return name
}

// KeyList returns the keys of a table as a JSON array, for the views of the
// catalog.
func (a Attributes) KeyList(table string) string {
	keys := a.Keys
	if len(a.PrimaryKey) > 0 && !slices.ContainsFunc(keys, func(k Key) bool { return k.Kind == Primary }) { // of an earlier release
		keys = append([]Key{{Name: table + "_pkey", Kind: Primary, Columns: a.PrimaryKey}}, keys...)
	}
	type listed struct {
		Key
		Definition string
	}
	all := []listed{}
	for _, k := range keys {
		all = append(all, listed{k, k.Definition()})
	}
	b, _ := json.Marshal(all) // texts only
	return string(b)
}

// tableKey reads a key from node i on: [CONSTRAINT name] PRIMARY KEY (…) and
// its kin. It returns the index after it.
func (r *rewriter) tableKey(attr *Attributes, n []sqltext.Node, i int) int {
	k := Key{at: n[i].Pos}
	if r.word(n, i) == "constraint" && i+1 < len(n) && n[i+1].Kind.IsName() {
		k.Name = Ident(n[i+1].Token, r.src)
		i += 2
	}
	switch {
	case r.words(n, i, "primary", "key"):
		k.Kind = Primary
		i += 2
	case r.words(n, i, "foreign", "key"):
		k.Kind = Foreign
		i += 2
	case r.word(n, i) == "unique":
		k.Kind = Unique
		i++
	}
	if k.Kind == "" || i >= len(n) || n[i].Kind != sqltext.OpenParen || len(n[i].Children) == 0 || !r.onlyNames(n[i]) {
		r.fail(r.unexpected(min(i, len(n)), n))
		return i
	}
	k.Columns = r.columnList(n[i])
	i++
	if k.Kind == Foreign {
		if r.word(n, i) != "references" {
			r.fail(r.unexpected(i, n))
			return i
		}
		i = r.references(&k, n, i)
	}
	attr.Keys = append(attr.Keys, k)
	return i
}

// references reads REFERENCES t [(columns)] at node i, and returns the index
// after it.
func (r *rewriter) references(k *Key, n []sqltext.Node, i int) int {
	name, end, err := r.name(n, i+1)
	if err != nil {
		r.fail(err)
		return i
	}
	k.Schema, k.Table, k.at = name.Schema, name.Table, n[i+1].Pos
	if end < len(n) && n[end].Kind == sqltext.OpenParen {
		k.References = r.columnList(n[end])
		end++
	}
	return end
}

// checkKeys gives the keys that a table has from index first on their names,
// and refuses what cannot be.
func (r *rewriter) checkKeys(attr *Attributes, first int, of Name, columns []string) {
	primary := 0
	if len(attr.PrimaryKey) > 0 {
		primary++
	}
	names := map[string]bool{}
	for _, name := range attr.Constraints {
		names[name] = true
	}
	for i := range attr.Keys {
		k := &attr.Keys[i]
		if k.Kind == Primary {
			primary++
		}
		if i < first {
			names[k.Name] = true
			continue
		}
		if primary > 1 {
			r.fail(invalidTable(k.at, fmt.Sprintf("multiple primary keys for table \"%s\" are not allowed", of.Table)))
		}
		for _, c := range k.Columns {
			if !slices.Contains(columns, c) {
				r.fail(&sqlstate.Error{Code: sqlstate.UndefinedColumn, Message: fmt.Sprintf("column \"%s\" named in key does not exist", c), At: k.at + 1})
			}
		}
		if k.Kind == Foreign {
			r.checkReference(k, of, columns)
		}
		r.nameKey(k, of, names)
		names[k.Name] = true
	}
}

func (r *rewriter) checkReference(k *Key, of Name, columns []string) {
	to := Name{k.Schema, k.Table}
	if to != of {
		table, err := r.env.Catalog.Table(to)
		if err != nil {
			r.fail(err)
			return
		}
		if table == nil {
			r.fail(&sqlstate.Error{Code: sqlstate.UndefinedTable, Message: fmt.Sprintf("relation \"%s\" does not exist", k.Table), At: k.at + 1})
			return
		}
		columns = nil
		for _, c := range table.Columns {
			columns = append(columns, c.Name)
		}
	}
	for _, c := range k.References {
		if !slices.Contains(columns, c) {
			r.fail(&sqlstate.Error{Code: sqlstate.UndefinedColumn, Message: fmt.Sprintf("column \"%s\" referenced in foreign key constraint does not exist", c), At: k.at + 1})
		}
	}
	if k.References != nil && len(k.References) != len(k.Columns) {
		r.fail(&sqlstate.Error{Code: "42830", Message: "number of referencing and referenced columns for foreign key disagree", At: k.at + 1})
	}
}

// nameKey gives a key the name that PostgreSQL chooses.
func (r *rewriter) nameKey(k *Key, of Name, names map[string]bool) {
	if k.Name != "" {
		if names[k.Name] {
			r.fail(&sqlstate.Error{Code: "42710", Message: fmt.Sprintf("constraint \"%s\" for relation \"%s\" already exists", k.Name, of.Table), At: k.at + 1})
		}
		return
	}
	base := of.Table + "_pkey"
	if k.Kind != Primary {
		base = of.Table + "_" + strings.Join(k.Columns, "_") + map[KeyKind]string{Unique: "_key", Foreign: "_fkey"}[k.Kind]
	}
	k.Name = base
	for i := 1; names[k.Name]; i++ {
		k.Name = fmt.Sprintf("%s%d", base, i)
	}
}
