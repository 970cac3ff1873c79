package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const refreshMachine = `{"StartAt":"Plan","States":{
	"Plan":{"Type":"Pass","Result":{"tables":["customers","orders","items","stores"]},"ResultPath":"$.plan","Next":"Stage"},
	"Stage":{"Type":"Parallel","ResultPath":null,"Next":"Each table","Branches":[
		{"StartAt":"Fetch orders","States":{"Fetch orders":{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","Parameters":{"JobName":"fetch-orders","JobQueue":"etl","JobDefinition":"fetch"},"End":true}}},
		{"StartAt":"Fetch stores","States":{"Fetch stores":{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","Parameters":{"JobName":"fetch-stores","JobQueue":"etl","JobDefinition":"fetch"},"End":true}}}]},
	"Each table":{"Type":"Map","ItemsPath":"$.plan.tables","ResultPath":null,"MaxConcurrency":2,"Next":"Load facts",
		"ItemProcessor":{"StartAt":"Check","States":{"Check":{"Type":"Pass","Next":"Settle"},"Settle":{"Type":"Wait","Seconds":1,"End":true}}}},
	"Load facts":{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","Parameters":{"JobName":"load-facts","JobQueue":"etl","JobDefinition":"load"},
		"Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":1}],"Next":"Publish"},
	"Publish":{"Type":"Succeed"}}}`

const loadScript = `printf '\033[32mINFO\033[0m  connected to warehouse dev as etl\n'; sleep 0.4
printf '\033[32mINFO\033[0m  COPY stage_sales FROM s3://landing/sales/2026-11-22.csv\n'; sleep 0.5
printf '\033[32mINFO\033[0m  48,211 rows staged in 0.4 s\n'; sleep 0.3
printf '\033[33mWARN\033[0m  3 rows without a store\n'
printf '\033[31mERROR\033[0m numeric value out of range: column "amount", line 30117\n'; exit 1`

// The pictures of the README, taken anew where PICTURES names their directory
// (docs). They show real runs.
func TestConsolePictures(t *testing.T) {
	dir := os.Getenv("PICTURES")
	if dir == "" {
		t.Skip("PICTURES names no directory")
	}
	dir, err := filepath.Abs(dir)
	must(t, err)
	chromium, err := findChromium()
	must(t, err)
	cfg := defaultConfig()
	cfg.Data, cfg.Auth = t.TempDir(), "dev"
	cfg.AWSAddr, cfg.WarehouseAddr, cfg.ConsoleAddr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Images = map[string]command{"shell": {"/bin/sh", "-c"}}
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(t, err)
	t.Cleanup(func() { a.close() })
	must(t, a.start(t.Context()))
	jar, err := cookiejar.New(nil)
	must(t, err)
	b := &browser{t: t, base: "http://" + a.server.Console, http: &http.Client{Jar: jar}}
	b.open(a.consoleLink(time.Minute))
	b.aws("batch", "CreateComputeEnvironment", document{"computeEnvironmentName": "local", "type": "MANAGED", "state": "ENABLED",
		"computeResources": document{"type": "EC2", "minvCpus": 0, "maxvCpus": 8, "instanceTypes": []string{"optimal"}, "subnets": []string{}, "securityGroupIds": []string{}, "instanceRole": "r"}}, nil)
	b.aws("batch", "CreateJobQueue", document{"jobQueueName": "etl", "state": "ENABLED", "priority": 1,
		"computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": "local"}}}, nil)
	for name, script := range map[string]string{"fetch": "echo fetching; sleep 1.5; echo 12,004 rows", "load": loadScript} {
		b.aws("batch", "RegisterJobDefinition", document{"jobDefinitionName": name, "type": "container", "containerProperties": document{"image": "shell", "vcpus": 1, "memory": 128, "command": []string{script}}}, nil)
	}
	var machine struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "daily-refresh", "roleArn": "arn:aws:iam::000000000000:role/etl", "definition": refreshMachine}, &machine)
	arn := b.run(machine.StateMachineArn, "2026-11-22", `{"run_date":"2026-11-22"}`)
	b.await(arn, "FAILED")
	world, err := json.Marshal(document{"execution": arn})
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("e2e", "pictures.mjs"))
	cmd.Dir = filepath.Join("..", "..", "console", "web")
	cmd.Env = append(os.Environ(), "CONSOLE_LINK="+a.consoleLink(time.Minute), "WORLD="+string(world), "CHROMIUM="+chromium, "PICTURES="+dir)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	must(t, err)
}
