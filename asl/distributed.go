package asl

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"salamander/internal/arn"
	"salamander/internal/value"
)

// A MapRun is what a Map state in DISTRIBUTED mode asks its driver to do: to
// read items, to start a child execution for each of them or for each batch,
// and to gather or to export what becomes of them. The driver answers with
// [MapRunSucceeded] or [MapRunFailed].
//
// Of the items only those of the state's own data are in it. The child's
// definition is [Machine.Child]; what a child is given is computed by
// [Machine.Items].
//
// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
type MapRun struct {
	ARN   string `json:"arn"`   // of the map run: …:mapRun:NAME/LABEL:UUID
	Label string `json:"label"` // as the state gives it, or computed
	State string `json:"state"` // the name of the Map state
	Scope int    `json:"scope"` // which processor, for [Machine.Child]
	// Express tells that the children are of type EXPRESS.
	Express bool `json:"express,omitempty"`

	Items  json.RawMessage `json:"items,omitempty"` // an array or an object, where there is no Reader
	Reader *ItemReader     `json:"reader,omitempty"`
	Batch  *ItemBatcher    `json:"batch,omitempty"`
	Writer *ResultWriter   `json:"writer,omitempty"`

	// MaxConcurrency is how many children run at once; 0 leaves it to the
	// driver.
	MaxConcurrency int64 `json:"maxConcurrency,omitempty"`
	// The thresholds of failed items. Zero for both means that none may fail.
	ToleratedFailureCount      int64   `json:"toleratedFailureCount,omitempty"`
	ToleratedFailurePercentage float64 `json:"toleratedFailurePercentage,omitempty"`

	// What the ItemSelector sees.
	Input     json.RawMessage `json:"input,omitempty"`     // the state's input
	Effective json.RawMessage `json:"effective,omitempty"` // … after InputPath, where that is another
	Context   json.RawMessage `json:"context,omitempty"`   // the context object, without Map
	Variables json.RawMessage `json:"variables,omitempty"`
	Seed      []byte          `json:"seed,omitempty"`
	At        time.Time       `json:"at,omitzero"`
	Entered   int64           `json:"entered,omitempty"` // the event of entering the state

	// Redrives is how often it was redriven: the map run of that ARN goes on.
	Redrives int `json:"redrives,omitempty"`
}

// An ItemReader tells where the items of a map run are.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
type ItemReader struct {
	Action    string          `json:"action"`    // "getObject" or "listObjectsV2"
	Arguments json.RawMessage `json:"arguments"` // of the action: Bucket, Key, Prefix, …
	// InputType is JSON, JSONL, CSV, PARQUET or MANIFEST; empty where the items
	// are those of a listing.
	InputType      string   `json:"inputType,omitempty"`
	Transformation string   `json:"transformation,omitempty"` // NONE or LOAD_AND_FLATTEN
	ManifestType   string   `json:"manifestType,omitempty"`   // ATHENA_DATA or S3_INVENTORY
	HeaderLocation string   `json:"headerLocation,omitempty"` // FIRST_ROW or GIVEN
	Headers        []string `json:"headers,omitempty"`
	Delimiter      string   `json:"delimiter,omitempty"`    // COMMA, PIPE, SEMICOLON, SPACE or TAB
	MaxItems       int64    `json:"maxItems,omitempty"`     // 0 for all
	ItemsPointer   string   `json:"itemsPointer,omitempty"` // RFC 6901, into a JSON object
}

// An ItemBatcher tells how items are put together. A limit of 0 is none.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
type ItemBatcher struct {
	MaxItems int64           `json:"maxItems,omitempty"`
	MaxBytes int64           `json:"maxBytes,omitempty"`
	Input    json.RawMessage `json:"input,omitempty"` // BatchInput
}

// A ResultWriter tells what becomes of the children's results.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
type ResultWriter struct {
	// Arguments are Bucket and Prefix; empty where nothing is exported.
	Arguments      json.RawMessage `json:"arguments,omitempty"`
	Transformation string          `json:"transformation,omitempty"` // NONE, COMPACT or FLATTEN
	OutputType     string          `json:"outputType,omitempty"`     // JSON or JSONL
}

// Exceeded reports whether failed items of a map run are more than it
// tolerates. total is the number of all items, or 0 while it is not known; the
// percentage counts only then.
func (r *MapRun) Exceeded(failed, total int64) bool {
	return Exceeded(r.ToleratedFailureCount, r.ToleratedFailurePercentage, failed, total)
}

// Exceeded reports whether failed items of total are more than a count and a
// percentage tolerate, of which 0 is none: a map run whose both are 0 fails
// with its first item. total is 0 while it is not known.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold
func Exceeded(count int64, percentage float64, failed, total int64) bool {
	switch {
	case failed == 0:
		return false
	case count == 0 && percentage == 0:
		return true
	case count > 0 && failed > count:
		return true
	}
	return percentage > 0 && total > 0 && float64(failed)*100 > percentage*float64(total)
}

// MaxData is the size of a state's result at most, in bytes, unless limits are
// lifted.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const MaxData = maxData

// A MapFailure is how a map run fails, as the States Language sees it.
type MapFailure struct{ Name, Cause string }

// Error gives name and cause.
func (f *MapFailure) Error() string { return f.Name + ": " + f.Cause }

// The errors of map runs that the language names.
const (
	// ItemReaderFailed is of items that could not be read.
	ItemReaderFailed = "States.ItemReaderFailed"
	// ResultWriterFailed is of results that could not be written.
	ResultWriterFailed = "States.ResultWriterFailed"
	// ToleranceExceeded is of more failed items than the map run tolerates.
	ToleranceExceeded = "States.ExceedToleratedFailureThreshold"
)

// toleranceCause is the cause of [ToleranceExceeded].
const toleranceCause = "The specified tolerated failure threshold was exceeded"

// TooManyFailed is the failure of a map run of which more items failed than it
// tolerates.
func TooManyFailed() *MapFailure { return &MapFailure{ToleranceExceeded, toleranceCause} }

// A MapItem is one item of a map run.
type MapItem struct {
	Index int64
	Value value.Value
	// Key is the item's key where the items are those of an object, else nil.
	Key    *string
	Source string // "STATE_DATA", or "S3://bucket/key"
}

// StateData is the source of items that come from the state's own data.
const StateData = "STATE_DATA"

// context gives what the context object tells of the item.
func (it MapItem) context() *value.Object {
	o := value.NewObject(member("Index", value.Int(it.Index)))
	if it.Key != nil {
		o.Set("Key", *it.Key)
	}
	o.Set("Value", it.Value)
	o.Set("Source", it.Source)
	return value.NewObject(member("Item", o))
}

// input gives the input of a child where there is no ItemSelector.
func (it MapItem) input() value.Value {
	if it.Key != nil {
		return value.NewObject(member("Key", *it.Key), member("Value", it.Value))
	}
	return it.Value
}

// nameUUID makes a UUID of version 3 of a name, as AWS does for map runs and
// their labels.
func nameUUID(name string) string {
	b := md5.Sum([]byte(name))
	b[6] = b[6]&0x0f | 0x30
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// mapRunName names a map run of an execution.
func mapRunName(c ContextInfo, machine, label, uuid string) string {
	region, account := c.Region, c.Account
	if a, err := arn.Parse(c.ExecutionArn); err == nil {
		region, account = a.Region, a.Account
	}
	return arn.New("states", region, account, "mapRun:"+machine+"/"+label+":"+uuid)
}

// ChildName names the child of a map run with a number: a UUID that begins
// with the [ChildTag] of the map run and ends with the number, so that
// neighbours are neighbours in an index too, and a name tells the child.
func (r *MapRun) ChildName(number int64) string { return ChildName(ChildTag(r.ARN), number) }

// ChildName names the child with a number of the map run with a tag.
func ChildName(tag string, number int64) string {
	const digits = "0123456789abcdef"
	b := make([]byte, tagLength+12)
	copy(b, tag)
	for i, n := len(b)-1, uint64(number); i >= tagLength; i, n = i-1, n>>4 {
		b[i] = digits[n&15]
	}
	return string(b)
}

// tagLength is the length of what the names of a map run's children have in
// common: "xxxxxxxx-xxxx-xxxx-xxxx-".
const tagLength = 24

// ChildTag is what the names of all children of a map run begin with.
func ChildTag(mapRun string) string { return nameUUID(mapRun)[:tagLength] }

// ParseChildName takes the name of a child apart; not ok where it is none.
func ParseChildName(name string) (tag string, number int64, ok bool) {
	if len(name) != tagLength+12 {
		return "", 0, false
	}
	n, err := strconv.ParseInt(name[tagLength:], 16, 64)
	return name[:tagLength], n, err == nil && name[tagLength-1] == '-'
}

// ParseMapRunARN takes the ARN of a map run apart: its machine's name with the
// label, "NAME/LABEL", and its UUID.
func ParseMapRunARN(text string) (a arn.ARN, machine, uuid string, err error) {
	a, err = arn.Parse(text)
	if err != nil {
		return a, "", "", err
	}
	rest, ok := strings.CutPrefix(a.Resource, "mapRun:")
	machine, uuid, found := strings.Cut(rest, ":")
	if !ok || !found || !strings.Contains(machine, "/") || uuid == "" {
		return a, "", "", fmt.Errorf("%q names no map run", text)
	}
	return a, machine, uuid, nil
}
