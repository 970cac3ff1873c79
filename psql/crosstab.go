package psql

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/sqltext"
)

// maxCrosstab is the number of columns that \crosstabview makes at most.
const maxCrosstab = 1600

func (sc *script) cmdCrosstab(string) cmdStatus {
	args := []string{}
	for len(args) < 4 {
		a, ok, err := sc.scan.Arg(sqltext.ArgName, true)
		if err != nil {
			sc.sh.errorf("%v", err)
			return cmdError
		}
		if !ok {
			break
		}
		args = append(args, a.Text)
	}
	sc.sh.crosstab = args
	return cmdSend
}

// crosstab turns rows into a grid: args name the columns of the vertical
// header, the horizontal one, the data, and what the horizontal one is
// ordered by.
//
// https://www.postgresql.org/docs/15/app-psql.html#APP-PSQL-META-COMMANDS-CROSSTABVIEW
func crosstab(t table, args []string, null string) (table, error) {
	at := func(i, def int) (int, error) {
		if i < len(args) {
			return columnIndex(t, args[i])
		}
		return def, nil
	}
	if len(t.columns) < 3 {
		return table{}, errors.New("query must return at least three columns")
	}
	v, err := at(0, 0)
	if err != nil {
		return table{}, err
	}
	h, err := at(1, 1)
	if err != nil {
		return table{}, err
	}
	if v == h {
		return table{}, errors.New("vertical and horizontal headers must be different columns")
	}
	if len(args) < 3 && len(t.columns) > 3 {
		return table{}, errors.New("data column must be specified when query returns more than three columns")
	}
	d, err := at(2, 3-v-h)
	if err != nil {
		return table{}, err
	}
	order, err := at(3, -1)
	if err != nil {
		return table{}, err
	}
	g := gridOf(t, v, h, order)
	if len(g.across.keys) > maxCrosstab {
		return table{}, fmt.Errorf("maximum number of columns (%d) exceeded", maxCrosstab)
	}
	return g.fill(t, v, h, d, null)
}

// columnIndex finds a column by its number, from 1, or its name.
func columnIndex(t table, arg string) (int, error) {
	if arg != "" && strings.Trim(arg, "0123456789") == "" {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 || n > len(t.columns) {
			return 0, fmt.Errorf("column number %s is out of range 1..%d", arg, len(t.columns))
		}
		return n - 1, nil
	}
	found := -1
	for i, c := range t.columns {
		if c.name != arg {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("ambiguous column name: \"%s\"", arg)
		}
		found = i
	}
	if found < 0 {
		return 0, fmt.Errorf("column name not found: \"%s\"", arg)
	}
	return found, nil
}

// A header has the distinct values of a column in the order they come.
type header struct {
	keys []cell
	at   map[cell]int
}

func (h *header) add(c cell) int {
	if c.null {
		c.text = ""
	}
	i, ok := h.at[c]
	if !ok {
		i = len(h.keys)
		h.at[c] = i
		h.keys = append(h.keys, c)
	}
	return i
}

// A crossed is a grid under way.
type crossed struct {
	down, across header
	place        []int // of each horizontal value
}

func gridOf(t table, v, h, order int) *crossed {
	g := &crossed{header{at: map[cell]int{}}, header{at: map[cell]int{}}, nil}
	var ranks []int
	for _, row := range t.rows {
		g.down.add(row[v])
		if n := g.across.add(row[h]); n == len(ranks) {
			rank := 0
			if order >= 0 && !row[order].null {
				rank = rankOf(row[order].text)
			}
			ranks = append(ranks, rank)
		}
	}
	sorted := make([]int, len(ranks))
	for i := range sorted {
		sorted[i] = i
	}
	if order >= 0 {
		slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(ranks[a], ranks[b]) })
	}
	g.place = make([]int, len(sorted))
	for place, i := range sorted {
		g.place[i] = place
	}
	return g
}

// rankOf reads a whole number; what is none counts as 0.
func rankOf(s string) int {
	if strings.Trim(strings.TrimPrefix(s, "-"), "0123456789") != "" {
		return 0
	}
	return atoi(s)
}

func (g *crossed) fill(t table, v, h, d int, null string) (table, error) {
	shown := func(c cell) string {
		if c.null {
			return null
		}
		return c.text
	}
	out := table{columns: make([]column, 1+len(g.across.keys)), rows: make([][]cell, len(g.down.keys))}
	out.columns[0] = t.columns[v]
	for i, key := range g.across.keys {
		out.columns[1+g.place[i]] = column{name: shown(key), oid: t.columns[d].oid}
	}
	for i, key := range g.down.keys {
		out.rows[i] = make([]cell, len(out.columns))
		out.rows[i][0] = cell{text: shown(key)}
	}
	set := map[[2]int]bool{}
	for _, row := range t.rows {
		r, c := g.down.add(row[v]), 1+g.place[g.across.add(row[h])]
		if set[[2]int{r, c}] {
			named := func(c cell) string {
				if c.null {
					return "(null)"
				}
				return c.text
			}
			return table{}, fmt.Errorf("query result contains multiple data values for row \"%s\", column \"%s\"", named(row[v]), named(row[h]))
		}
		set[[2]int{r, c}] = true
		out.rows[r][c] = cell{text: shown(row[d])}
	}
	return out, nil
}
