package main

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// BenchmarkConsole opens the console's largest pages in Chromium against a real
// server: console/web/e2e/bench.mjs tells how each is measured. PROFILE names a
// directory for the browser's CPU profiles, SHOTS one for screenshots.
func BenchmarkConsole(b *testing.B) {
	web, err := filepath.Abs(filepath.Join("..", "..", "console", "web"))
	must(b, err)
	chromium, err := findChromium()
	if err != nil {
		b.Skip(err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		b.Skip(err)
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules", "playwright-core")); err != nil {
		b.Skip("npm ci has not been run in console/web")
	}
	cfg := defaultConfig()
	cfg.Data, cfg.Auth = b.TempDir(), "dev"
	cfg.AWSAddr, cfg.WarehouseAddr, cfg.ConsoleAddr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(b, err)
	b.Cleanup(func() { a.close() })
	must(b, a.start(b.Context()))
	jar, err := cookiejar.New(nil)
	must(b, err)
	c := &browser{t: b, base: "http://" + a.server.Console, http: &http.Client{Jar: jar}}
	c.open(a.consoleLink(time.Minute))
	world, err := json.Marshal(c.largeWorld())
	must(b, err)
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), node, filepath.Join("e2e", "bench.mjs"))
		cmd.Dir = web
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		cmd.Env = append(os.Environ(), "CONSOLE_LINK="+a.consoleLink(time.Minute), "WORLD="+string(world), "CHROMIUM="+chromium)
		out, err := cmd.Output()
		if err != nil {
			b.Fatalf("%v\n%s%s", err, out, &stderr)
		}
		measured := map[string]float64{}
		must(b, json.Unmarshal(out, &measured))
		for unit, v := range measured {
			b.ReportMetric(v, unit)
		}
		b.Logf("%s", &stderr)
	}
}

// findChromium finds the browser's executable.
func findChromium() (string, error) {
	var first error
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		path, err := exec.LookPath(name)
		if err == nil {
			return path, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}

// largeWorld makes what the issue names: an execution of nearly 25,000 events,
// a machine of 500 states, a map run of 10,000 items, and a task that waits.
func (b *browser) largeWorld() document {
	b.t.Helper()
	const role = "arn:aws:iam::000000000000:role/r"
	machine := func(name, definition string) string {
		var out struct{ StateMachineArn string }
		b.aws("states", "CreateStateMachine", document{"name": name, "roleArn": role, "definition": definition}, &out)
		return out.StateMachineArn
	}
	items := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`{"id":1},`, n), ",") + "]" }

	// 1,240 items of ten events, and 3,090 rounds of four.
	var pass strings.Builder
	for i := range 4 {
		next := fmt.Sprintf(`"Next":"P%d"`, i+1)
		if i == 3 {
			next = `"End":true`
		}
		fmt.Fprintf(&pass, `"P%d":{"Type":"Pass",%s},`, i, next)
	}
	long := machine("long", `{"StartAt":"Each","States":{"Each":{"Type":"Map","ItemsPath":"$.items","ResultPath":null,"Next":"More",
		"ItemProcessor":{"StartAt":"P0","States":{`+strings.TrimSuffix(pass.String(), ",")+`}}},
		"More":{"Type":"Choice","Choices":[{"Variable":"$.left","NumericEquals":0,"Next":"Done"}],"Default":"Count"},
		"Count":{"Type":"Pass","Parameters":{"left.$":"States.MathAdd($.left, -1)"},"Next":"More"},
		"Done":{"Type":"Succeed"}}}`)
	longRun := b.run(long, "long", fmt.Sprintf(`{"left":3090,"items":%s}`, items(1240)))

	// 500 states: choices of two ways that join again, with a catch now and then.
	var graph strings.Builder
	const states = 500
	for i := range states {
		next := fmt.Sprintf("State%d", i+1)
		switch {
		case i == states-1:
			fmt.Fprintf(&graph, `"State%d":{"Type":"Succeed"},`, i)
		case i%5 == 0 && i+4 < states:
			fmt.Fprintf(&graph, `"State%d":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":%d,"Next":"State%d"}],"Default":"State%d"},`, i, i, i+3, i+1)
		case i%25 == 7:
			fmt.Fprintf(&graph, `"State%d":{"Type":"Parallel","ResultPath":null,"Next":%q,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"State%d"}],"Branches":[{"StartAt":"B%d","States":{"B%[1]d":{"Type":"Pass","End":true}}}]},`, i, next, states-1, i)
		default:
			fmt.Fprintf(&graph, `"State%d":{"Type":"Pass","Next":%q},`, i, next)
		}
	}
	large := machine("large", `{"StartAt":"State0","States":{`+strings.TrimSuffix(graph.String(), ",")+`}}`)
	largeRun := b.run(large, "large", `{"n":5}`)

	wide := machine("wide", `{"StartAt":"Items","States":{"Items":{"Type":"Map","ItemsPath":"$.items","End":true,"ResultPath":null,"MaxConcurrency":500,
		"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}}}}}`)
	wideRun := b.run(wide, "wide", fmt.Sprintf(`{"items":%s}`, items(10_000)))

	var activity struct{ ActivityArn string }
	b.aws("states", "CreateActivity", document{"name": "hand"}, &activity)
	waiting := machine("waiting", `{"StartAt":"Hand","States":{"Hand":{"Type":"Task","Resource":"`+activity.ActivityArn+`","End":true}}}`)

	b.await(longRun, "SUCCEEDED")
	b.await(largeRun, "SUCCEEDED")
	var maps struct{ MapRuns []struct{ MapRunArn string } }
	for range 600 {
		b.aws("states", "ListMapRuns", document{"executionArn": wideRun}, &maps)
		var run struct{ Status string }
		if len(maps.MapRuns) > 0 {
			b.aws("states", "DescribeMapRun", document{"mapRunArn": maps.MapRuns[0].MapRunArn}, &run)
		}
		if run.Status == "SUCCEEDED" {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if len(maps.MapRuns) == 0 {
		b.t.Fatal("there is no map run")
	}
	return document{"long": longRun, "large": largeRun, "largeMachine": large, "mapRun": maps.MapRuns[0].MapRunArn, "activity": activity.ActivityArn, "waiting": waiting}
}
