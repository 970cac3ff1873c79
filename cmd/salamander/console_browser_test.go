package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The main tasks in Chromium, against a real server: console/web/e2e/tasks.mjs
// tells them. SHOTS names a directory for screenshots.
func TestConsoleInABrowser(t *testing.T) {
	web := filepath.Join("..", "..", "console", "web")
	if dir := os.Getenv("CONSOLE_WEB"); dir != "" {
		web = dir
	}
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && chromium == "" {
			chromium = path
		}
	}
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(web, "node_modules", "playwright-core")); chromium == "" || err != nil || missing != nil || testing.Short() {
		t.Skip("needs chromium, node and console/web/node_modules")
	}
	cfg := defaultConfig()
	cfg.Data, cfg.Auth = t.TempDir(), "dev"
	cfg.AWSAddr, cfg.WarehouseAddr, cfg.ConsoleAddr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Images = map[string]command{"shell": {"/bin/sh", "-c"}}
	cfg.Triggers = map[string]triggerConfig{"daily": {Bucket: "landing", Keys: []string{"sales/{date}.csv"}, Count: 2, Start: "daily", Input: document{"run_date": "{date}"}}}
	cfg.Alerts = []alertConfig{{Name: "failures", Machines: []string{"m*"}, To: []string{"https://127.0.0.1:1/hook"}}}
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(t, err)
	t.Cleanup(func() { a.close() })
	must(t, a.start(t.Context()))
	jar, err := cookiejar.New(nil)
	must(t, err)
	b := &browser{t: t, base: "http://" + a.server.Console, http: &http.Client{Jar: jar}}
	b.open(a.consoleLink(time.Minute))
	world, err := json.Marshal(b.world(filepath.Join(t.TempDir(), "flag")))
	must(t, err)
	cmd := exec.CommandContext(t.Context(), node, filepath.Join("e2e", "tasks.mjs"))
	cmd.Dir = web
	cmd.Env = append(os.Environ(), "CONSOLE_LINK="+a.consoleLink(time.Minute), "WORLD="+string(world), "CHROMIUM="+chromium)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v", err)
	}
}

// world makes what the tasks work on.
func (b *browser) world(flag string) document {
	b.t.Helper()
	const role = "arn:aws:iam::000000000000:role/r"
	b.aws("batch", "CreateComputeEnvironment", document{"computeEnvironmentName": "local", "type": "MANAGED", "state": "ENABLED",
		"computeResources": document{"type": "EC2", "minvCpus": 0, "maxvCpus": 8, "instanceTypes": []string{"optimal"}, "subnets": []string{}, "securityGroupIds": []string{}, "instanceRole": "r"}}, nil)
	b.aws("batch", "CreateJobQueue", document{"jobQueueName": "work", "state": "ENABLED", "priority": 1,
		"computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": "local"}}}, nil)
	b.aws("batch", "RegisterJobDefinition", document{"jobDefinitionName": "load", "type": "container", "containerProperties": document{"image": "shell", "vcpus": 1, "memory": 128,
		"command": []string{"echo '\x1b[32mloading\x1b[0m <script>alert(1)</script> \u202ertl'; test -f " + flag + " || { echo the flag is not there; exit 3; }"}}}, nil)
	var machine, daily struct{ StateMachineArn string }
	definition := `{"StartAt":"Both","States":{"Both":{"Type":"Parallel","Next":"End","Branches":[
		{"StartAt":"Load","States":{"Load":{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","Parameters":{"JobName":"load","JobQueue":"work","JobDefinition":"load"},"End":true}}},
		{"StartAt":"Each","States":{"Each":{"Type":"Map","ItemsPath":"$.none","ItemProcessor":{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}},"End":true}}}]},
		"End":{"Type":"Succeed"}}}`
	definition = strings.Replace(definition, `"ItemsPath":"$.none"`, `"Parameters":{"i.$":"$$.Map.Item.Value"},"ItemsPath":"$$.Execution.Input.items"`, 1)
	definition = strings.Replace(definition, `"StartAt":"Both","States":{`, `"StartAt":"Prepare","States":{"Prepare":{"Type":"Pass","Result":[1,2,3],"ResultPath":"$.items","Next":"Both"},`, 1)
	definition = strings.Replace(definition, `"$$.Execution.Input.items"`, `"$.items"`, 1)
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": role, "definition": definition}, &machine)
	b.aws("states", "CreateStateMachine", document{"name": "daily", "roleArn": role, "definition": passMachine}, &daily)
	b.aws("s3", "CreateBucket", document{"Bucket": "landing"}, nil)
	b.aws("scheduler", "CreateSchedule", document{"Name": "nightly", "ScheduleExpression": "cron(30 2 * * ? *)", "ScheduleExpressionTimezone": "UTC",
		"FlexibleTimeWindow": document{"Mode": "OFF"}, "Target": document{"Arn": daily.StateMachineArn, "RoleArn": role}}, nil)
	b.aws("events", "PutRule", document{"Name": "arrivals", "EventPattern": `{"source":["aws.s3"]}`}, nil)
	b.aws("cloudformation", "CreateStack", document{"StackName": "pieces", "TemplateBody": `{"Resources":{"Q":{"Type":"AWS::SQS::Queue"},"T":{"Type":"AWS::SNS::Topic","DependsOn":"Q"},
		"V":{"Type":"AWS::EC2::VPC","Properties":{"CidrBlock":"10.0.0.0/16"}}}}`}, nil)
	var job struct{ JobID string }
	b.aws("batch", "SubmitJob", document{"jobName": "alone", "jobQueue": "work", "jobDefinition": "load"}, &job)
	return document{"machine": machine.StateMachineArn, "daily": daily.StateMachineArn, "bucket": "landing", "flag": flag, "job": job.JobID, "stack": "pieces"}
}
