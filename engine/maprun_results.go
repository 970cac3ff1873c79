package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"salamander/asl"
	"salamander/engine/dataset"
	"salamander/internal/value"
)

// Results makes the result of a Map state of the results of its children, or
// exports them. It is not safe for many goroutines. Its errors are
// [*asl.MapFailure]s.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
type Results struct {
	// Enough is the size from which on results that are not exported are not
	// gathered any more, in bytes: the Map state fails with its limit on data
	// anyway. 0 gathers all.
	Enough int

	ctx            context.Context
	run            *asl.MapRun
	objects        dataset.Objects
	transformation string
	to             destination
	export         bool
	files          map[string]*resultFile // by status, where they are exported
	all            resultFile             // else
}

// NewResults returns what takes the results of a map run.
func NewResults(ctx context.Context, run *asl.MapRun, objects dataset.Objects) (*Results, error) {
	r := &Results{ctx: ctx, run: run, objects: objects, transformation: "COMPACT", files: map[string]*resultFile{}}
	var err error
	if r.to, r.export, err = exportTo(run); err != nil {
		return nil, writerFailure(err)
	}
	if r.export {
		r.transformation = "NONE"
	}
	lines := false
	if wr := run.Writer; wr != nil {
		if lines = wr.OutputType == "JSONL"; wr.Transformation != "" {
			r.transformation = wr.Transformation
		}
	}
	r.all = resultFile{lines: lines}
	for _, status := range []string{Failed, pending, Succeeded} {
		r.files[status] = &resultFile{r: r, status: status, lines: lines}
	}
	return r, nil
}

// Add adds what a child that has ended came to. Children come in their order.
func (r *Results) Add(child Execution) error {
	file := &r.all
	if r.export {
		file = r.files[Failed]
		if child.Status == Succeeded {
			file = r.files[Succeeded]
		}
	}
	if !r.export && r.Enough > 0 && file.body.Len() > r.Enough {
		return nil
	}
	if err := file.add(child, r.transformation); err != nil {
		return writerFailure(err)
	}
	return nil
}

// AddPending adds a child of a failed map run that was not started: its input
// is exported, if results are.
func (r *Results) AddPending(name, machine, execution, input string) error {
	if !r.export {
		return nil
	}
	f := r.files[pending]
	o := new(value.Object)
	for _, m := range [][2]string{{"ExecutionArn", execution}, {"Input", input}, {"Name", name}, {"StateMachineArn", machine}, {"Status", pending}} {
		o.Set(m[0], m[1])
	}
	f.put(value.Text(o))
	if err := f.spill(); err != nil {
		return writerFailure(err)
	}
	return nil
}

// Output returns the Map state's result when all children were added.
func (r *Results) Output() (json.RawMessage, error) {
	if !r.export {
		return r.all.state(), nil
	}
	output, err := r.manifest()
	if err != nil {
		return nil, writerFailure(err)
	}
	return output, nil
}

func writerFailure(err error) *asl.MapFailure {
	if err == nil {
		return nil
	}
	return &asl.MapFailure{Name: asl.ResultWriterFailed, Cause: err.Error()}
}

// A destination is where results are exported to.
type destination struct{ Bucket, Prefix string }

// exportTo returns where the results go; not ok where they are not exported.
func exportTo(run *asl.MapRun) (to destination, ok bool, err error) {
	if run.Writer == nil || len(run.Writer.Arguments) == 0 {
		return to, false, nil
	}
	if err := json.Unmarshal(run.Writer.Arguments, &to); err != nil {
		return to, false, fmt.Errorf("the arguments of the ResultWriter: %w", err)
	}
	if to.Bucket == "" {
		return to, false, errors.New("the ResultWriter has no Bucket")
	}
	_, _, uuid, err := asl.ParseMapRunARN(run.ARN)
	if err != nil {
		return to, false, err
	}
	if to.Prefix = strings.TrimSuffix(to.Prefix, "/"); to.Prefix != "" {
		to.Prefix += "/"
	}
	to.Prefix += uuid + "/"
	return to, true, nil
}

// manifest writes what is left of the files and the manifest, and returns the
// Map state's result.
func (r *Results) manifest() (json.RawMessage, error) {
	names := new(value.Object)
	for _, status := range []string{Failed, pending, Succeeded} {
		f := r.files[status]
		if err := f.flush(); err != nil {
			return nil, err
		}
		names.Set(status, f.written)
	}
	key := r.to.Prefix + "manifest.json"
	doc := value.NewObject(value.Member{Key: "DestinationBucket", Value: r.to.Bucket}, value.Member{Key: "MapRunArn", Value: r.run.ARN},
		value.Member{Key: "ResultFiles", Value: names})
	if err := r.objects.Put(r.ctx, r.to.Bucket, key, value.Append(nil, doc)); err != nil {
		return nil, err
	}
	return json.RawMessage(value.Text(value.NewObject(value.Member{Key: "MapRunArn", Value: r.run.ARN},
		value.Member{Key: "ResultWriterDetails", Value: value.NewObject(value.Member{Key: "Bucket", Value: r.to.Bucket}, value.Member{Key: "Key", Value: key})}))), nil
}

// maxResultFile is the size from which on results go to another file, in bytes.
const maxResultFile = 32 << 20

// A resultFile gathers results: an array, or lines.
type resultFile struct {
	r       *Results
	status  string
	lines   bool
	body    bytes.Buffer
	written value.Array
}

// add adds what a child came to.
func (f *resultFile) add(child Execution, transformation string) error {
	if child.Status != Succeeded || child.Output == nil || transformation == "NONE" {
		f.put(value.Text(childRecord(child)))
		return f.spill()
	}
	if transformation == "FLATTEN" {
		v, err := value.Parse([]byte(*child.Output))
		if err != nil {
			return fmt.Errorf("output of %s: %w", child.ARN, err)
		}
		if list, ok := v.(value.Array); ok {
			for _, e := range list {
				f.put(value.Text(e))
			}
			return f.spill()
		}
	}
	f.put(*child.Output)
	return f.spill()
}

func (f *resultFile) put(text string) {
	switch {
	case f.lines:
	case f.body.Len() == 0:
		f.body.WriteByte('[')
	default:
		f.body.WriteByte(',')
	}
	f.body.WriteString(text)
	if f.lines {
		f.body.WriteByte('\n')
	}
}

// spill writes a file that is large enough.
func (f *resultFile) spill() error {
	if f.r == nil || f.body.Len() < maxResultFile {
		return nil
	}
	return f.flush()
}

// flush writes what there is to the next file.
func (f *resultFile) flush() error {
	if f.body.Len() == 0 {
		return nil
	}
	name := fmt.Sprintf("%s_%d.json", f.status, len(f.written))
	if f.lines {
		name += "l"
	} else {
		f.body.WriteByte(']')
	}
	size := f.body.Len()
	if err := f.r.objects.Put(f.r.ctx, f.r.to.Bucket, f.r.to.Prefix+name, f.body.Bytes()); err != nil {
		return err
	}
	f.written = append(f.written, value.NewObject(value.Member{Key: "Key", Value: f.r.to.Prefix + name}, value.Member{Key: "Size", Value: value.Int(int64(size))}))
	f.body = bytes.Buffer{}
	return nil
}

// state returns what there is as the result of a state.
func (f *resultFile) state() json.RawMessage {
	if f.lines {
		return json.RawMessage(value.Text(f.body.String()))
	}
	if f.body.Len() == 0 {
		return json.RawMessage("[]")
	}
	f.body.WriteByte(']')
	return f.body.Bytes()
}

// childRecord describes a child as the results of map runs do.
func childRecord(ex Execution) *value.Object {
	o := new(value.Object)
	set := func(name string, text *string) {
		if text != nil {
			o.Set(name, *text)
		}
	}
	included := value.NewObject(value.Member{Key: "Included", Value: true})
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
	set("Cause", ex.Cause)
	set("Error", ex.Error)
	o.Set("ExecutionArn", ex.ARN)
	o.Set("Input", ex.Input)
	o.Set("InputDetails", included)
	o.Set("Name", ex.Name)
	if ex.Output != nil {
		o.Set("Output", *ex.Output)
		o.Set("OutputDetails", included)
	}
	o.Set("RedriveCount", value.Int(int64(ex.Redrives)))
	if ex.Status == Succeeded {
		o.Set("RedriveStatus", "NOT_REDRIVABLE")
		o.Set("RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven")
	} else {
		o.Set("RedriveStatus", "REDRIVABLE_BY_MAP_RUN")
	}
	o.Set("StartDate", stamp(ex.Start))
	o.Set("StateMachineArn", ex.Machine)
	o.Set("Status", ex.Status)
	o.Set("StopDate", stamp(ex.Stop))
	return o
}
