package redshiftdata

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"salamander/internal/pagetoken"
	"salamander/warehouse/dataapi"
)

// maxPage is how many bytes of values a page of a result has, more or less.
const maxPage = 1 << 20

// ResultInput is the input of [Service.GetStatementResult] and
// [Service.GetStatementResultV2].
type ResultInput struct {
	Id        string
	NextToken string
}

// A Field is a value of a result: one of its members is set.
type Field struct {
	IsNull       *bool    `json:"isNull,omitempty"`
	BooleanValue *bool    `json:"booleanValue,omitempty"`
	LongValue    *int64   `json:"longValue,omitempty"`
	DoubleValue  *float64 `json:"doubleValue,omitempty"`
	StringValue  *string  `json:"stringValue,omitempty"`
}

// Column describes a column of a result or a table.
type Column struct {
	IsCaseSensitive bool   `json:"isCaseSensitive"`
	IsCurrency      bool   `json:"isCurrency"`
	IsSigned        bool   `json:"isSigned"`
	Label           string `json:"label,omitempty"`
	Name            string `json:"name"`
	Nullable        int    `json:"nullable"`
	Precision       int    `json:"precision"`
	Scale           int    `json:"scale"`
	SchemaName      string `json:"schemaName"`
	TableName       string `json:"tableName"`
	TypeName        string `json:"typeName"`
	Length          int    `json:"length"`
	ColumnDefault   string `json:"columnDefault,omitempty"`
}

func column(c dataapi.Column) Column {
	typ := c.Type()
	precision, scale := c.Precision()
	return Column{Name: c.Name, Label: c.Name, TypeName: typ, Precision: precision, Scale: scale, Nullable: 1,
		IsSigned: signed(typ), IsCaseSensitive: textual(typ)}
}

func signed(typ string) bool {
	switch typ {
	case "int2", "int4", "int8", "float4", "float8", "numeric":
		return true
	}
	return false
}

func textual(typ string) bool {
	switch typ {
	case "varchar", "bpchar", "text", "char", "name", "unknown", "super":
		return true
	}
	return false
}

// GetStatementResultOutput is the output of [Service.GetStatementResult].
type GetStatementResultOutput struct {
	ColumnMetadata []Column
	Records        [][]Field
	TotalNumRows   int64
	NextToken      string `json:",omitempty"`
}

// GetStatementResult returns a page of a statement's result.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_GetStatementResult.html
func (s *Service) GetStatementResult(ctx context.Context, in *ResultInput) (*GetStatementResultOutput, error) {
	st, rows, next, err := s.page(ctx, in, "JSON", "GetStatementResultV2")
	if err != nil {
		return nil, err
	}
	out := &GetStatementResultOutput{ColumnMetadata: columns(st), Records: [][]Field{}, TotalNumRows: st.Rows, NextToken: next}
	for _, row := range rows {
		record := make([]Field, len(row))
		for i, v := range row {
			if record[i], err = field(st.Result.Columns[i].OID, v); err != nil {
				return nil, err
			}
		}
		out.Records = append(out.Records, record)
	}
	return out, nil
}

func columns(st dataapi.Statement) []Column {
	cols := []Column{}
	for _, c := range st.Result.Columns {
		cols = append(cols, column(c))
	}
	return cols
}

// page returns the rows of a page, and the token of the next.
func (s *Service) page(ctx context.Context, in *ResultInput, format, other string) (st dataapi.Statement, rows [][][]byte, next string, err error) {
	if st, err = s.statements.Result(owner(ctx), in.Id); err != nil {
		return st, nil, "", translate(in.Id, err)
	}
	if st.Format != format {
		return st, nil, "", invalid("The result format of the statement is %s; use %s.", st.Format, other)
	}
	from := 0
	if pagetoken.Decode(in.NextToken, &from) != nil || from < 0 || from > len(st.Result.Rows) {
		return st, nil, "", invalid("Invalid NextToken.")
	}
	size, to := 0, from
	for ; to < len(st.Result.Rows) && size < maxPage; to++ {
		for _, v := range st.Result.Rows[to] {
			size += len(v) + 20
		}
	}
	if to < len(st.Result.Rows) {
		next = pagetoken.Encode(to)
	}
	return st, st.Result.Rows[from:to], next, nil
}

// field gives a value the member of its type. What has no type of its own,
// numeric, dates and times among it, is a string.
func field(oid uint32, v []byte) (f Field, err error) {
	text := string(v)
	switch {
	case v == nil:
		yes := true
		f.IsNull = &yes
	case oid == dataapi.Bool:
		b := text == "t"
		f.BooleanValue = &b
	case oid == dataapi.Int2 || oid == dataapi.Int4 || oid == dataapi.Int8 || oid == dataapi.OID:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return f, fmt.Errorf("value %q of an integer column: %w", text, err)
		}
		f.LongValue = &n
	case oid == dataapi.Float4 || oid == dataapi.Float8:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n-n != 0 { // NaN and infinity have no JSON
			f.StringValue = &text
			return f, nil
		}
		f.DoubleValue = &n
	default:
		f.StringValue = &text
	}
	return f, nil
}

// CSVRecords is a page of a result in CSV.
type CSVRecords struct{ CSVRecords string }

// GetStatementResultV2Output is the output of [Service.GetStatementResultV2].
type GetStatementResultV2Output struct {
	ColumnMetadata []Column
	Records        []CSVRecords
	TotalNumRows   int64
	ResultFormat   string
	NextToken      string `json:",omitempty"`
}

// GetStatementResultV2 returns a page of a result in CSV, without a line of
// names; null is an empty field.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_GetStatementResultV2.html
func (s *Service) GetStatementResultV2(ctx context.Context, in *ResultInput) (*GetStatementResultV2Output, error) {
	st, rows, next, err := s.page(ctx, in, "CSV", "GetStatementResult")
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.UseCRLF = true
	for _, row := range rows {
		record := make([]string, len(row))
		for i, v := range row {
			record[i] = string(v)
		}
		if err := w.Write(record); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return &GetStatementResultV2Output{ColumnMetadata: columns(st), Records: []CSVRecords{{text.String()}}, TotalNumRows: st.Rows,
		ResultFormat: st.Format, NextToken: next}, w.Error()
}

// part is the identifier of a part of a batch.
func part(id string, i int) string { return id + ":" + strconv.Itoa(i+1) }
