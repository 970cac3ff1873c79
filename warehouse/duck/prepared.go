//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/sqltext"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// maxParams is the protocol's limit on parameters of a statement.
const maxParams = 65535

// A prepared is a statement of the extended protocol. Its parameters stand as
// constants in the text that runs, so that they are rewritten, typed and
// checked like any other text.
type prepared struct {
	s       *session
	src     string
	parts   []string // the text between parameters: one more than uses
	uses    []int    // the parameter, from 0, between two parts
	params  []uint32
	columns []pgwire.Column
	empty   bool
}

// Parse prepares a statement of the extended protocol.
//
// https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
func (s *session) Parse(ctx context.Context, text string, given []uint32) (pgwire.Prepared, error) {
	p := &prepared{s: s, src: text}
	all, err := dialect.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(all) > 1 {
		return nil, sqlstate.Errorf(sqlstate.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	count, err := p.split(text)
	if err != nil {
		return nil, err
	}
	p.params = make([]uint32, max(count, len(given)))
	copy(p.params, given)
	if len(all) == 0 {
		p.empty = true
		return p, nil
	}
	st := all[0]
	if err := s.admit(st); err != nil {
		return nil, err
	}
	if err := s.e.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer s.e.gate.leave()
	p.infer(st)
	for i, oid := range p.params {
		if _, ok := typeNames[oid]; !ok {
			return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "parameter $%d has type %d, which the embedded warehouse does not take", i+1, oid)
		}
	}
	switch st.Kind {
	case dialect.Query:
		p.columns, err = p.describe()
	case dialect.Fetch:
		var plan *dialect.Plan
		if plan, err = st.Plan(); err == nil && s.cursors[plan.Name] != nil {
			p.columns = s.cursors[plan.Name].columns
		}
	case dialect.Execute:
		var inner *dialect.Statement
		if inner, err = s.executed(st); err == nil && inner.Kind == dialect.Query {
			p.columns, err = s.columnsOf(inner)
			if err != nil {
				err = unplaced(err)
			}
		}
	case dialect.Show:
		var set dialect.Setting
		if set, err = st.Setting(); err == nil {
			p.columns = []pgwire.Column{{Name: set.Name, OID: oidText, Size: -1, Mod: -1}}
		}
	}
	return p, err
}

// split finds the parameters in a text, and returns the highest number.
func (p *prepared) split(text string) (int, error) {
	toks, err := sqltext.Lex(text, sqltext.Options{BackslashEscapes: true, HashNames: true})
	if err != nil {
		return 0, err
	}
	from, highest := 0, 0
	for _, tok := range toks {
		if tok.Kind != sqltext.Param {
			continue
		}
		n, err := strconv.Atoi(tok.Text(text)[1:])
		if err != nil || n < 1 || n > maxParams {
			return 0, &sqlstate.Error{Code: "42P02", Message: fmt.Sprintf("there is no parameter %s", tok.Text(text)), At: tok.Pos + 1}
		}
		p.parts = append(p.parts, text[from:tok.Pos])
		p.uses = append(p.uses, n-1)
		from = tok.Pos + len(tok.Text(text))
		highest = max(highest, n)
	}
	p.parts = append(p.parts, text[from:])
	return highest, nil
}

// infer finds the types of parameters that the client gave none for: those
// DuckDB concludes, otherwise text.
func (p *prepared) infer(st *dialect.Statement) {
	unknown := false
	for i, oid := range p.params {
		if oid == oidUnknown {
			p.params[i] = 0
		}
		unknown = unknown || p.params[i] == 0
	}
	if !unknown {
		return
	}
	var ps *statement
	if st.Kind == dialect.Query || st.Kind == dialect.Write {
		_, ps, _ = p.s.prepare(st) // a statement that fails here tells so when it is described
	}
	for i, oid := range p.params {
		if oid != 0 {
			continue
		}
		p.params[i] = oidText
		if ps == nil {
			continue
		}
		var at db.IdxT
		if db.BindParameterIndex(ps.s, &at, strconv.Itoa(i+1)) != db.StateSuccess {
			continue
		}
		f := field{typ: db.ParamType(ps.s, at)}
		if _, ok := typeNames[f.column("").OID]; ok {
			p.params[i] = f.column("").OID
		}
	}
	if ps != nil {
		ps.close()
	}
}

// describe finds the columns of a query.
func (p *prepared) describe() ([]pgwire.Column, error) {
	st, shift, err := p.statement(make([]*string, len(p.params)))
	if err != nil {
		return nil, err
	}
	cols, err := p.s.columnsOf(st)
	if err != nil {
		err = shift(err)
	}
	return cols, err
}

// columnsOf finds the columns of a query without running it.
func (s *session) columnsOf(st *dialect.Statement) ([]pgwire.Column, error) {
	out, ps, err := s.prepare(st)
	if err != nil {
		return nil, err
	}
	defer ps.close()
	fields := make([]field, int(db.PreparedStatementColumnCount(ps.s)))
	for i := range fields {
		t := db.PreparedStatementColumnLogicalType(ps.s, db.IdxT(i))
		fields[i], err = fieldOf(db.PreparedStatementColumnName(ps.s, db.IdxT(i)), t)
		db.DestroyLogicalType(&t)
		if err != nil {
			return nil, err
		}
	}
	return described(fields, out), nil
}

// statement returns the statement with its parameters' values, and a function
// that gives errors the positions of the client's text.
func (p *prepared) statement(values []*string) (*dialect.Statement, func(error) error, error) {
	var b strings.Builder
	type mark struct{ at, less int }
	var marks []mark // from byte at on, the client's text is less bytes before
	less := 0
	for i, n := range p.uses {
		b.WriteString(p.parts[i])
		constant := constantOf(p.params[n], values[n])
		marks = append(marks, mark{b.Len(), less})
		b.WriteString(constant)
		less += len(constant) - len("$") - len(strconv.Itoa(n+1))
		marks = append(marks, mark{b.Len(), less})
	}
	b.WriteString(p.parts[len(p.uses)])
	shift := func(err error) error {
		var e *sqlstate.Error
		if !errors.As(err, &e) || e.At == 0 {
			return err
		}
		moved := *e
		for i, m := range marks {
			if e.At-1 < m.at {
				break
			}
			if moved.At = e.At - m.less; i%2 == 0 { // inside of a constant: its beginning
				moved.At = m.at + 1 - m.less
			}
		}
		return &moved
	}
	all, err := dialect.Parse(b.String())
	if err != nil {
		return nil, nil, shift(err)
	}
	if len(all) != 1 {
		return nil, nil, sqlstate.Errorf(sqlstate.InternalError, "a statement with its parameters became %d statements", len(all))
	}
	if err := all[0].Classify(); err != nil {
		return nil, nil, shift(err)
	}
	return all[0], shift, nil
}

// Params are the types of the parameters.
func (p *prepared) Params() []uint32 { return p.params }

// Columns are those of the result, nil for a statement without rows.
func (p *prepared) Columns() []pgwire.Column { return p.columns }

// Close forgets the statement.
func (p *prepared) Close() {}

// Bind gives the statement its parameters.
func (p *prepared) Bind(values [][]byte, formats []int16) (pgwire.Portal, error) {
	texts := make([]*string, len(p.params))
	for i := range texts {
		text, err := parameter(p.params[i], pgwire.FormatOf(formats, i), values[i])
		if err != nil {
			return nil, sqlstate.Errorf("22P03", "parameter $%d: %v", i+1, err)
		}
		texts[i] = text
	}
	return &portal{p: p, values: texts}, nil
}

// A portal is a statement with its parameters. It keeps the rows that the
// client did not ask for yet.
type portal struct {
	p      *prepared
	values []*string
	rows   *rows
	state  portalState
	query  *query
	sent   int64
}

// A portalState is how far a portal came.
type portalState uint8

const (
	portalReady  portalState = iota
	portalRows               // it gave all its rows: it gives none when it is run again
	portalClosed             // it ran, or failed: it cannot be run again
)

// Close forgets the rows that are left.
func (o *portal) Close() {
	if o.rows != nil {
		o.rows.close()
		o.rows = nil
	}
	if o.query != nil { // where it did not end, the client wants no more rows
		o.p.s.ended(o.query, o.sent, nil)
	}
	o.state = portalClosed
}

// Execute runs the statement, or goes on with its rows.
func (o *portal) Execute(ctx context.Context, limit uint32, w *pgwire.Writer) error {
	s := o.p.s
	switch {
	case o.p.empty:
		w.Empty()
		return nil
	case o.rows != nil:
		return o.send(ctx, limit, w)
	case s.failed && o.state != portalReady:
		return errFailed
	case o.state == portalRows:
		w.Complete("SELECT 0")
		return nil
	case o.state == portalClosed:
		return pgwire.ErrPortalDone
	}
	st, shift, err := o.p.statement(o.values)
	if err != nil {
		return err
	}
	if st.Kind != dialect.Query {
		o.state = portalClosed
		tag, err := s.statement(ctx, st, false, w)
		if err == nil && tag != "" {
			w.Complete(tag)
		}
		return shift(err)
	}
	if err := s.admit(st); err != nil {
		return shift(err)
	}
	o.query = s.note(st)
	if err := o.begin(ctx, st, shift, w); err != nil {
		s.ended(o.query, 0, err)
		o.Close()
		return err
	}
	return o.send(ctx, limit, w)
}

// begin runs a query up to its rows.
func (o *portal) begin(ctx context.Context, st *dialect.Statement, shift func(error) error, w *pgwire.Writer) error {
	s := o.p.s
	run, cancel := s.limited(ctx)
	defer cancel()
	if err := s.begin(run); err != nil {
		return translate(err, st, nil)
	}
	if err := s.authorize(run, st); err != nil {
		return err
	}
	res, out, err := s.execute(run, st, w)
	if err != nil {
		return shift(err)
	}
	if o.rows, err = newRows(st, res, out); err != nil {
		return err
	}
	if !o.rows.same(o.p.columns) {
		o.Close()
		return sqlstate.Errorf(sqlstate.FeatureNotSupported, "cached plan must not change result type")
	}
	return nil
}

// send sends the next rows.
func (o *portal) send(ctx context.Context, limit uint32, w *pgwire.Writer) error {
	ctx, cancel := o.p.s.limited(ctx)
	defer cancel()
	defer w.Watch(ctx)()
	n, done, err := o.rows.send(ctx, int64(limit), w)
	o.sent += n
	switch {
	case err != nil:
		o.p.s.ended(o.query, o.sent, err)
		o.Close()
		return err
	case !done:
		w.Suspended()
		return nil
	}
	w.Complete(tag(o.rows.st, n))
	o.Close()
	o.state = portalRows
	return nil
}
