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

//go:embed statemachine.asl.json statemachine-sync.asl.json input.json jobdefinition.json run_sql.sh sql functions
var files embed.FS

// FS returns the files of the example, named as in its directory:
// "statemachine.asl.json", "sql/item.sql", "functions/submit_job.py".
func FS() fs.FS { return files }

// Text returns one file of the example. It panics where there is none of that
// name, which is a mistake in the program.
func Text(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Scripts returns what the jobs fetch, by key in the bucket:
// "etlscript/run_sql.sh", "etlscript/item.sql" and so on.
func Scripts() map[string]string {
	scripts := map[string]string{"etlscript/run_sql.sh": Text("run_sql.sh")}
	for _, name := range []string{"connection_check", "initial_load", "customer_address", "item", "store_sales", "verify"} {
		scripts["etlscript/"+name+".sql"] = Text("sql/" + name + ".sql")
	}
	return scripts
}

// Functions are the ARNs that the state machine calls.
type Functions struct{ SubmitJob, CheckJob string }

// Definition returns the state machine of 29 states, which submits and polls
// through the two functions.
func Definition(f Functions) (string, error) {
	return fill("statemachine.asl.json", map[string]string{"SubmitJobFunctionArn": f.SubmitJob, "CheckJobFunctionArn": f.CheckJob})
}

// SyncDefinition returns the variant without functions: batch:submitJob.sync
// in each step. It takes the same input.
func SyncDefinition() string { return Text("statemachine-sync.asl.json") }

// Inputs is what the input of an execution depends on.
type Inputs struct {
	Bucket        string // name of the bucket with scripts and data
	JobDefinition string // ARN or name
	JobQueue      string // ARN or name
	Date          time.Time
	Wait          time.Duration // between two polls, in whole seconds; 30 s when 0
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
func Input(in Inputs) (json.RawMessage, error) {
	text, err := fill("input.json", map[string]string{"Bucket": in.Bucket, "JobDefinition": in.JobDefinition,
		"JobQueue": in.JobQueue, "Date": in.Date.Format(time.DateOnly)})
	if err != nil {
		return nil, err
	}
	var doc struct {
		Wait               int  `json:"wait_seconds"`
		DBConnection       step `json:"DBConnection"`
		CustomerAddressDim step `json:"CustomerAddressDim"`
		ItemDim            step `json:"ItemDim"`
		SalesFACT          step `json:"SalesFACT"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	if in.Wait > 0 {
		doc.Wait = int((in.Wait + time.Second - 1) / time.Second)
	}
	return json.MarshalIndent(doc, "", "  ")
}

// A Job is what the job definition depends on.
type Job struct {
	Name         string // of the definition
	Image        string // one whose name ends in fetchrunpsql runs fetch-and-run
	Bucket       string
	DataReadRole string // ARN of the role that COPY names
	Host, Port   string // of the warehouse
	Database     string
	User         string
	Password     string
}

// JobDefinition returns the input of RegisterJobDefinition. Its environment
// has what all jobs share, and runs the initial load where a job overrides
// nothing; its retry strategy runs a job again whose host went away.
func JobDefinition(j Job) (json.RawMessage, error) {
	text, err := fill("jobdefinition.json", map[string]string{"JobDefinitionName": j.Name, "Image": j.Image, "Bucket": j.Bucket,
		"DataReadRole": j.DataReadRole, "WarehouseHost": j.Host, "WarehousePort": j.Port, "WarehouseDatabase": j.Database,
		"WarehouseUser": j.User, "WarehousePassword": j.Password})
	return json.RawMessage(text), err
}

// ExecutionName returns the name of a day's execution:
// "ETLWorkflowDataRefreshfor2003-01-02".
func ExecutionName(day time.Time) string {
	return "ETLWorkflowDataRefreshfor" + day.Format(time.DateOnly)
}

// fill puts values, escaped for JSON, in the place of a file's ${Name}. Every
// placeholder needs a value.
func fill(name string, values map[string]string) (string, error) {
	var missing error
	text := regexp.MustCompile(`\$\{(\w+)\}`).ReplaceAllStringFunc(Text(name), func(hole string) string {
		key := hole[2 : len(hole)-1]
		v, ok := values[key]
		if !ok || v == "" {
			missing = fmt.Errorf("%s: no value for %s", name, hole)
		}
		b, _ := json.Marshal(v) // strings always can
		return string(b[1 : len(b)-1])
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
