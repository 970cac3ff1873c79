package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A schemaItem is a schema and what is in it.
type schemaItem struct {
	Name   string       `json:"name"`
	Tables []*tableItem `json:"tables"`
}

// A tableItem is a table or a view.
type tableItem struct {
	Name     string        `json:"name"`
	Type     string        `json:"type"` // "table" or "view"
	Rows     *int64        `json:"rows,omitempty"`
	Bytes    *int64        `json:"bytes,omitempty"`
	Dist     string        `json:"dist,omitempty"`
	SortKeys []string      `json:"sortkeys,omitempty"`
	Comment  string        `json:"comment,omitempty"`
	Columns  []*columnItem `json:"columns"`
	LastLoad int64         `json:"lastLoad,omitempty"`
}

// A columnItem is a column of a table.
type columnItem struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	NotNull bool   `json:"notNull"`
	Default string `json:"default,omitempty"`
	Comment string `json:"comment,omitempty"`
	Encode  string `json:"encode,omitempty"`
	DistKey bool   `json:"distkey,omitempty"`
	SortKey int    `json:"sortkey,omitempty"`
}

// A tableCatalog is read from the catalog of PostgreSQL, which Redshift has too;
// what only Redshift has is added where it answers.
type tableCatalog struct {
	conn    *pgconn.PgConn
	schemas []*schemaItem
	tables  map[[2]string]*tableItem
	columns map[[3]string]*columnItem
}

// catalog lists schemas, tables and columns of a warehouse.
//
//	GET /api/catalog?cluster= -> {"schemas": [schemaItem]}
func (c *Console) catalog(_ http.ResponseWriter, r *http.Request) (any, error) {
	ctx := r.Context()
	conn, err := c.sql.connectOwn(ctx, r.URL.Query().Get("cluster"))
	if err != nil {
		return nil, err
	}
	defer hangUp(conn)
	cat := &tableCatalog{conn: conn, schemas: []*schemaItem{}, tables: map[[2]string]*tableItem{}, columns: map[[3]string]*columnItem{}}
	if err := cat.read(ctx); err != nil {
		return nil, err
	}
	if err := cat.attributes(ctx); err != nil {
		return nil, err
	}
	if err := cat.lastLoads(ctx); err != nil {
		return nil, err
	}
	return document{"schemas": cat.schemas}, nil
}

func (cat *tableCatalog) read(ctx context.Context) error {
	rows, err := askOn(ctx, cat.conn, `SELECT n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class')
		FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
		WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'rs', 'pg_toast', 'pg_internal', 'catalog_history') AND n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast%'
		ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if n := len(cat.schemas); n == 0 || cat.schemas[n-1].Name != row[0] {
			cat.schemas = append(cat.schemas, &schemaItem{Name: row[0], Tables: []*tableItem{}})
		}
		if row[1] == "" {
			continue
		}
		kind := "table"
		if row[2] == "v" || row[2] == "m" {
			kind = "view"
		}
		t := &tableItem{Name: row[1], Type: kind, Comment: row[3], Columns: []*columnItem{}}
		s := cat.schemas[len(cat.schemas)-1]
		s.Tables = append(s.Tables, t)
		cat.tables[[2]string{row[0], row[1]}] = t
	}
	rows, err = askOn(ctx, cat.conn, `SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
		FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rs')
		ORDER BY n.nspname, c.relname, a.attnum`)
	if err != nil {
		return err
	}
	for _, row := range rows {
		t := cat.tables[[2]string{row[0], row[1]}]
		if t == nil {
			continue
		}
		col := &columnItem{Name: row[2], Type: row[3], NotNull: row[4] == "t", Default: row[5], Comment: row[6]}
		t.Columns = append(t.Columns, col)
		cat.columns[[3]string{row[0], row[1], row[2]}] = col
	}
	return nil
}

// lastLoads adds when COPY has loaded tables last, where the warehouse tells.
func (cat *tableCatalog) lastLoads(ctx context.Context) error {
	rows, err := askOn(ctx, cat.conn, `SELECT l.table_name, q.query_text, l.end_time FROM sys_load_history l LEFT JOIN sys_query_history q ON q.query_id = l.query_id
		WHERE l.status = 'completed' ORDER BY l.query_id DESC LIMIT 2000`)
	if err != nil {
		return ctx.Err()
	}
	for _, row := range rows {
		if t := cat.loaded(strings.TrimSpace(row[0]), copiedTable(row[1])); t != nil {
			t.LastLoad = max(t.LastLoad, sqlTime(row[2]))
		}
	}
	return nil
}

// loaded finds the table of a load: by its name, and where several schemas have
// one, by the schema in the statement, or else in public.
func (cat *tableCatalog) loaded(name, written string) *tableItem {
	schema, _, qualified := strings.Cut(written, ".")
	if !qualified {
		schema = "public"
	}
	if t := cat.tables[[2]string{strings.ToLower(strings.Trim(schema, `"`)), name}]; t != nil || qualified {
		return t
	}
	var found *tableItem
	for key, t := range cat.tables {
		if key[1] == name {
			if found != nil {
				return nil
			}
			found = t
		}
	}
	return found
}

// attributes adds what Redshift's own views tell. Where the warehouse is a
// PostgreSQL they are not there, and nothing is added.
func (cat *tableCatalog) attributes(ctx context.Context) error {
	rows, err := askOn(ctx, cat.conn, `SELECT schema, "table", diststyle, sortkey1, tbl_rows, size FROM svv_table_info`)
	if err != nil {
		return ctx.Err()
	}
	for _, row := range rows {
		t := cat.tables[[2]string{row[0], row[1]}]
		if t == nil {
			continue
		}
		t.Dist = row[2]
		t.Rows, t.Bytes = whole(row[4], 1), whole(row[5], 1<<20)
	}
	var names []string
	for _, s := range cat.schemas {
		names = append(names, `"`+strings.ReplaceAll(s.Name, `"`, `""`)+`"`)
	}
	if len(names) == 0 {
		return nil
	}
	if _, err := askOn(ctx, cat.conn, "SET search_path TO "+strings.Join(names, ", ")); err != nil {
		return ctx.Err()
	}
	rows, err = askOn(ctx, cat.conn, `SELECT schemaname, tablename, "column", encoding, distkey, sortkey FROM pg_table_def`)
	if err != nil {
		return ctx.Err()
	}
	for _, row := range rows {
		col, t := cat.columns[[3]string{row[0], row[1], row[2]}], cat.tables[[2]string{row[0], row[1]}]
		if col == nil || t == nil {
			continue
		}
		col.Encode, col.DistKey = row[3], row[4] == "t"
		col.SortKey, _ = strconv.Atoi(row[5]) // a number, or none
		if n := col.SortKey; n != 0 {
			t.SortKeys = append(t.SortKeys, col.Name)
		}
	}
	for _, t := range cat.tables {
		at := func(name string) int {
			for _, col := range t.Columns {
				if col.Name == name {
					return abs(col.SortKey)
				}
			}
			return 0
		}
		slices.SortFunc(t.SortKeys, func(a, b string) int { return at(a) - at(b) })
	}
	return nil
}

func abs(n int) int {
	if n < 0 {
		return -n // interleaved keys have signs
	}
	return n
}

// whole reads a number of the catalog, nil for none.
func whole(text string, unit int64) *int64 {
	text, _, _ = strings.Cut(text, ".")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	n *= unit
	return &n
}

// sqlTime reads a timestamp of the warehouse, which is in UTC.
func sqlTime(text string) int64 {
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999-07", "2006-01-02 15:04:05.999999999-07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixMilli()
		}
	}
	return 0
}

// A loadItem is a load of files into a table.
type loadItem struct {
	ID     string `json:"id"`
	At     int64  `json:"at"`
	Table  string `json:"table,omitempty"`
	Source string `json:"source"`
	Rows   *int64 `json:"rows,omitempty"` // in the table; nil where the warehouse has forgotten
	Files  int64  `json:"files"`
	Status string `json:"status"`
	Ms     int64  `json:"ms,omitempty"`
	Errors int64  `json:"errors,omitempty"`
	Error  string `json:"error,omitempty"`
}

// loads lists the last loads, the newest first: what was committed, and what
// was rejected.
//
//	GET /api/loads?cluster=&limit= -> {"loads": [loadItem]}
func (c *Console) loads(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	limit, cluster := q.number("limit", 200, 1000), q.text("cluster")
	if q.err != nil {
		return nil, q.err
	}
	ctx := r.Context()
	conn, err := c.sql.connectOwn(ctx, cluster)
	if err != nil {
		return nil, err
	}
	defer hangUp(conn)
	committed, err := askOn(ctx, conn, `SELECT query, max(curtime), min(filename), count(*), sum(errors) FROM stl_load_commits GROUP BY query ORDER BY query DESC LIMIT `+strconv.FormatInt(limit, 10))
	if err != nil {
		return nil, err
	}
	loads := map[string]*loadItem{}
	for _, row := range committed {
		one := &loadItem{ID: row[0], At: sqlTime(row[1]), Source: strings.TrimSpace(row[2]), Status: "loaded"}
		one.Files, one.Errors = number(row[3]), number(row[4])
		loads[row[0]] = one
	}
	rejected, err := askOn(ctx, conn, `SELECT e.query, max(e.starttime), min(e.filename), count(*), min(c.relname), min(e.err_reason) FROM stl_load_errors e LEFT JOIN pg_class c ON c.oid = e.tbl GROUP BY e.query ORDER BY e.query DESC LIMIT `+strconv.FormatInt(limit, 10))
	if err != nil {
		return nil, err
	}
	for _, row := range rejected {
		one := loads[row[0]]
		if one == nil {
			one = &loadItem{ID: row[0], At: sqlTime(row[1]), Source: strings.TrimSpace(row[2]), Status: "failed", Error: strings.TrimSpace(row[5])}
			loads[row[0]] = one
		}
		one.Errors, one.Table = number(row[3]), strings.TrimSpace(row[4])
	}
	history, err := askOn(ctx, conn, `SELECT query_id, query_text, elapsed_time / 1000 FROM sys_query_history WHERE query_type = 'COPY'`)
	if err != nil {
		history = nil // on PostgreSQL there is none
	}
	for _, row := range history {
		if one := loads[row[0]]; one != nil {
			one.Ms = number(row[2])
			if table := copiedTable(row[1]); table != "" {
				one.Table = table
			}
		}
	}
	// The lines that stl_load_commits counts are those of the files, with their
	// headers; the rows are told only since the warehouse began.
	rows, err := askOn(ctx, conn, `SELECT query_id, loaded_rows FROM sys_load_history WHERE status = 'completed'`)
	if err != nil {
		rows = nil // on PostgreSQL there is none
	}
	for _, row := range rows {
		if one := loads[row[0]]; one != nil && one.Status == "loaded" {
			one.Rows = whole(row[1], 1)
		}
	}
	all := []*loadItem{}
	for _, one := range loads {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *loadItem) int { return int(number(b.ID) - number(a.ID)) })
	return document{"loads": all}, nil
}

func number(text string) int64 {
	if n := whole(text, 1); n != nil {
		return *n
	}
	return 0
}

// copiedTable is the table that a COPY loads.
func copiedTable(sql string) string {
	words := strings.Fields(sql)
	for i, w := range words {
		if strings.EqualFold(w, "copy") && i+1 < len(words) {
			table, _, _ := strings.Cut(words[i+1], "(")
			return table
		}
		if i > 20 {
			break
		}
	}
	return ""
}

// loadErrors lists rejected rows, the newest first.
//
//	GET /api/loaderrors?cluster=&query= -> {"errors": [...]}
func (c *Console) loadErrors(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	id := q.number("query", 0, 1<<62)
	if q.err != nil {
		return nil, q.err
	}
	where := ""
	if id > 0 {
		where = " WHERE query = " + strconv.FormatInt(id, 10)
	}
	rows, err := c.ask(r.Context(), q.text("cluster"), `SELECT query, starttime, filename, line_number, colname, type, raw_field_value, raw_line, err_code, err_reason FROM stl_load_errors`+where+` ORDER BY starttime DESC, line_number LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	type item struct {
		Query  string `json:"query"`
		At     int64  `json:"at"`
		File   string `json:"file"`
		Line   int64  `json:"line"`
		Column string `json:"column"`
		Type   string `json:"type,omitempty"`
		Value  string `json:"value"`
		Raw    string `json:"raw"`
		Code   string `json:"code,omitempty"`
		Reason string `json:"reason"`
	}
	items := []item{}
	for _, row := range rows {
		trim := strings.TrimSpace
		items = append(items, item{row[0], sqlTime(row[1]), trim(row[2]), number(row[3]), trim(row[4]), trim(row[5]), row[6], row[7], row[8], trim(row[9])})
	}
	return document{"errors": items}, nil
}

// queries lists the statements that run and ran, the newest first; what the
// console itself asks only where own is given.
//
//	GET /api/queries?cluster=&limit=&own=1 -> {"queries": [...]}
func (c *Console) queries(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	limit := q.number("limit", 200, 1000)
	if q.err != nil {
		return nil, q.err
	}
	where := ""
	if q.text("own") == "" {
		where = ` WHERE trim(query_label) <> '` + ownLabel + `'`
	}
	rows, err := c.ask(r.Context(), q.text("cluster"), `SELECT query_id, session_id, query_text, start_time, elapsed_time / 1000, status, error_message, returned_rows FROM sys_query_history`+where+` ORDER BY query_id DESC LIMIT `+strconv.FormatInt(limit, 10))
	if err != nil {
		return nil, err
	}
	type item struct {
		ID     string `json:"id"`
		PID    int64  `json:"pid,omitempty"`
		SQL    string `json:"sql"`
		Start  int64  `json:"start"`
		Ms     int64  `json:"ms"`
		Status string `json:"status"`
		Error  string `json:"error,omitempty"`
		Rows   int64  `json:"rows"`
	}
	items := []item{}
	for _, row := range rows {
		items = append(items, item{row[0], number(row[1]), row[2], sqlTime(row[3]), number(row[4]), row[5], row[6], number(row[7])})
	}
	return document{"queries": items}, nil
}
