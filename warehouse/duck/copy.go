//go:build cgo

package duck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/source"
	"salamander/warehouse/sqlstate"
)

// copy loads a table from S3 and returns the command tag.
func (s *session) copy(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (string, error) {
	from, err := st.Copy()
	if err != nil {
		return "", err
	}
	table, err := s.target(ctx, from) // what follows reads no table
	if err != nil {
		return "", err
	}
	if table == nil {
		return "", sqlstate.Errorf(sqlstate.UndefinedTable, "relation \"%s\" does not exist", from.Table.Table)
	}
	files, release, err := s.source(from.Access).Files(ctx, from)
	if err != nil {
		return "", err
	}
	defer release()
	opt, err := s.source(from.Access).Options(ctx, from)
	if err != nil {
		return "", err
	}
	progress := s.e.history.moved.begin(&transfer{verb: "COPY", query: s.query.id, pid: s.start.PID, userID: s.user, table: from.Table.Table, location: from.URL,
		format: strings.ToLower(formatOf(from)), compression: from.Compression, files: len(files), bytes: sizeOf(files)})
	rows, lines, rejected, err := s.load(ctx, from, opt, table, files, progress)
	if err == nil && !from.NoLoad {
		err = s.loaded(ctx, from, files, lines, rejected)
	}
	s.e.history.moved.end(progress, rows, len(rejected), err)
	if e := s.e.record(s.start, s.user, s.query.id, from, rejected, err); e != nil {
		s.e.log.Error("write stl_load_errors", "err", e)
	}
	if err != nil {
		return "", translate(source.Failure(err, from.Table.Table), nil, nil)
	}
	s.last.Copy, s.last.CopyRows = s.query.id, rows
	say := func(n int64, what string) {
		w.Notice(sqlstate.Notice{Severity: "INFO", Code: "00000",
			Message: fmt.Sprintf("Load into table '%s' completed, %d record(s) %s", from.Table.Table, n, what)})
	}
	say(rows, "loaded successfully.")
	if len(rejected) > 0 {
		say(int64(len(rejected)), "could not be loaded.  Check 'stl_load_errors' system table for details.")
	}
	return "COPY", nil
}

// target returns the table that a COPY fills, or nil.
func (s *session) target(ctx context.Context, from *dialect.CopyFrom) (*dialect.Table, error) {
	if err := s.e.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer s.e.gate.leave()
	return catalog{s}.Table(from.Table)
}

// source is where the objects of a COPY or an UNLOAD are.
func (s *session) source(access dialect.S3Access) source.Source {
	return source.New(s.e.objects, s.e.cfg.Account, access)
}

// An appender takes the batches of a loader into a table, within the
// session's transaction.
type appender struct {
	a      db.Appender
	chunk  db.DataChunk
	types  []db.LogicalType
	loader load.Loader
	texts  arena // the long ones of the chunk; what is appended is copied
	drop   bool  // NOLOAD: the rows are only looked at
}

func (s *session) newAppender(from *dialect.CopyFrom, opt load.Options, table *dialect.Table) (*appender, error) {
	a := &appender{drop: from.NoLoad}
	schema := from.Table.Schema
	if schema == "" {
		schema = "public"
	}
	catalog := ""
	if temporary, err := s.hides(from.Table); err != nil {
		return nil, err
	} else if temporary {
		catalog, schema = "temp", "main"
	}
	s.c.settle()
	if db.AppenderCreateExt(s.c.c, catalog, schema, from.Table.Table, &a.a) != db.StateSuccess {
		err := parseNative(db.AppenderError(a.a))
		a.destroy()
		return nil, err
	}
	columns := table.Columns
	names, err := copied(from, table)
	if err != nil {
		a.destroy()
		return nil, err
	}
	if names != nil {
		byName := map[string]dialect.Column{}
		for _, c := range table.Columns {
			byName[c.Name] = c
		}
		columns = nil
		for _, name := range names {
			c, ok := byName[name]
			if !ok || db.AppenderAddColumn(a.a, name) != db.StateSuccess {
				a.destroy()
				return nil, sqlstate.Errorf(sqlstate.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, from.Table.Table)
			}
			columns = append(columns, c)
		}
	}
	a.loader = load.Loader{Size: int(db.VectorSize()), Flush: a.flush, Options: opt}
	for i, c := range columns {
		t := db.AppenderColumnType(a.a, db.IdxT(i))
		a.types = append(a.types, t)
		col := load.Column{Name: c.Name, Type: strings.ToLower(c.Type), NotNull: c.NotNull, Blank: c.Blank}
		if err := kindOf(&col, t); err != nil {
			a.destroy()
			return nil, err
		}
		a.loader.Columns = append(a.loader.Columns, col)
	}
	a.chunk = db.CreateDataChunk(a.types)
	a.bind()
	return a, nil
}

// copied returns the names of the columns that a COPY fills; nil is all. The
// identity columns are among them only with EXPLICIT_IDS.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-explicit-ids
func copied(from *dialect.CopyFrom, table *dialect.Table) ([]string, error) {
	var rest []string
	any, missing := false, false
	for _, c := range table.Columns {
		if c.Identity != dialect.IdentityAlways {
			rest = append(rest, c.Name)
			continue
		}
		any = true
		listed := slices.Contains(from.Columns, c.Name)
		missing = missing || !listed
		if listed && !from.ExplicitIDs {
			return nil, &sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: "cannot set an identity column to a value", Hint: "COPY with EXPLICIT_IDS sets it."}
		}
	}
	switch {
	case from.Columns != nil && from.ExplicitIDs && any && missing:
		return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "EXPLICIT_IDS needs the identity columns in the column list")
	case from.Columns != nil || !any || from.ExplicitIDs:
		return from.Columns, nil
	}
	return rest, nil
}

// kindOf finds how a column's values are kept.
func kindOf(col *load.Column, t db.LogicalType) error {
	switch db.GetTypeId(t) {
	case db.TypeSmallInt:
		col.Kind = load.Int16
	case db.TypeInteger:
		col.Kind = load.Int32
	case db.TypeBigInt:
		col.Kind = load.Int64
	case db.TypeDouble:
		col.Kind = load.Float64
	case db.TypeBoolean:
		col.Kind = load.Bool
	case db.TypeDate:
		col.Kind = load.Date
	case db.TypeTimestamp:
		col.Kind = load.Timestamp
	case db.TypeFloat:
		col.Kind, col.Type = load.Float32, "real"
	case db.TypeTime:
		col.Kind = load.Time
	case db.TypeTimestampTZ:
		col.Kind = load.TimestampTZ
	case db.TypeVarchar:
		col.Kind, col.Super = load.Text, db.LogicalTypeGetAlias(t) == "JSON"
		for _, form := range [...]string{"character(%d)", "character varying(%d)"} {
			if n := 0; col.Length == 0 {
				if _, err := fmt.Sscanf(col.Type, form, &n); err == nil {
					col.Length = n
				}
			}
		}
	case db.TypeDecimal:
		col.Precision, col.Scale = int(db.DecimalWidth(t)), int(db.DecimalScale(t))
		switch db.DecimalInternalType(t) {
		case db.TypeSmallInt:
			col.Kind = load.Decimal16
		case db.TypeInteger:
			col.Kind = load.Decimal32
		case db.TypeBigInt:
			col.Kind = load.Decimal64
		default:
			col.Kind = load.Decimal128
		}
	default:
		return sqlstate.Errorf(sqlstate.FeatureNotSupported, "COPY into column \"%s\" of type %s is not supported by the embedded warehouse", col.Name, col.Type)
	}
	return nil
}

// bind lets the loader's columns be the memory of the chunk's vectors.
func (a *appender) bind() {
	n := a.loader.Size
	for i := range a.loader.Columns {
		c := &a.loader.Columns[i]
		v := db.DataChunkGetVector(a.chunk, db.IdxT(i))
		db.VectorEnsureValidityWritable(v)
		p, mask := db.VectorGetData(v), unsafe.Slice((*uint64)(db.VectorGetValidity(v)), n/64)
		c.Null = func(row int) { mask[row/64] &^= 1 << (row % 64) }
		c.Valid = func(row int) { mask[row/64] |= 1 << (row % 64) }
		switch c.Kind {
		case load.Int16, load.Decimal16:
			c.I16 = unsafe.Slice((*int16)(p), n)
		case load.Int32, load.Date, load.Decimal32:
			c.I32 = unsafe.Slice((*int32)(p), n)
		case load.Float32:
			c.F32 = unsafe.Slice((*float32)(p), n)
		case load.Int64, load.Timestamp, load.TimestampTZ, load.Time, load.Decimal64:
			c.I64 = unsafe.Slice((*int64)(p), n)
		case load.Float64:
			c.F64 = unsafe.Slice((*float64)(p), n)
		case load.Bool:
			c.Bool = unsafe.Slice((*bool)(p), n)
		case load.Decimal128:
			c.I128 = unsafe.Slice((*[2]uint64)(p), n)
		case load.Text:
			c.Text = func(row int, b []byte) {
				s := (*textCell)(unsafe.Add(p, row*16))
				if len(b) <= 12 {
					*s = textCell{length: uint32(len(b))}
					copy((*[12]byte)(unsafe.Add(p, row*16+4))[:], b)
					return
				}
				if len(b) <= arenaText {
					if at, err := a.texts.put(b); err == nil {
						*s = textCell{length: uint32(len(b)), prefix: [4]byte(b), text: uintptr(at)}
						return
					}
				}
				db.UnsafeVectorAssignStringElementLen(v, db.IdxT(row), b)
			}
		}
	}
}

// A textCell is a text in a vector: one of up to 12 bytes follows its length,
// with zeros behind it.
type textCell struct {
	length uint32
	prefix [4]byte
	text   uintptr // not Go's memory
}

// flush appends a batch.
func (a *appender) flush(rows int) error {
	db.DataChunkSetSize(a.chunk, db.IdxT(rows))
	if !a.drop && db.AppendDataChunk(a.a, a.chunk) != db.StateSuccess {
		return parseNative(db.AppenderError(a.a))
	}
	db.DataChunkReset(a.chunk)
	a.texts.reset()
	a.bind()
	return nil
}

func (a *appender) finish() error {
	if err := a.loader.End(); err != nil {
		return err
	}
	if db.AppenderFlush(a.a) != db.StateSuccess {
		return parseNative(db.AppenderError(a.a))
	}
	return nil
}

func (a *appender) destroy() {
	db.AppenderClear(a.a)
	db.AppenderDestroy(&a.a)
	db.DestroyDataChunk(&a.chunk)
	a.texts.destroy()
	for i := range a.types {
		db.DestroyLogicalType(&a.types[i])
	}
}
