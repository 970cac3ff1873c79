//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// A plan is a statement that PREPARE named.
type plan struct {
	prepared
	types []string // as they were written; nil where none were
}

// cursor runs DECLARE, FETCH and CLOSE. A cursor holds all of its rows, as on
// Redshift, and ends with its transaction.
//
// https://docs.aws.amazon.com/redshift/latest/dg/declare.html
func (s *session) cursor(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (string, error) {
	p, err := st.Plan()
	if err != nil {
		return "", err
	}
	if st.Kind == dialect.Declare {
		return st.Tag, s.declare(ctx, p, w)
	}
	if p.All {
		s.closeCursors()
		return st.Tag, nil
	}
	r := s.cursors[p.Name]
	if r == nil {
		return "", sqlstate.Errorf(sqlstate.InvalidCursorName, "cursor \"%s\" does not exist", p.Name)
	}
	if st.Kind == dialect.CloseCursor {
		r.close()
		delete(s.cursors, p.Name)
		return st.Tag, nil
	}
	w.Columns(r.columns)
	n, _, err := r.send(ctx, p.Count, w)
	return fmt.Sprintf("%s %d", st.Tag, n), err
}

func (s *session) declare(ctx context.Context, p *dialect.Plan, w *pgwire.Writer) error {
	if !s.block {
		return sqlstate.Errorf(sqlstate.NoActiveTransaction, "DECLARE CURSOR may only be used in begin/end transaction blocks")
	}
	if s.cursors[p.Name] != nil {
		return sqlstate.Errorf("42P03", "cursor \"%s\" already exists", p.Name)
	}
	if err := s.begin(ctx); err != nil {
		return translate(err, p.Statement, nil)
	}
	res, out, err := s.execute(ctx, p.Statement, w)
	if err != nil {
		return err
	}
	r, err := newRows(p.Statement, res, out)
	if err != nil {
		return err
	}
	if s.cursors == nil {
		s.cursors = map[string]*rows{}
	}
	s.cursors[p.Name] = r
	return nil
}

// closeCursors ends all cursors.
func (s *session) closeCursors() {
	for _, r := range s.cursors {
		r.close()
	}
	clear(s.cursors)
}

// planned runs PREPARE and DEALLOCATE.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html
func (s *session) planned(st *dialect.Statement) error {
	p, err := st.Plan()
	if err != nil {
		return err
	}
	if st.Kind == dialect.Deallocate {
		if p.All {
			clear(s.plans)
			return nil
		}
		if s.plans[p.Name] == nil {
			return noPlan(p.Name)
		}
		delete(s.plans, p.Name)
		return nil
	}
	if s.plans[p.Name] != nil {
		return sqlstate.Errorf(sqlstate.DuplicateStatement, "prepared statement \"%s\" already exists", p.Name)
	}
	made := &plan{types: p.Types}
	count, err := made.split(strings.Clone(p.Statement.Text()))
	if err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) && e.At > 0 {
			e.At += p.Statement.Pos
		}
		return err
	}
	if p.Types != nil && count > len(p.Types) {
		return sqlstate.Errorf(sqlstate.UndefinedParameter, "there is no parameter $%d", count)
	}
	made.params = make([]uint32, max(count, len(p.Types)))
	if s.plans == nil {
		s.plans = map[string]*plan{}
	}
	s.plans[p.Name] = made
	return nil
}

func noPlan(name string) error {
	return sqlstate.Errorf(sqlstate.InvalidStatementName, "prepared statement \"%s\" does not exist", name)
}

// executed returns the statement that EXECUTE runs: that of PREPARE, with the
// arguments in the places of its parameters.
func (s *session) executed(st *dialect.Statement) (*dialect.Statement, error) {
	p, err := st.Plan()
	if err != nil {
		return nil, err
	}
	made := s.plans[p.Name]
	if made == nil {
		return nil, noPlan(p.Name)
	}
	if len(p.Arguments) != len(made.params) {
		return nil, &sqlstate.Error{Code: sqlstate.SyntaxError, Message: fmt.Sprintf("wrong number of parameters for prepared statement \"%s\"", p.Name),
			Detail: fmt.Sprintf("Expected %d parameters but got %d.", len(made.params), len(p.Arguments))}
	}
	var b strings.Builder
	for i, n := range made.uses {
		b.WriteString(made.parts[i])
		if made.types == nil {
			b.WriteString("(" + p.Arguments[n] + ")")
			continue
		}
		b.WriteString("CAST((" + p.Arguments[n] + ") AS " + made.types[n] + ")")
	}
	b.WriteString(made.parts[len(made.uses)])
	all, err := dialect.Parse(b.String())
	if err == nil && len(all) != 1 {
		err = sqlstate.Errorf(sqlstate.InternalError, "a statement with its parameters became %d statements", len(all))
	}
	if err == nil {
		err = all[0].Classify()
	}
	if err != nil {
		return nil, unplaced(err)
	}
	return all[0], nil
}

// unplaced takes the position from an error whose text is not the client's.
func unplaced(err error) error {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.At = 0
	return &moved
}
