package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// The browser's memory stays flat while the console is left open and something
// happens every second: console/web/e2e/soak.mjs tells how it is measured.
// CONSOLE_SOAK says for how many minutes; without it the test is skipped.
func TestConsoleSoak(t *testing.T) {
	minutes, err := strconv.Atoi(os.Getenv("CONSOLE_SOAK"))
	if err != nil || minutes < 1 {
		t.Skip("CONSOLE_SOAK: need a number of minutes, such as 10 or 60")
	}
	web, err := filepath.Abs(filepath.Join("..", "..", "console", "web"))
	must(t, err)
	chromium, err := findChromium()
	if err != nil {
		t.Skip(err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip(err)
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules", "playwright-core")); err != nil {
		t.Skip("npm ci has not been run in console/web")
	}
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
	world, err := json.Marshal(b.soakWorld(minutes))
	must(t, err)
	cmd := exec.CommandContext(t.Context(), node, filepath.Join("e2e", "soak.mjs"))
	cmd.Dir = web
	cmd.Env = append(os.Environ(), "CONSOLE_LINK="+a.consoleLink(time.Minute), "WORLD="+string(world), "CHROMIUM="+chromium, "MINUTES="+strconv.Itoa(minutes))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("%v", err)
	}
}

// soakWorld makes what goes on: a machine whose runs end at once, a run that has
// four events a second, and a job that prints every second.
func (b *browser) soakWorld(minutes int) document {
	b.t.Helper()
	const role = "arn:aws:iam::000000000000:role/r"
	b.aws("batch", "CreateComputeEnvironment", document{"computeEnvironmentName": "local", "type": "MANAGED", "state": "ENABLED",
		"computeResources": document{"type": "EC2", "minvCpus": 0, "maxvCpus": 8, "instanceTypes": []string{"optimal"}, "subnets": []string{}, "securityGroupIds": []string{}, "instanceRole": "r"}}, nil)
	b.aws("batch", "CreateJobQueue", document{"jobQueueName": "work", "state": "ENABLED", "priority": 1,
		"computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": "local"}}}, nil)
	b.aws("batch", "RegisterJobDefinition", document{"jobDefinitionName": "talk", "type": "container", "containerProperties": document{"image": "shell", "vcpus": 1, "memory": 128,
		"command": []string{fmt.Sprintf("i=0; while [ $i -lt %d ]; do i=$((i+1)); echo line $i; sleep 1; done", minutes*60+60)}}}, nil)
	var job struct{ JobID string }
	b.aws("batch", "SubmitJob", document{"jobName": "talk", "jobQueue": "work", "jobDefinition": "talk"}, &job)
	var quick, counting struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "quick", "roleArn": role, "definition": passMachine}, &quick)
	b.aws("states", "CreateStateMachine", document{"name": "counting", "roleArn": role,
		"definition": `{"StartAt":"Tick","States":{"Tick":{"Type":"Wait","Seconds":1,"Next":"Count"},"Count":{"Type":"Choice","Choices":[{"Variable":"$.enough","IsPresent":true,"Next":"End"}],"Default":"Tick"},"End":{"Type":"Succeed"}}}`}, &counting)
	return document{"quick": quick.StateMachineArn, "counting": b.run(counting.StateMachineArn, "counting", "{}"), "job": job.JobID}
}
