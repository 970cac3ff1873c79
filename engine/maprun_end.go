package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"salamander/asl"
	"salamander/internal/value"
)

// conclude gathers the results of a map run whose children have ended, stores
// its end, and returns what the Map state is told.
func (r *mapRun) conclude() (asl.Event, error) {
	r.mu.Lock()
	rec, bad := r.rec, r.failure
	r.mu.Unlock()
	if bad != nil { // those that were not taken up before it failed
		if err := r.e.abortChildren(r.ctx, rec.ARN); err != nil {
			return asl.Event{}, err
		}
	}
	output, counted, err := r.gather(bad)
	var failed *asl.MapFailure
	switch {
	case errors.As(err, &failed):
		if bad == nil {
			bad = failed
		}
	case err != nil:
		return asl.Event{}, fmt.Errorf("gather the results: %w", err)
	}
	if rec.Status == Running {
		rec.Items.settle(counted[0])
		rec.Executions.settle(counted[1])
		rec.Status, rec.Stop = Succeeded, r.e.now()
		if bad != nil {
			rec.Status, rec.Error, rec.Cause = Failed, bad.Name, bad.Cause
		}
		if failed == nil && (bad == nil || r.spec.Writer != nil) {
			rec.Items.ResultsWritten, rec.Executions.ResultsWritten = rec.Items.Ended(), rec.Executions.Ended()
		}
		if err := r.persist(rec); err != nil {
			return asl.Event{}, err
		}
		r.mu.Lock()
		r.rec = rec
		r.mu.Unlock()
	}
	if bad != nil {
		return asl.Event{Kind: asl.MapRunFailed, Error: bad.Name, Cause: bad.Cause}, nil
	}
	return asl.Event{Kind: asl.MapRunSucceeded, Output: output}, nil
}

// settle takes over how many have ended, and in which way.
func (c *MapCounts) settle(ended MapCounts) {
	c.Running, c.Succeeded, c.Failed, c.TimedOut, c.Aborted = 0, ended.Succeeded, ended.Failed, ended.TimedOut, ended.Aborted
	c.Total = max(c.Total, c.Pending+c.Ended())
}

// checkWriter finds out early that the results cannot be exported.
func (r *mapRun) checkWriter() *asl.MapFailure {
	to, ok, err := r.destination()
	if err != nil || !ok {
		return writerFailure(err)
	}
	_, err = r.objects.List(r.ctx, json.RawMessage(value.Text(value.NewObject(
		value.Member{Key: "Bucket", Value: to.Bucket}, value.Member{Key: "MaxKeys", Value: value.Int(1)}))))
	return writerFailure(err)
}

func writerFailure(err error) *asl.MapFailure {
	if err == nil {
		return nil
	}
	return &asl.MapFailure{Name: asl.ResultWriterFailed, Cause: err.Error()}
}

// A destination is where results are exported to.
type destination struct{ Bucket, Prefix string }

// destination returns where the results go; not ok where they are not exported.
func (r *mapRun) destination() (to destination, ok bool, err error) {
	if r.spec.Writer == nil || len(r.spec.Writer.Arguments) == 0 {
		return to, false, nil
	}
	if err := json.Unmarshal(r.spec.Writer.Arguments, &to); err != nil {
		return to, false, fmt.Errorf("the arguments of the ResultWriter: %w", err)
	}
	if to.Bucket == "" {
		return to, false, errors.New("the ResultWriter has no Bucket")
	}
	_, _, uuid, err := asl.ParseMapRunARN(r.spec.ARN)
	if err != nil {
		return to, false, err
	}
	if to.Prefix = strings.TrimSuffix(to.Prefix, "/"); to.Prefix != "" {
		to.Prefix += "/"
	}
	to.Prefix += uuid + "/"
	return to, true, nil
}

// gather reads the children's results in their order and makes the Map
// state's result of them, or exports them. It counts the children again. The
// error is an [*asl.MapFailure] where they cannot be exported.
func (r *mapRun) gather(failure *asl.MapFailure) (output json.RawMessage, counted [2]MapCounts, err error) {
	to, export, err := r.destination()
	if err != nil {
		return nil, counted, writerFailure(err)
	}
	how := asl.ResultWriter{Transformation: "COMPACT"}
	if export {
		how.Transformation = "NONE"
	}
	if wr := r.spec.Writer; wr != nil {
		if how.OutputType = wr.OutputType; wr.Transformation != "" {
			how.Transformation = wr.Transformation
		}
	}
	files := map[string]*resultFile{}
	for _, status := range []string{Failed, pending, Succeeded} {
		files[status] = &resultFile{r: r, to: to, status: status, lines: how.OutputType == "JSONL"}
	}
	all := &resultFile{lines: how.OutputType == "JSONL"}
	for from, end := int64(0), false; !end; {
		page, err := r.e.store.Children(r.ctx, r.spec.ARN, from, childPage)
		if err != nil {
			return nil, counted, err
		}
		end = len(page) < childPage
		for _, child := range page {
			from = child.Number + 1
			*counted[0].of(child.Status) += child.Items
			*counted[1].of(child.Status)++
			file := all
			if export {
				file = files[Failed]
				if child.Status == Succeeded {
					file = files[Succeeded]
				}
			} else if failure != nil {
				continue
			}
			if err := file.add(child, how.Transformation); err != nil {
				return nil, counted, writerFailure(err)
			}
		}
	}
	if !export {
		return all.state(), counted, nil
	}
	output, err = r.manifest(to, files)
	if err != nil {
		return nil, counted, writerFailure(err)
	}
	return output, counted, nil
}

// manifest writes what is left of the files and the manifest, and returns the
// Map state's result.
func (r *mapRun) manifest(to destination, files map[string]*resultFile) (json.RawMessage, error) {
	names := new(value.Object)
	for _, status := range []string{Failed, pending, Succeeded} {
		f := files[status]
		if err := f.flush(); err != nil {
			return nil, err
		}
		names.Set(status, f.written)
	}
	key := to.Prefix + "manifest.json"
	doc := value.NewObject(value.Member{Key: "DestinationBucket", Value: to.Bucket}, value.Member{Key: "MapRunArn", Value: r.spec.ARN},
		value.Member{Key: "ResultFiles", Value: names})
	if err := r.objects.Put(r.ctx, to.Bucket, key, value.Append(nil, doc)); err != nil {
		return nil, err
	}
	return json.RawMessage(value.Text(value.NewObject(value.Member{Key: "MapRunArn", Value: r.spec.ARN},
		value.Member{Key: "ResultWriterDetails", Value: value.NewObject(value.Member{Key: "Bucket", Value: to.Bucket}, value.Member{Key: "Key", Value: key})}))), nil
}

// maxResultFile is the size from which on results go to another file, in bytes.
const maxResultFile = 64 << 20

// A resultFile gathers results: an array, or lines.
type resultFile struct {
	r       *mapRun
	to      destination
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
	if err := f.r.objects.Put(f.r.ctx, f.to.Bucket, f.to.Prefix+name, f.body.Bytes()); err != nil {
		return err
	}
	f.written = append(f.written, value.NewObject(value.Member{Key: "Key", Value: f.to.Prefix + name}, value.Member{Key: "Size", Value: value.Int(int64(size))}))
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
	o.Set("RedriveStatus", "NOT_REDRIVABLE")
	if ex.Status == Succeeded {
		o.Set("RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven")
	}
	o.Set("StartDate", stamp(ex.Start))
	o.Set("StateMachineArn", ex.Machine)
	o.Set("Status", ex.Status)
	o.Set("StopDate", stamp(ex.Stop))
	return o
}
