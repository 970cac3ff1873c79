package states

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"salamander/asl"
	"salamander/engine/dataset"
)

// checkReaderData judges what a mocked ItemReader has read.
func (t *tested) checkReaderData(data *string) error {
	if data == nil {
		return nil
	}
	if t.kind != "Map" || t.members["ItemReader"] == nil {
		return invalidTest("MapItemReaderData can only be specified for a Map state with an ItemReader.")
	}
	switch kind := t.reader().InputType; {
	case kind == "MANIFEST", kind == "PARQUET":
		return notTested("mapItemReaderData of InputType " + kind)
	case (kind == "" || kind == "JSON") && !json.Valid([]byte(*data)):
		return invalidTest("MapItemReaderData must be valid JSON.")
	}
	t.readerData = data
	return nil
}

// A readerConfig is what of an ItemReader's ReaderConfig a test needs.
type readerConfig struct {
	InputType    string
	ItemsPointer string
}

func (t *tested) reader() (c readerConfig) {
	var reader struct{ ReaderConfig readerConfig }
	if json.Unmarshal(t.members["ItemReader"], &reader) != nil {
		return readerConfig{}
	}
	return reader.ReaderConfig
}

// asDistributed makes an inline Map a distributed one: the machine then asks
// for a map run, which the mock stands for, and runs no iteration.
func asDistributed(state map[string]json.RawMessage) {
	processor := map[string]json.RawMessage{}
	for _, name := range []string{"Iterator", "ItemProcessor"} {
		if json.Unmarshal(state[name], &processor) == nil {
			delete(state, name)
		}
	}
	config := map[string]json.RawMessage{"ExecutionType": text("STANDARD")}
	_ = json.Unmarshal(processor["ProcessorConfig"], &config) // it was found valid
	config["Mode"] = text("DISTRIBUTED")
	processor["ProcessorConfig"] = text(config)
	state["ItemProcessor"] = text(processor)
	if selector := state["Parameters"]; selector != nil {
		state["ItemSelector"] = selector
		delete(state, "Parameters")
	}
}

// processor returns the ItemProcessor of a Map state, or its Iterator.
func (t *tested) processor() (p map[string]json.RawMessage) {
	for _, name := range []string{"Iterator", "ItemProcessor"} {
		if doc := t.members[name]; doc != nil && json.Unmarshal(doc, &p) != nil {
			p = nil
		}
	}
	return p
}

// inline reports whether a Map state is in mode INLINE.
func (t *tested) inline() bool {
	var config struct{ Mode string }
	return json.Unmarshal(t.processor()["ProcessorConfig"], &config) != nil || config.Mode != "DISTRIBUTED"
}

// idle replaces what the iterations of an inline Map do by nothing.
func idle(state map[string]json.RawMessage) {
	delete(state, "Iterator")
	state["ItemProcessor"] = json.RawMessage(`{"StartAt":"(item)","States":{"(item)":{"Type":"Pass","End":true}}}`)
}

// A mapping is what a tested Map state made of its input.
type mapping struct {
	run      *asl.MapRun
	items    int64             // how many there are; 0 where that is not known
	selected []json.RawMessage // after the ItemSelector
	batched  []json.RawMessage // after the ItemBatcher
}

// mapRun answers the map run that the machine asks for, by the mock.
func (t *tested) mapRun(m *asl.Machine, cmd asl.Command) (asl.Event, error) {
	ev := asl.Event{Kind: asl.MapRunSucceeded, Command: cmd.ID, At: t.now}
	fail := func(name, cause string) (asl.Event, error) {
		t.errorName, t.cause, t.result = &name, &cause, ""
		ev.Kind, ev.Error, ev.Cause = asl.MapRunFailed, name, cause
		return ev, nil
	}
	t.mapping = &mapping{run: cmd.Map}
	var bad *asl.MapFailure
	switch err := t.mapping.fill(m, t.readerData); {
	case errors.As(err, &bad):
		return fail(bad.Name, bad.Cause)
	case err != nil:
		return ev, err
	}
	if e := t.mock.ErrorOutput; e != nil {
		name, cause := "", ""
		if e.Error != nil {
			name = *e.Error
		}
		if e.Cause != nil {
			cause = *e.Cause
		}
		return fail(name, cause)
	}
	ev.Output, t.result = json.RawMessage(*t.mock.Result), *t.mock.Result
	if t.exceeded() {
		bad := asl.TooManyFailed()
		return fail(bad.Name, bad.Cause)
	}
	return ev, nil
}

// fill computes the inputs of the map run's children. data is what its
// ItemReader would read; without it they are not known.
func (p *mapping) fill(m *asl.Machine, data *string) error {
	if p.run.Reader != nil && data == nil {
		return nil
	}
	all, err := p.read(m, data)
	if err != nil {
		return err
	}
	p.items = int64(len(all))
	single := *p.run
	single.Batch = nil
	if p.selected, err = inputs(m, &single, all); err == nil && p.run.Batch != nil {
		p.batched, err = inputs(m, p.run, all)
	}
	return err
}

// read returns the items of the map run.
func (p *mapping) read(m *asl.Machine, data *string) (all []asl.MapItem, err error) {
	if p.run.Reader == nil {
		items, err := m.Items(p.run)
		if err != nil {
			return nil, err
		}
		return items.Own()
	}
	from := *p.run.Reader
	if from.Action != "getObject" { // a listing's items are read as JSON
		from.Action, from.InputType = "getObject", "JSON"
	}
	var at struct{ Bucket, Key string }
	_ = json.Unmarshal(from.Arguments, &at) // only names are taken from it
	from.Arguments = text(map[string]string{"Bucket": at.Bucket, "Key": "data"})
	reader, err := dataset.Open(context.Background(), &from, told(*data))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	for {
		it, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		it.Source = "S3://" + at.Bucket + "/" + at.Key
		all = append(all, it)
	}
}

// told is the one object that a mocked ItemReader reads.
type told string

// Get returns the object.
func (d told) Get(context.Context, json.RawMessage) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(string(d))), nil
}

// List has nothing to list.
func (told) List(context.Context, json.RawMessage) (dataset.Page, error) {
	return dataset.Page{}, errors.New("a mocked ItemReader lists nothing")
}

// Put writes nothing.
func (told) Put(context.Context, string, string, []byte) error {
	return errors.New("a mocked Map state writes nothing")
}

// inputs computes the inputs of the children.
func inputs(m *asl.Machine, run *asl.MapRun, all []asl.MapItem) (texts []json.RawMessage, err error) {
	p, err := m.Items(run)
	if err != nil {
		return nil, err
	}
	add := func(made []asl.ChildInput, bad *asl.MapFailure) error {
		for _, c := range made {
			texts = append(texts, json.RawMessage(c.Text))
		}
		if bad != nil {
			return bad
		}
		return nil
	}
	for _, it := range all {
		if err := add(p.Add(it)); err != nil {
			return nil, err
		}
	}
	return texts, add(p.Flush())
}

// has reports whether the state has a number, or its Path form.
func (t *tested) has(name string) bool {
	return t.members[name] != nil || t.members[name+"Path"] != nil
}

// exceeded reports whether more iterations of a Map state failed than it
// bears. A state that names no bound is not judged, as AWS does.
func (t *tested) exceeded() bool {
	run, total := t.mapping.run, t.mapping.items
	if !t.has("ToleratedFailureCount") && !t.has("ToleratedFailurePercentage") {
		return false
	}
	var results []json.RawMessage
	if total == 0 && json.Unmarshal([]byte(t.result), &results) == nil {
		total = int64(len(results))
	}
	return run.Exceeded(int64(t.failures), total)
}

// inspectMap tells the steps before the iterations of a Map state.
func (t *tested) inspectMap(d *InspectionData) {
	if !t.jsonata {
		d.AfterInputPath = t.afterInputPath()
	}
	p := t.mapping
	if p == nil {
		return // it did not come to them
	}
	if path := t.members["ItemsPath"]; path != nil && p.run.Reader == nil {
		d.AfterItemsPath = t.path(d.AfterInputPath, path)
	}
	if pointer := t.reader().ItemsPointer; pointer != "" && t.readerData != nil {
		d.AfterItemsPointer = string(point(json.RawMessage(*t.readerData), pointer))
	}
	if p.selected != nil && (t.members["ItemSelector"] != nil || t.members["Parameters"] != nil) {
		d.AfterItemSelector = string(text(p.selected))
	}
	if p.batched != nil {
		d.AfterItemBatcher = string(text(p.batched))
	}
	d.MaxConcurrency = &p.run.MaxConcurrency
	if t.has("ToleratedFailureCount") {
		d.ToleratedFailureCount = &p.run.ToleratedFailureCount
	}
	if t.has("ToleratedFailurePercentage") {
		d.ToleratedFailurePercentage = &p.run.ToleratedFailurePercentage
	}
}

// point follows an RFC 6901 pointer; nil where it leads nowhere.
func point(doc json.RawMessage, pointer string) json.RawMessage {
	for _, name := range strings.Split(pointer, "/")[1:] {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		var object map[string]json.RawMessage
		if json.Unmarshal(doc, &object) != nil {
			doc = follow(doc, "["+name+"]")
			continue
		}
		doc = object[name]
	}
	return doc
}

// forkMember reports whether only Parallel and Map states have a member.
func forkMember(name string) bool {
	return slices.Contains([]string{"Branches", "ItemProcessor", "Iterator", "Items", "ItemsPath", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter",
		"MaxConcurrency", "MaxConcurrencyPath", "ToleratedFailureCount", "ToleratedFailureCountPath", "ToleratedFailurePercentage",
		"ToleratedFailurePercentagePath", "Label"}, name)
}
