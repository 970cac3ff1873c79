// Package refresh is the example: the daily refresh of a retail warehouse in
// the form in which such systems are published. A state machine of 29 states
// submits Batch jobs through functions; each job fetches an SQL script from S3
// and runs it on the warehouse with psql. README.md walks through it.
//
// The files are embedded. The functions fill in their placeholders, such as
// ${JobQueue}.
package refresh

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"
)

//go:embed template.yaml statemachine.asl.json statemachine-sync.asl.json input.json run_sql.sh sql functions
//go:embed extended/template.yaml extended/statemachine.asl.json extended/clean_addresses.py extended/notify.py
var embedded embed.FS

// Files are the files of the example, named as in its directory:
// "statemachine.asl.json", "run_sql.sh", "sql/item.sql",
// "functions/submit_job.py".
var Files fs.FS = embedded

// Functions are the ARNs that the state machine calls.
type Functions struct{ Submit, Check string }

// Definition returns the state machine of 29 states, which submits and polls
// through the two functions. The variant without functions is the file
// "statemachine-sync.asl.json"; it takes the same input.
func Definition(f Functions) ([]byte, error) {
	return fill("statemachine.asl.json", map[string]string{"SubmitJobFunctionArn": f.Submit, "CheckJobFunctionArn": f.Check})
}

// Parameters is what the input of an execution depends on.
type Parameters struct {
	Scripts       string // where the scripts are, with a slash at the end: "s3://bucket/etlscript/"
	JobDefinition string // ARN or name
	JobQueue      string // ARN or name
	Date          string // the day to refresh: "2003-01-02"
	WaitSeconds   int    // between two polls; 30 when 0
}

type input struct {
	Wait               int  `json:"wait_seconds"`
	DBConnection       step `json:"DBConnection"`
	CustomerAddressDim step `json:"CustomerAddressDim"`
	ItemDim            step `json:"ItemDim"`
	SalesFACT          step `json:"SalesFACT"`
}

type step struct {
	JobName            string             `json:"jobName"`
	JobDefinition      string             `json:"jobDefinition"`
	JobQueue           string             `json:"jobQueue"`
	ContainerOverrides containerOverrides `json:"containerOverrides"`
}

type containerOverrides struct {
	Environment []pair `json:"environment"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Input returns the input of an execution.
func Input(p Parameters) ([]byte, error) {
	if _, err := time.Parse(time.DateOnly, p.Date); err != nil {
		return nil, fmt.Errorf("date %q: need YYYY-MM-DD", p.Date)
	}
	if p.WaitSeconds < 0 {
		return nil, fmt.Errorf("wait of %d seconds: need 0 or more", p.WaitSeconds)
	}
	text, err := fill("input.json", map[string]string{"Scripts": p.Scripts, "JobDefinition": p.JobDefinition,
		"JobQueue": p.JobQueue, "Date": p.Date})
	if err != nil {
		return nil, err
	}
	var doc input
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if p.WaitSeconds > 0 {
		doc.Wait = p.WaitSeconds
	}
	return json.MarshalIndent(doc, "", "  ")
}

// VerificationQuery returns the query of sql/verify.sql for a day, as psql
// sends it.
func VerificationQuery(date string) (string, error) {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return "", fmt.Errorf("date %q: need YYYY-MM-DD", date)
	}
	text, err := fs.ReadFile(Files, "sql/verify.sql")
	if err != nil {
		return "", err
	}
	_, query, _ := strings.Cut(string(text), "*/")
	return strings.TrimSpace(strings.ReplaceAll(query, ":'dt'", "'"+date+"'")), nil
}

// fill puts values, escaped for JSON, in the place of a file's ${Name}. Every
// placeholder needs a value.
func fill(name string, values map[string]string) ([]byte, error) {
	text, err := fs.ReadFile(Files, name)
	if err != nil {
		return nil, err
	}
	var missing error
	text = regexp.MustCompile(`\$\{(\w+)\}`).ReplaceAllFunc(text, func(hole []byte) []byte {
		v := values[string(hole[2:len(hole)-1])]
		if v == "" {
			missing = fmt.Errorf("%s: no value for %s", name, hole)
		}
		b, _ := json.Marshal(v) // strings always can
		return b[1 : len(b)-1]
	})
	return text, missing
}

// Checksum returns a query for the row count and a checksum of a table that
// does not depend on the order of rows. It reads all the columns given, and
// runs on Redshift and on ours.
func Checksum(table string, columns []string) string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = "coalesce(cast(" + c + " as varchar), '~')"
	}
	return "select count(*) as rows, sum(strtol(left(md5(" + strings.Join(texts, " || '|' || ") + "), 12), 16)) as checksum from public." + table
}
