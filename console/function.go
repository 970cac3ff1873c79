package console

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Functions reads the packages of functions, which no operation answers.
type Functions interface {
	// Archive returns the zip file of a function.
	Archive(ctx context.Context, name string) ([]byte, error)
}

// How much of a function is shown.
const (
	maxSource  = 256 << 10 // bytes of a file
	maxSources = 500       // files
	maxTimings = 100
)

// A sourceFile is a file of a function's package.
type sourceFile struct {
	Name   string `json:"name"`
	Size   uint64 `json:"size"`
	Text   string `json:"text"`             // its beginning, where it is long
	Binary bool   `json:"binary,omitempty"` // or no regular file
	Cut    bool   `json:"cut,omitempty"`    // Text is not all
}

// A timing is what an invocation took, as its log tells.
type timing struct {
	At       int64   `json:"at"`
	Ms       float64 `json:"ms"`
	InitMs   float64 `json:"initMs,omitempty"` // it began an environment
	BilledMs float64 `json:"billedMs,omitempty"`
	MemoryMB float64 `json:"memoryMB,omitempty"`
	UsedMB   float64 `json:"usedMB,omitempty"`
	Request  string  `json:"requestId"`
	Error    bool    `json:"error,omitempty"`
}

// function tells all about one function.
//
//	GET /api/function?name= -> {"configuration", "files", "logGroup", "timings"}
func (c *Console) function(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	name := q.need("name")
	if q.err != nil {
		return nil, q.err
	}
	ctx := r.Context()
	got, err := call[struct{ Configuration json.RawMessage }](ctx, c, "lambda", "GetFunction", document{"FunctionName": name})
	if err != nil {
		return nil, err
	}
	var conf struct {
		FunctionName  string
		LoggingConfig struct{ LogGroup string }
	}
	if err := json.Unmarshal(got.Configuration, &conf); err != nil {
		return nil, err
	}
	group := conf.LoggingConfig.LogGroup
	if group == "" {
		group = "/aws/lambda/" + conf.FunctionName
	}
	files, err := c.sources(ctx, conf.FunctionName)
	if err != nil {
		return nil, err
	}
	timings, err := c.timings(ctx, group)
	if err != nil {
		return nil, err
	}
	return document{"configuration": got.Configuration, "files": files, "logGroup": group, "timings": timings}, nil
}

func (c *Console) sources(ctx context.Context, name string) ([]sourceFile, error) {
	files := []sourceFile{}
	if c.opt.Functions == nil {
		return files, nil
	}
	archive, err := c.opt.Functions.Archive(ctx, name)
	if err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if len(files) == maxSources {
			break
		}
		one := sourceFile{Name: f.Name, Size: f.UncompressedSize64}
		text, err := readFile(f)
		if err != nil {
			return nil, err
		}
		if !f.Mode().IsRegular() || bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
			one.Binary = true
		} else {
			one.Text, one.Cut = string(text), uint64(len(text)) < f.UncompressedSize64
		}
		files = append(files, one)
	}
	slices.SortFunc(files, func(a, b sourceFile) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// readFile reads what is shown of a file, to a whole character.
func readFile(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxSource))
	for i := 0; len(text) == maxSource && i < utf8.UTFMax && !utf8.Valid(text); i++ {
		text = text[:len(text)-1]
	}
	return text, err
}

var (
	reportLine = regexp.MustCompile(`REPORT RequestId: (\S+)\s+Duration: ([\d.]+) ms\s+Billed Duration: ([\d.]+) ms\s+Memory Size: ([\d.]+) MB\s+Max Memory Used: ([\d.]+) MB(?:\s+Init Duration: ([\d.]+) ms)?`)
	failedLine = regexp.MustCompile(`Status: (?:error|timeout)|Task timed out`)
)

// timings reads what the last invocations took from their REPORT lines.
func (c *Console) timings(ctx context.Context, group string) ([]timing, error) {
	all := []timing{}
	if c.opt.Logs == nil {
		return all, nil
	}
	lines, err := c.opt.Logs.Lines(ctx, LogQuery{Group: group, Tail: true, Limit: 3000})
	if err != nil {
		return nil, err
	}
	failed := map[string]bool{}
	for _, l := range slices.Backward(lines) {
		if failedLine.MatchString(l.Message) {
			for _, word := range strings.Fields(l.Message) {
				failed[word] = true
			}
		}
		m := reportLine.FindStringSubmatch(l.Message)
		if m == nil || len(all) == maxTimings {
			continue
		}
		n := func(i int) float64 {
			f, _ := strconv.ParseFloat(m[i], 64) // digits, or nothing
			return f
		}
		all = append(all, timing{At: l.At.Millis, Request: m[1], Ms: n(2), BilledMs: n(3), MemoryMB: n(4), UsedMB: n(5), InitMs: n(6), Error: failed[m[1]]})
	}
	for i := range all { // the line of a failure stands before the report
		all[i].Error = all[i].Error || failed[all[i].Request]
	}
	return all, nil
}
