package tpcds

import "math"

// A Column is one column of a table or extract.
type Column struct {
	Name    string
	Type    string // as Redshift's DDL writes it: "char(16)", "numeric(7,2)"
	NotNull bool
}

// A Table is one of the ten tables, in the order of its columns.
type Table struct {
	Name       string
	Columns    []Column
	PrimaryKey []string // informational, as on Redshift
	rows       int      // at scale 1
	least      int      // however small the scale
	most       int      // however large the scale; 0 means no limit
	multiple   int      // row counts are multiples of this, but at scale 1; 0 means 1
}

// Rows returns the number of rows at a scale. Scale 1 is 1 GB. Dates, times
// and household demographics stay whole at every scale.
func (t Table) Rows(scale float64) int {
	if t.rows == t.least && t.rows == t.most {
		return t.rows
	}
	n := max(int(math.Round(float64(t.rows)*scale)), t.least)
	if t.most > 0 {
		n = min(n, t.most)
	}
	if t.multiple > 1 {
		n -= n % t.multiple
	}
	return n
}

// Tables returns the ten tables, dimensions first.
func Tables() []Table {
	return []Table{
		{Name: "date_dim", rows: 73049, least: 73049, most: 73049, PrimaryKey: []string{"d_date_sk"}, Columns: dateColumns()},
		{Name: "time_dim", rows: 86400, least: 86400, most: 86400, PrimaryKey: []string{"t_time_sk"}, Columns: timeColumns()},
		{Name: "household_demographics", rows: 7200, least: 7200, most: 7200, PrimaryKey: []string{"hd_demo_sk"}, Columns: householdColumns()},
		{Name: "store", rows: 12, least: 12, multiple: 6, PrimaryKey: []string{"s_store_sk"}, Columns: storeColumns()},
		{Name: "promotion", rows: 300, least: 30, PrimaryKey: []string{"p_promo_sk"}, Columns: promotionColumns()},
		{Name: "item", rows: 18000, least: 240, multiple: 6, PrimaryKey: []string{"i_item_sk"}, Columns: itemColumns()},
		{Name: "customer_address", rows: 50000, least: 500, PrimaryKey: []string{"ca_address_sk"}, Columns: addressColumns()},
		{Name: "customer_demographics", rows: 1920800, least: 2000, most: 1920800, PrimaryKey: []string{"cd_demo_sk"}, Columns: demographicsColumns()},
		{Name: "customer", rows: 100000, least: 1000, PrimaryKey: []string{"c_customer_sk"}, Columns: customerColumns()},
		{Name: "store_sales", rows: 2880404, least: 240, PrimaryKey: []string{"ss_item_sk", "ss_ticket_number"}, Columns: salesColumns()},
	}
}

// Lookup returns the table of a name.
func Lookup(name string) (Table, bool) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

// Extract returns the columns of a table's daily extract, in the order of the
// file's fields: store_sales, customer_address and item have one. Other names
// return nil.
func Extract(name string) []Column {
	switch name {
	case "store_sales":
		return salesExtractColumns()
	case "customer_address":
		return addressColumns()[1:]
	case "item":
		all := itemColumns()
		return append([]Column{all[1]}, all[4:]...)
	}
	return nil
}

func rowsOf(name string, scale float64) int {
	t, ok := Lookup(name)
	if !ok {
		panic("no table " + name)
	}
	return t.Rows(scale)
}
