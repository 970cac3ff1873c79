package asl

import (
	"strings"

	"salamander/internal/value"
)

// A mapFields is what a Map state has besides the fields of all states.
type mapFields struct {
	processor          *scope
	itemsPath          *pathExpr
	items              *template // in JSONata
	maxConcurrency     int64     // 0 for no limit
	maxConcurrencyPath *pathExpr

	maxConcurrencyQuery *query

	// Those of DISTRIBUTED mode. The thresholds are read in INLINE mode too.
	distributed bool
	express     bool   // the type of the children
	label       string // empty where the state has none
	child       string // the definition of the children
	reader      *readerFields
	batcher     *batcherFields
	writer      *writerFields
	count       numberField // ToleratedFailureCount
	percentage  numberField // ToleratedFailurePercentage
}

// A readerFields is ItemReader.
type readerFields struct {
	fixed     ItemReader // what is not computed
	arguments *template
	maxItems  numberField
}

// A batcherFields is ItemBatcher.
type batcherFields struct {
	maxItems, maxBytes numberField
	input              *template
}

// A writerFields is ResultWriter.
type writerFields struct {
	fixed     ResultWriter // what is not computed
	arguments *template    // nil where nothing is exported
}

// A numberField is a number that is given plainly, by a path, or by an
// expression of JSONata.
type numberField struct {
	name  string
	set   bool
	plain value.Number
	path  *pathExpr
	query *query
}

// The fields within those of a Map state.
var (
	readerTable = []Field{
		{Name: "Resource", Form: Text, Required: true}, {Name: "Parameters", Form: Template, Only: JSONPath},
		{Name: "Arguments", Form: Any, Only: JSONata, Query: true}, {Name: "ReaderConfig", Form: Settings}, {Name: "Comment", Form: Text},
	}
	readerConfigTable = []Field{
		{Name: "InputType", Form: Text}, {Name: "Transformation", Form: Text}, {Name: "ManifestType", Form: Text},
		{Name: "CSVDelimiter", Form: Text}, {Name: "CSVHeaderLocation", Form: Text}, {Name: "CSVHeaders", Form: Any},
		{Name: "MaxItems", Form: Integer, Query: true}, {Name: "MaxItemsPath", Form: Path, Only: JSONPath}, {Name: "ItemsPointer", Form: Text},
	}
	batcherTable = []Field{
		{Name: "MaxItemsPerBatch", Form: Integer, Query: true}, {Name: "MaxItemsPerBatchPath", Form: Path, Only: JSONPath},
		{Name: "MaxInputBytesPerBatch", Form: Integer, Query: true}, {Name: "MaxInputBytesPerBatchPath", Form: Path, Only: JSONPath},
		{Name: "BatchInput", Form: Template, Query: true}, {Name: "Comment", Form: Text},
	}
	writerTable = []Field{
		{Name: "Resource", Form: Text}, {Name: "Parameters", Form: Template, Only: JSONPath},
		{Name: "Arguments", Form: Any, Only: JSONata, Query: true}, {Name: "WriterConfig", Form: Settings}, {Name: "Comment", Form: Text},
	}
	writerConfigTable = []Field{{Name: "Transformation", Form: Text}, {Name: "OutputType", Form: Text}}
)

// MapFields lists the fields of the objects within a Map state, by the name
// of the object.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
func MapFields() []StateFields {
	return []StateFields{{"ItemReader", readerTable}, {"ItemReader/ReaderConfig", readerConfigTable}, {"ItemBatcher", batcherTable},
		{"ResultWriter", writerTable}, {"ResultWriter/WriterConfig", writerConfigTable}}
}

// RecordedNotes tells of fields that do as AWS was recorded to do where its
// documentation says otherwise, by names as those of [FieldNotes].
func RecordedNotes() map[string]string {
	const object = "as recorded in 2024 and 2025, an inline Map fails over an object; AWS's documentation now iterates over its pairs, as a distributed one does"
	return map[string]string{"Map.ItemsPath": object, "Map.Items": object}
}

func (b *builder) mapState(st *state, o *value.Object, w where) {
	f := new(mapFields)
	st.mapping = f
	b.one(o, w, true, "ItemProcessor", "Iterator")
	b.one(o, w, false, "ItemSelector", "Parameters")
	b.one(o, w, false, "MaxConcurrency", "MaxConcurrencyPath")
	if _, ok := o.Get("ItemSelector"); ok {
		st.parameters = b.template(o, w, "ItemSelector")
	}
	if f.maxConcurrencyQuery = b.query(o, w, "MaxConcurrency"); f.maxConcurrencyQuery == nil {
		f.maxConcurrency, _ = b.integer(o, w, "MaxConcurrency", 0, 99999999)
	}
	if b.jsonata {
		if f.items = b.template(o, w, "Items"); f.items != nil && f.items.query == nil {
			switch f.items.constant.(type) {
			case value.Array, *value.Object:
			default:
				b.fail(w.key("Items"), "Value must be an array, an object or a JSONata expression")
			}
		}
	} else {
		f.itemsPath = b.path(o, w, "ItemsPath")
		f.maxConcurrencyPath = b.path(o, w, "MaxConcurrencyPath")
	}
	f.count = b.number(o, w, "ToleratedFailureCount", 0, 1<<31-1, true)
	f.percentage = b.number(o, w, "ToleratedFailurePercentage", 0, 100, false)
	for _, name := range []string{"ItemProcessor", "Iterator"} {
		if p, ok := b.object(o, w, name); ok {
			b.processor(st, p, w.key(name))
		}
	}
	b.distributed(st, o, w)
}

// processor reads ItemProcessor.
func (b *builder) processor(st *state, p *value.Object, w where) {
	f := st.mapping
	b.fields(p, w, "StartAt", "States", "Comment", "ProcessorConfig")
	at := w.key("ProcessorConfig")
	if c, ok := b.object(p, w, "ProcessorConfig"); ok {
		b.fields(c, at, "Mode", "ExecutionType")
		f.distributed = b.choose(c, at, "Mode", "INLINE", "DISTRIBUTED") == "DISTRIBUTED"
		kind := b.choose(c, at, "ExecutionType", "STANDARD", "EXPRESS")
		switch {
		case f.distributed && b.m.opt.Express:
			b.fail(at.key("Mode"), "Express state machine does not support Map state in mode 'DISTRIBUTED'")
		case f.distributed:
			if _, has := c.Get("ExecutionType"); !has {
				b.fail(at, "These fields are required: [ExecutionType]")
			}
		}
		f.express = f.distributed && kind == "EXPRESS"
	}
	was := b.m.opt.Express
	b.m.opt.Express = was || f.express
	f.processor = b.scope(p, w)
	b.m.opt.Express = was
	if !f.distributed {
		return
	}
	child := new(value.Object)
	if b.whole {
		child.Set("QueryLanguage", string(JSONata))
	}
	for _, m := range p.Members() {
		if m.Key != "ProcessorConfig" {
			child.Set(m.Key, m.Value)
		}
	}
	f.child = value.Text(child)
	if b.m.maps == nil {
		b.m.maps = map[int]*state{}
	}
	b.m.maps[f.processor.id] = st
}

// choose reads a field that is one of some words.
func (b *builder) choose(o *value.Object, w where, name string, words ...string) string {
	v, has := o.Get(name)
	if !has {
		return ""
	}
	s, is := v.(string)
	if !is {
		b.fail(w.key(name), "Expected value of type String")
		return ""
	}
	for _, word := range words {
		if s == word {
			return s
		}
	}
	b.fail(w.key(name), "Value must be one of: [%s]", strings.Join(words, ", "))
	return ""
}

// number reads a field that holds a number, its Path form, or an expression.
func (b *builder) number(o *value.Object, w where, name string, lo, hi int64, whole bool) numberField {
	f := numberField{name: name}
	b.one(o, w, false, name, name+"Path")
	if f.query = b.query(o, w, name); f.query != nil {
		f.set = true
		return f
	}
	if !b.jsonata {
		f.path = b.path(o, w, name+"Path")
		f.set = f.path != nil
	}
	v, has := o.Get(name)
	if !has {
		return f
	}
	f.set = true
	if whole {
		n, _ := b.integer(o, w, name, lo, hi)
		f.plain = value.Int(n)
		return f
	}
	n, is := v.(value.Number)
	switch {
	case !is:
		b.fail(w.key(name), "Expected value of type Float")
	case n.Float64() < float64(lo) || n.Float64() > float64(hi):
		b.fail(w.key(name), "Value must be between %d and %d", lo, hi)
	default:
		f.plain = n
	}
	return f
}

// distributed reads the fields of DISTRIBUTED mode.
func (b *builder) distributed(st *state, o *value.Object, w where) {
	f := st.mapping
	if _, has := o.Get("Label"); has {
		f.label = b.label(b.string(o, w, "Label"), w.key("Label"))
	}
	if r, ok := b.object(o, w, "ItemReader"); ok {
		f.reader = b.itemReader(r, w.key("ItemReader"))
	}
	if i, ok := b.object(o, w, "ItemBatcher"); ok {
		f.batcher = b.itemBatcher(i, w.key("ItemBatcher"))
	}
	if r, ok := b.object(o, w, "ResultWriter"); ok {
		f.writer = b.resultWriter(r, w.key("ResultWriter"))
	}
}

// maxLabel is the length of a label at most, in characters.
const maxLabel = 40

// label checks the label of a Map state.
func (b *builder) label(s string, w where) string {
	n := len([]rune(s))
	bad := strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f && r <= 0x9f || strings.ContainsRune("?*<>{}[]:;,\\|^~$#%&`\"/", r)
	})
	switch {
	case n == 0 || n > maxLabel:
		b.fail(w, "Label must have 1 to %d characters", maxLabel)
	case bad:
		b.fail(w, "Label has a character that is not allowed")
	case b.m.labels[s]:
		b.fail(w, "Duplicate label: %s", s)
	}
	if b.m.labels == nil {
		b.m.labels = map[string]bool{}
	}
	b.m.labels[s] = true
	return s
}

// s3Action reads the Resource of ItemReader and ResultWriter.
func (b *builder) s3Action(o *value.Object, w where, actions ...string) string {
	resource := b.string(o, w, "Resource")
	partition, rest, _ := strings.Cut(strings.TrimPrefix(resource, "arn:"), ":")
	for _, action := range actions {
		if rest == "states:::s3:"+action && strings.HasPrefix(partition, "aws") {
			return action
		}
	}
	b.fail(w.key("Resource"), "Value is not a valid resource ARN").Hint = "arn:aws:states:::s3:" + strings.Join(actions, " or arn:aws:states:::s3:")
	return ""
}

// argumentsOf reads Parameters, or in JSONata Arguments.
func (b *builder) argumentsOf(o *value.Object, w where) *template {
	if b.jsonata {
		return b.template(o, w, "Arguments")
	}
	return b.template(o, w, "Parameters")
}

func (b *builder) itemReader(o *value.Object, w where) *readerFields {
	f := new(readerFields)
	b.known(o, w, readerTable)
	r := &f.fixed
	if _, has := o.Get("Resource"); !has {
		b.fail(w, "These fields are required: [Resource]")
	} else {
		r.Action = b.s3Action(o, w, "getObject", "listObjectsV2")
	}
	if f.arguments = b.argumentsOf(o, w); f.arguments == nil {
		f.arguments = &template{constant: new(value.Object)}
	}
	c, ok := b.object(o, w, "ReaderConfig")
	at := w.key("ReaderConfig")
	if !ok {
		if c = new(value.Object); r.Action == "getObject" {
			b.fail(w, "These fields are required: [ReaderConfig]")
			return f
		}
	}
	b.known(c, at, readerConfigTable)
	r.InputType = b.choose(c, at, "InputType", "CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")
	r.Transformation = b.choose(c, at, "Transformation", "NONE", "LOAD_AND_FLATTEN")
	r.ManifestType = b.choose(c, at, "ManifestType", "ATHENA_DATA", "S3_INVENTORY")
	r.Delimiter = b.choose(c, at, "CSVDelimiter", "COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")
	r.HeaderLocation = b.choose(c, at, "CSVHeaderLocation", "FIRST_ROW", "GIVEN")
	r.ItemsPointer = b.string(c, at, "ItemsPointer")
	if r.ItemsPointer != "" && !strings.HasPrefix(r.ItemsPointer, "/") {
		b.fail(at.key("ItemsPointer"), "Value must be a JSON pointer")
	}
	headers, _ := b.array(c, at, "CSVHeaders")
	for i, v := range headers {
		s, is := v.(string)
		if !is {
			b.fail(at.key("CSVHeaders").at(i), "Expected value of type String")
		}
		r.Headers = append(r.Headers, s)
	}
	f.maxItems = b.number(c, at, "MaxItems", 0, 1<<31-1, true)
	b.readerConfig(c, r, at)
	return f
}

// readerConfig checks what of ReaderConfig needs what.
func (b *builder) readerConfig(c *value.Object, r *ItemReader, at where) {
	_, typed := c.Get("InputType")
	switch {
	case r.ManifestType == "S3_INVENTORY" && typed:
		b.fail(at, "InputType must not be specified if ManifestType is 'S3_INVENTORY'")
	case !typed && (r.Action == "getObject" && r.ManifestType != "S3_INVENTORY" || r.Transformation == "LOAD_AND_FLATTEN"):
		b.fail(at, "These fields are required: [InputType]")
	case r.InputType == "CSV" && r.HeaderLocation == "" && r.ManifestType == "":
		if _, has := c.Get("CSVHeaderLocation"); !has {
			b.fail(at, "These fields are required: [CSVHeaderLocation]")
		}
	}
	if _, has := c.Get("CSVHeaders"); !has && r.HeaderLocation == "GIVEN" {
		b.fail(at, "These fields are required: [CSVHeaders]")
	}
}

func (b *builder) itemBatcher(o *value.Object, w where) *batcherFields {
	b.known(o, w, batcherTable)
	f := &batcherFields{maxItems: b.number(o, w, "MaxItemsPerBatch", 1, 1<<31-1, true), maxBytes: b.number(o, w, "MaxInputBytesPerBatch", 1, maxData, true),
		input: b.template(o, w, "BatchInput")}
	if !f.maxItems.set && !f.maxBytes.set {
		b.fail(w, "One of these fields is required: [MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]")
	}
	return f
}

func (b *builder) resultWriter(o *value.Object, w where) *writerFields {
	f := new(writerFields)
	b.known(o, w, writerTable)
	_, exported := o.Get("Resource")
	c, configured := b.object(o, w, "WriterConfig")
	if !exported && !configured {
		b.fail(w, "One of these fields is required: [Resource, WriterConfig]")
	}
	if exported {
		b.s3Action(o, w, "putObject")
		if f.arguments = b.argumentsOf(o, w); f.arguments == nil {
			f.arguments = &template{constant: new(value.Object)}
		}
	}
	if configured {
		at := w.key("WriterConfig")
		b.known(c, at, writerConfigTable)
		f.fixed.Transformation = b.choose(c, at, "Transformation", "NONE", "COMPACT", "FLATTEN")
		f.fixed.OutputType = b.choose(c, at, "OutputType", "JSON", "JSONL")
	}
	return f
}
