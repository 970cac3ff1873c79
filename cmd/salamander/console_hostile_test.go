package main

import (
	"bufio"
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

// markup is a name that would run, and turn what stands beside it.
const markup = "<img src=x onerror=alert(1)> \u202ecba"

// Bad input in Chromium: console/web/e2e/hostile.mjs tells what. The server
// restarts in between.
func TestConsoleBearsBadInput(t *testing.T) {
	web := filepath.Join("..", "..", "console", "web")
	chromium, err := findChromium()
	node, missing := exec.LookPath("node")
	if _, without := os.Stat(filepath.Join(web, "node_modules", "playwright-core")); err != nil || missing != nil || without != nil || testing.Short() {
		t.Skip("needs chromium, node and console/web/node_modules")
	}
	cfg := defaultConfig()
	cfg.Data, cfg.Auth, cfg.NoLimits = t.TempDir(), "dev", true
	cfg.AWSAddr, cfg.WarehouseAddr, cfg.ConsoleAddr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Images = map[string]command{"shell": {"/bin/sh", "-c"}}
	start := func() *app {
		a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
		must(t, err)
		t.Cleanup(func() { a.close() })
		must(t, a.start(t.Context()))
		return a
	}
	a := start()
	cfg.ConsoleAddr = a.server.Console // the page finds the next one there
	jar, err := cookiejar.New(nil)
	must(t, err)
	b := &browser{t: t, base: "http://" + a.server.Console, http: &http.Client{Jar: jar}}
	b.open(a.consoleLink(time.Minute))
	world, err := json.Marshal(b.hostileWorld(zipped(t, "f.py", "def handler(event, context):\n    return event\n")))
	must(t, err)
	cmd := exec.CommandContext(t.Context(), node, filepath.Join("e2e", "hostile.mjs"))
	cmd.Dir = web
	cmd.Env = append(os.Environ(), "CONSOLE_LINK="+a.consoleLink(time.Minute), "WORLD="+string(world), "CHROMIUM="+chromium)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		t.Log(lines.Text())
		if lines.Text() == "RESTART" {
			a.close()
			a = start()
		}
	}
	must(t, lines.Err())
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v", err)
	}
}

// hostileWorld makes what the tasks look at; code is the package of a function.
func (b *browser) hostileWorld(code []byte) document {
	b.t.Helper()
	const role = "arn:aws:iam::000000000000:role/r"
	b.aws("iam", "CreateRole", document{"RoleName": "r", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[]}`}, nil)
	state := func(name string) string {
		text, err := json.Marshal(name)
		must(b.t, err)
		return string(text)
	}
	var machine, edited struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": role, "definition": `{"StartAt":` + state(markup) + `,"States":{` + state(markup) +
		`:{"Type":"Choice","Choices":[{"Variable":"$.fail","IsPresent":true,"Next":"</script>"}],"Default":"Done"},"Done":{"Type":"Succeed"},
		"</script>":{"Type":"Fail","Error":"<b>Bad</b>","Cause":"<script>alert(1)</script> \u202ecba"}}}`}, &machine)
	b.aws("states", "CreateStateMachine", document{"name": "edited", "roleArn": role, "definition": passMachine}, &edited)
	bad := b.run(machine.StateMachineArn, "bad", `{"fail":"<img src=x onerror=alert(1)>"}`)
	b.await(bad, "FAILED")
	large := b.run(machine.StateMachineArn, "large", `{"text":"`+strings.Repeat("0123456789abcdef", 3<<16)+`","list":[`+strings.Repeat(`{"a":1,"b":"x"},`, 20_000)+`1]}`)
	b.await(large, "SUCCEEDED")

	b.aws("s3", "CreateBucket", document{"Bucket": "odd-things"}, nil)
	b.ask("PUT", "/api/object?bucket=odd-things&key="+`odd/%22%3E%3Cscript%3Ealert(1)%3C/script%3E.json`, `{"hello":"<b>world</b>"}`, nil)
	b.ask("PUT", "/api/object?bucket=odd-things&key=large.json", `{"a":"`+strings.Repeat("x", 3<<20)+`"}`, nil)
	b.aws("lambda", "CreateFunction", document{"FunctionName": "f", "Runtime": "python3.12", "Role": role, "Handler": "f.handler",
		"Code": document{"ZipFile": code}}, nil)

	b.aws("batch", "CreateComputeEnvironment", document{"computeEnvironmentName": "local", "type": "MANAGED", "state": "ENABLED",
		"computeResources": document{"type": "EC2", "minvCpus": 0, "maxvCpus": 8, "instanceTypes": []string{"optimal"}, "subnets": []string{}, "securityGroupIds": []string{}, "instanceRole": "r"}}, nil)
	b.aws("batch", "CreateJobQueue", document{"jobQueueName": "work", "state": "ENABLED", "priority": 1,
		"computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": "local"}}}, nil)
	// Bytes that are no text, an escape that makes a link, one that names the
	// window, one that clears the screen, a line of 200 kB.
	script := `head -c 3000 /dev/urandom; printf '\n\033]8;;javascript:alert(1)\033\\<img src=x onerror=alert(1)>\033]8;;\033\\\n'; printf '\033]0;owned\007\033[2J\033[1;1H\033[38;5;999mx\033[0m\000\n'
		head -c 200000 /dev/zero | tr '\0' y; printf '\nafter the escapes\n'`
	b.aws("batch", "RegisterJobDefinition", document{"jobDefinitionName": "noise", "type": "container", "containerProperties": document{"image": "shell", "vcpus": 1, "memory": 128,
		"command": []string{script}}}, nil)
	var job struct{ JobID string }
	b.aws("batch", "SubmitJob", document{"jobName": "noise", "jobQueue": "work", "jobDefinition": "noise"}, &job)
	return document{"machine": machine.StateMachineArn, "edited": edited.StateMachineArn, "execution": bad, "large": large, "job": job.JobID, "bucket": "odd-things", "markup": markup, "fn": "f"}
}
