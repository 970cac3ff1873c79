package function_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"salamander/function"
)

func TestInvokeNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node on this machine")
	}
	b := open(t, t.TempDir(), function.Options{})
	for _, c := range []struct {
		name, file, code string
		failed           bool
		want             string
	}{
		{"async", "index.mjs", "export const handler = async (event, context) => { console.log('here', event); return { got: event, id: context.awsRequestId } };", false, `{"got":{"x":1},"id":"i"}`},
		{"common", "index.js", "exports.handler = async (event) => event.x + 1;", false, `2`},
		{"callback", "index.js", "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 'late'), 1) };", false, `"late"`},
		{"nothing", "index.js", "exports.handler = async () => {};", false, `null`},
		{"throws", "index.js", "exports.handler = async () => {\n  throw new TypeError('bad');\n};", true, `"errorType":"TypeError","errorMessage":"bad","trace":["TypeError: bad","    at exports.handler (/var/task/index.js:2:9)"`},
		{"fails", "index.js", "exports.handler = (event, context, callback) => callback(new Error('no'));", true, `"errorType":"Error","errorMessage":"no"`},
		{"module", "index.js", "require('nowhere');", true, `"errorType":"Runtime.ImportModuleError","errorMessage":"Error: Cannot find module 'nowhere'`},
		{"syntax", "index.js", "exports.handler = (;", true, `"errorType":"Runtime.UserCodeSyntaxError"`},
		{"missing", "index.js", "exports.other = 1;", true, `"errorType":"Runtime.HandlerNotFound","errorMessage":"index.handler is undefined or not exported"`},
		{"rejects", "index.js", "exports.handler = (e, c, cb) => { Promise.reject(new Error('lost')) };", true, `"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Error: lost"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			fn := function.Function{Key: key(c.name), Runtime: "nodejs20.x", Handler: "index.handler", Timeout: 10, MemorySize: 128, Creation: c.name}
			if _, err := b.Create(t.Context(), fn, archive(t, map[string]string{c.file: c.code})); err != nil {
				t.Fatal(err)
			}
			r := b.invoke(c.name, "i", `{"x":1}`)
			if !json.Valid(r.Payload) || r.Failed != c.failed || !strings.Contains(string(r.Payload), c.want) {
				t.Errorf("failed %v, got %s; want %s\n%s", r.Failed, r.Payload, c.want, r.Log)
			}
		})
	}
	if log := b.logs.of("async"); !strings.Contains(log, "Z\ti\tINFO\there { x: 1 }\nEND") {
		t.Errorf("log:\n%s", log)
	}
}
