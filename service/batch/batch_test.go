package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/batch"
	"salamander/internal/awsmodel"
	"salamander/internal/pagetoken"
	"salamander/operation"
	"salamander/store"
)

// held is an Executor whose commands end when they are told: with the code in
// their image's tag, "image:3".
type held struct {
	mu      sync.Mutex
	running map[string]chan int // by job name
	started chan batch.Run
}

func newHeld() *held {
	return &held{running: map[string]chan int{}, started: make(chan batch.Run, 100)}
}

func (h *held) Start(_ context.Context, r batch.Run, out batch.LineWriter) (batch.Process, error) {
	if r.Container.Image == "unknown" {
		return nil, &batch.ImageError{Reason: "CannotPullContainerError: no mapping"}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	end := make(chan int, 10)
	h.running[r.JobName] = end
	h.started <- r
	return &heldProcess{end, out}, nil
}

func (h *held) Reap(context.Context, batch.Run) error { return nil }

// end ends the command of a job.
func (h *held) end(job string, code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running[job] <- code
}

type heldProcess struct {
	ends chan int
	out  batch.LineWriter
}

func (p *heldProcess) Mark() string { return "held" }
func (p *heldProcess) Terminate()   { p.ends <- 143 }
func (p *heldProcess) Kill()        { p.ends <- 137 }
func (p *heldProcess) Wait() batch.Exit {
	code := <-p.ends
	p.out.Close()
	return batch.Exit{Code: code}
}

// A world is the registered service over a real store and jobs that are held.
type world struct {
	t       *testing.T
	reg     *operation.Registry
	exec    *held
	changed chan store.BatchChange
	caller  operation.Caller
}

func start(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, reg: &operation.Registry{}, exec: newHeld(), changed: make(chan store.BatchChange, 1000),
		caller: operation.Caller{Account: "000000000000", Region: "us-east-1"}}
	db.Subscribe(store.BatchTopic, func(_ context.Context, m store.Message) error {
		var c store.BatchChange
		err := json.Unmarshal(m.Payload, &c)
		w.changed <- c
		return err
	})
	db.Deliver()
	b := batch.New(batch.Options{Store: store.NewBatch(db), Executor: w.exec, OnError: func(err error) { t.Log(err) }})
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(); db.Close() })
	Register(w.reg, New(b))
	return w
}

// try calls an operation with a JSON input, which must satisfy the model, and
// returns its output.
func (w *world) try(op, input string) (map[string]any, error) {
	w.t.Helper()
	api, _ := awsmodel.Service("batch")
	o, ok := api.Operation(op)
	if !ok {
		w.t.Fatalf("%s is no operation", op)
	}
	given := w.parse(json.RawMessage(input))
	in, err := o.Input.Conform(given)
	if err != nil {
		w.t.Fatalf("%s: input: %v", op, err)
	}
	for _, m := range o.Input.Members {
		if m.In != "" { // of the path and the query
			in.(map[string]any)[m.Name] = given[m.Name]
		}
	}
	doc, err := awsmodel.Encode(in)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := w.reg.Call(w.t.Context(), "batch", op, &operation.Request{Caller: w.caller, Input: doc})
	if err != nil {
		return nil, err
	}
	out := w.parse(resp.Output)
	if o.Output != nil {
		same, err := o.Output.Conform(out)
		if err != nil {
			w.t.Errorf("%s: output: %v", op, err)
		}
		if diff := cmp.Diff(same, any(out)); diff != "" {
			w.t.Errorf("%s: the output has members that the model lacks (-model +got):\n%s", op, diff)
		}
	}
	return out, nil
}

func (w *world) parse(doc json.RawMessage) map[string]any {
	w.t.Helper()
	v, err := awsmodel.Parse(doc)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.(map[string]any)
}

func (w *world) must(op, input string) map[string]any {
	w.t.Helper()
	out, err := w.try(op, input)
	if err != nil {
		w.t.Fatalf("%s %s: %v", op, input, err)
	}
	return out
}

func (w *world) refused(op, input, code, message string) {
	w.t.Helper()
	_, err := w.try(op, input)
	e := operation.AsError(err)
	if err == nil || e.Code != code || !strings.Contains(e.Message, message) {
		w.t.Errorf("%s %s: got %v; want %s: %s", op, input, err, code, message)
	}
}

const (
	prefix      = "arn:aws:batch:us-east-1:000000000000:"
	environment = `{"computeEnvironmentName":"refresh","type":"MANAGED","state":"ENABLED","computeResources":{"type":"EC2","minvCpus":0,
		"maxvCpus":4,"instanceTypes":["optimal"],"subnets":["subnet-1"],"securityGroupIds":["sg-1"],"instanceRole":"role","tags":{"a":"b"},
		"bidPercentage":60,"desiredvCpus":0,"launchTemplate":{"launchTemplateName":"lt"}},"serviceRole":"arn:aws:iam::000000000000:role/s","tags":{"team":"etl"}}`
	jobQueue      = `{"jobQueueName":"refresh","state":"ENABLED","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"refresh"}]}`
	jobDefinition = `{"jobDefinitionName":"fetch","type":"container","containerProperties":{"image":"salamander/fetchrunpsql","vcpus":2,"memory":2000,
		"command":["myjob.sh","Ref::day"],"jobRoleArn":"arn:aws:iam::000000000000:role/demo",
		"environment":[{"name":"BATCH_FILE_TYPE","value":"script_psql"},{"name":"DATASET_DATE","value":"2010-10-10"}]},
		"parameters":{"day":"1"},"timeout":{"attemptDurationSeconds":60},"tags":{"team":"etl"},
		"retryStrategy":{"attempts":2,"evaluateOnExit":[{"onStatusReason":"Host EC2*","action":"RETRY"},{"onReason":"*","action":"EXIT"}]}}`
)

// ready is a started world with an environment, a queue and a definition.
func ready(t *testing.T) *world {
	t.Helper()
	w := start(t)
	w.must("CreateComputeEnvironment", environment)
	w.must("CreateJobQueue", jobQueue)
	w.must("RegisterJobDefinition", jobDefinition)
	return w
}

func (w *world) submit(more string) string {
	w.t.Helper()
	return w.must("SubmitJob", `{"jobQueue":"refresh","jobDefinition":"fetch",`+more+`}`)["jobId"].(string)
}

// await returns when a job has reached a status.
func (w *world) await(id string, status batch.Status) {
	w.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case c := <-w.changed:
			if c.JobID == id && c.Status == status {
				return
			}
		case <-limit:
			w.t.Fatalf("job %s is not %s: %v", id, status, w.job(id))
		}
	}
}

func (w *world) job(id string) map[string]any {
	w.t.Helper()
	jobs := w.must("DescribeJobs", `{"jobs":["`+id+`"]}`)["jobs"].([]any)
	if len(jobs) != 1 {
		w.t.Fatalf("got %d jobs", len(jobs))
	}
	return jobs[0].(map[string]any)
}

// get returns the value at a path of names and indexes.
func get(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// has fails the test unless doc has the members of want, and those as deep as
// they go.
func (w *world) has(doc any, want string) {
	w.t.Helper()
	v, err := awsmodel.Parse(json.RawMessage(want))
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(v, narrow(doc, v)); diff != "" {
		w.t.Errorf("-want +got:\n%s", diff)
	}
}

// narrow leaves of doc the members that like has.
func narrow(doc, like any) any {
	l, ok := like.(map[string]any)
	d, same := doc.(map[string]any)
	if !ok || !same {
		return doc
	}
	out := map[string]any{}
	for k := range l {
		if v, has := d[k]; has {
			out[k] = narrow(v, l[k])
		}
	}
	return out
}

func names(out map[string]any, list, member string) string {
	var all []string
	items, _ := out[list].([]any)
	for _, v := range items {
		all = append(all, fmt.Sprint(get(v, member)))
	}
	return strings.Join(all, " ")
}

func TestComputeEnvironments(t *testing.T) {
	w := start(t)
	made := w.must("CreateComputeEnvironment", environment)
	w.has(made, `{"computeEnvironmentName":"refresh","computeEnvironmentArn":"`+prefix+`compute-environment/refresh"}`)
	w.refused("CreateComputeEnvironment", environment, "ClientException", "Object already exists")
	one := get(w.must("DescribeComputeEnvironments", `{"computeEnvironments":["`+prefix+`compute-environment/refresh","none"]}`), "computeEnvironments", 0)
	w.has(one, `{"state":"ENABLED","status":"VALID","statusReason":"ComputeEnvironment Healthy","type":"MANAGED","containerOrchestrationType":"ECS",
		"serviceRole":"arn:aws:iam::000000000000:role/s","tags":{"team":"etl"},"computeResources":{"type":"EC2","minvCpus":0,"maxvCpus":4,"desiredvCpus":0,
		"instanceTypes":["optimal"],"subnets":["subnet-1"],"securityGroupIds":["sg-1"],"instanceRole":"role","tags":{"a":"b"},"bidPercentage":60,
		"launchTemplate":{"launchTemplateName":"lt"}}}`)
	if c := get(one, "ecsClusterArn"); c != "arn:aws:ecs:us-east-1:000000000000:cluster/AWSBatch-refresh-"+get(one, "uuid").(string) {
		t.Errorf("cluster: got %v", c)
	}
	w.must("UpdateComputeEnvironment", `{"computeEnvironment":"refresh","state":"DISABLED","computeResources":{"maxvCpus":8,"subnets":["subnet-2"],
		"imageId":"ami-1"},"updatePolicy":{"terminateJobsOnUpdate":false,"jobExecutionTimeoutMinutes":30}}`)
	w.must("UpdateComputeEnvironment", `{"computeEnvironment":"refresh","computeResources":{"imageId":""}}`)
	one = get(w.must("DescribeComputeEnvironments", `{}`), "computeEnvironments", 0)
	w.has(one, `{"state":"DISABLED","updatePolicy":{"terminateJobsOnUpdate":false,"jobExecutionTimeoutMinutes":30},
		"computeResources":{"type":"EC2","maxvCpus":8,"subnets":["subnet-2"],"instanceRole":"role"}}`)
	if id := get(one, "computeResources", "imageId"); id != nil {
		t.Errorf("imageId: got %v; want none", id)
	}
	w.must("DeleteComputeEnvironment", `{"computeEnvironment":"refresh"}`)
	if all := w.must("DescribeComputeEnvironments", `{}`)["computeEnvironments"].([]any); len(all) != 0 {
		t.Errorf("after the deletion: got %v", all)
	}
	for input, message := range map[string]string{
		`{"computeEnvironmentName":"a b","type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":1,"subnets":[]}}`:                      "computeEnvironmentName",
		`{"computeEnvironmentName":"a","type":"UNMANAGED","computeResources":{"type":"EC2","maxvCpus":1,"subnets":[]}}`:                      "UNMANAGED",
		`{"computeEnvironmentName":"a","type":"MANAGED"}`:                                                                                    "maxvCpus",
		`{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"MOON","maxvCpus":1,"subnets":[]}}`:                       "MOON",
		`{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":1,"subnets":[]},"tags":{"aws:x":"y"}}`:   "reserved",
		`{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":1,"minvCpus":2,"subnets":["subnet-1"]}}`: "minvCpus",
	} {
		w.refused("CreateComputeEnvironment", input, "ClientException", message)
	}
	w.refused("CreateComputeEnvironment", `{"computeEnvironmentName":"a","type":"MANAGED","eksConfiguration":{"eksClusterArn":"arn"}}`,
		"NotImplementedException", "eksConfiguration")
	w.refused("UpdateComputeEnvironment", `{"computeEnvironment":"none"}`, "ClientException", "none does not exist")
}

func TestJobQueues(t *testing.T) {
	w := start(t)
	w.must("CreateComputeEnvironment", environment)
	w.must("CreateComputeEnvironment", `{"computeEnvironmentName":"other","type":"MANAGED","computeResources":{"type":"FARGATE","maxvCpus":1,"subnets":[]}}`)
	w.has(w.must("CreateJobQueue", jobQueue), `{"jobQueueName":"refresh","jobQueueArn":"`+prefix+`job-queue/refresh"}`)
	w.must("CreateJobQueue", `{"jobQueueName":"small","priority":5,"jobQueueType":"ECS_FARGATE","tags":{"a":"b"},
		"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"`+prefix+`compute-environment/other"}]}`)
	out := w.must("DescribeJobQueues", `{}`)
	if got := names(out, "jobQueues", "jobQueueName"); got != "refresh small" {
		t.Errorf("queues: got %s", got)
	}
	w.has(get(out, "jobQueues", 0), `{"jobQueueArn":"`+prefix+`job-queue/refresh","state":"ENABLED","status":"VALID","statusReason":"JobQueue Healthy",
		"priority":1,"jobQueueType":"ECS","tags":{},"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"`+prefix+`compute-environment/refresh"}]}`)
	w.has(get(out, "jobQueues", 1), `{"jobQueueType":"ECS_FARGATE","tags":{"a":"b"}}`)
	w.must("UpdateJobQueue", `{"jobQueue":"small","state":"DISABLED","priority":0,"computeEnvironmentOrder":[{"order":2,"computeEnvironment":"other"},{"order":1,"computeEnvironment":"refresh"}]}`)
	w.has(get(w.must("DescribeJobQueues", `{"jobQueues":["small"]}`), "jobQueues", 0), `{"state":"DISABLED","priority":0,"jobQueueType":"ECS",
		"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"`+prefix+`compute-environment/refresh"},{"order":2,"computeEnvironment":"`+prefix+`compute-environment/other"}]}`)

	w.refused("DeleteJobQueue", `{"jobQueue":"refresh"}`, "ClientException", "DISABLED")
	w.must("DeleteJobQueue", `{"jobQueue":"small"}`)
	w.must("DeleteJobQueue", `{"jobQueue":"small"}`)
	w.must("UpdateComputeEnvironment", `{"computeEnvironment":"refresh","state":"DISABLED"}`)
	w.refused("DeleteComputeEnvironment", `{"computeEnvironment":"refresh"}`, "ClientException", "JobQueue relationship")
	for input, message := range map[string]string{
		jobQueue: "Object already exists",
		`{"jobQueueName":"a","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"none"}]}`:                                 "none does not exist",
		`{"jobQueueName":"a","priority":1001,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"refresh"}]}`:                           "priority",
		`{"jobQueueName":"a","priority":1,"computeEnvironmentOrder":[]}`:                                                                        "computeEnvironmentOrder",
		`{"jobQueueName":"a","priority":1,"jobQueueType":"ECS_FARGATE","computeEnvironmentOrder":[{"order":1,"computeEnvironment":"refresh"}]}`: "whose type is ECS",
	} {
		w.refused("CreateJobQueue", input, "ClientException", message)
	}
	w.refused("UpdateJobQueue", `{"jobQueue":"none","priority":1}`, "ClientException", "none does not exist")
	for input, member := range map[string]string{
		`{"jobQueueName":"a","priority":1,"jobQueueType":"EKS"}`: "type EKS",
		`{"jobQueueName":"a","priority":1,"jobStateTimeLimitActions":[{"reason":"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT","state":"RUNNABLE","maxTimeSeconds":600,"action":"CANCEL"}]}`: "jobStateTimeLimitActions",
	} {
		w.refused("CreateJobQueue", input, "NotImplementedException", member)
	}
}

func TestJobDefinitions(t *testing.T) {
	w := start(t)
	w.has(w.must("RegisterJobDefinition", jobDefinition), `{"jobDefinitionName":"fetch","jobDefinitionArn":"`+prefix+`job-definition/fetch:1","revision":1}`)
	w.has(w.must("RegisterJobDefinition", jobDefinition), `{"revision":2}`)
	w.must("RegisterJobDefinition", `{"jobDefinitionName":"fargate","type":"container","platformCapabilities":["FARGATE"],"propagateTags":true,"schedulingPriority":3,
		"containerProperties":{"image":"i","executionRoleArn":"r","resourceRequirements":[{"type":"VCPU","value":"0.25"},{"type":"MEMORY","value":"512"}],
		"networkConfiguration":{"assignPublicIp":"ENABLED"},"fargatePlatformConfiguration":{"platformVersion":"LATEST"},
		"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g"}}}}`)
	out := w.must("DescribeJobDefinitions", `{"jobDefinitionName":"fetch","status":"ACTIVE"}`)
	if got := names(out, "jobDefinitions", "revision"); got != "2 1" {
		t.Errorf("revisions: got %s", got)
	}
	w.has(get(out, "jobDefinitions", 0), `{"status":"ACTIVE","type":"container","parameters":{"day":"1"},"timeout":{"attemptDurationSeconds":60},"tags":{"team":"etl"},
		"containerOrchestrationType":"ECS",
		"retryStrategy":{"attempts":2,"evaluateOnExit":[{"onStatusReason":"Host EC2*","action":"RETRY"},{"onReason":"*","action":"EXIT"}]},
		"containerProperties":{"image":"salamander/fetchrunpsql","vcpus":2,"memory":2000,"command":["myjob.sh","Ref::day"],
		"jobRoleArn":"arn:aws:iam::000000000000:role/demo","volumes":[],"mountPoints":[],"ulimits":[],"secrets":[],"resourceRequirements":[],
		"environment":[{"name":"BATCH_FILE_TYPE","value":"script_psql"},{"name":"DATASET_DATE","value":"2010-10-10"}]}}`)
	w.has(get(w.must("DescribeJobDefinitions", `{"jobDefinitions":["fargate:1"]}`), "jobDefinitions", 0), `{"platformCapabilities":["FARGATE"],"propagateTags":true,
		"schedulingPriority":3,"containerProperties":{"resourceRequirements":[{"type":"VCPU","value":"0.25"},{"type":"MEMORY","value":"512"}],
		"networkConfiguration":{"assignPublicIp":"ENABLED"},"fargatePlatformConfiguration":{"platformVersion":"LATEST"}}}`)

	w.must("DeregisterJobDefinition", `{"jobDefinition":"fetch:2"}`)
	w.must("DeregisterJobDefinition", `{"jobDefinition":"fetch:2"}`)
	w.refused("DeregisterJobDefinition", `{"jobDefinition":"fetch"}`, "ClientException", "name:revision")
	both := w.must("DescribeJobDefinitions", `{"jobDefinitions":["`+prefix+`job-definition/fetch:2","fetch:1","none:1","fetch:2"]}`)
	if got := names(both, "jobDefinitions", "status"); got != "INACTIVE ACTIVE" {
		t.Errorf("statuses: got %s", got)
	}
	w.has(w.must("RegisterJobDefinition", jobDefinition), `{"revision":3}`)

	var pages []string
	for token := ""; ; {
		out := w.must("DescribeJobDefinitions", `{"maxResults":2,"nextToken":"`+token+`"}`)
		pages = append(pages, names(out, "jobDefinitions", "jobDefinitionArn"))
		if token, _ = out["nextToken"].(string); token == "" {
			break
		}
	}
	want := []string{"fargate:1 fetch:3", "fetch:2 fetch:1"}
	for i := range pages {
		pages[i] = strings.ReplaceAll(pages[i], prefix+"job-definition/", "")
	}
	if diff := cmp.Diff(want, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	w.refused("DescribeJobDefinitions", `{"nextToken":"???"}`, "ClientException", "nextToken")
	w.refused("DescribeJobDefinitions", `{"jobDefinitions":["fetch:1"],"jobDefinitionName":"fetch"}`, "ClientException", "cannot be used")

	for input, message := range map[string]string{
		`{"jobDefinitionName":"a","type":"container"}`:                                                                                                  "image",
		`{"jobDefinitionName":"a","type":"container","containerProperties":{"image":"i"}}`:                                                              "vCPU",
		`{"jobDefinitionName":"a","type":"multinode"}`:                                                                                                  "multinode",
		`{"jobDefinitionName":"a","type":"container","platformCapabilities":["MOON"]}`:                                                                  "MOON",
		`{"jobDefinitionName":"a","type":"container","containerProperties":{"image":"i","secrets":[{"name":"a","valueFrom":"b"}]}}`:                     "secrets",
		`{"jobDefinitionName":"a","type":"container","containerProperties":{"image":"i","vcpus":1,"memory":1},"timeout":{"attemptDurationSeconds":59}}`: "60",
	} {
		w.refused("RegisterJobDefinition", input, "ClientException", message)
	}
	for _, member := range []string{`"ecsProperties":{"taskProperties":[{"executionRoleArn":"r"}]}`, `"nodeProperties":{"numNodes":2}`,
		`"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"c"}]}`} {
		name, _, _ := strings.Cut(member[1:], `"`)
		w.refused("RegisterJobDefinition", `{"jobDefinitionName":"a","type":"container",`+member+`}`, "NotImplementedException", name)
	}
}

func TestAJobIsDescribedFromItsSubmissionToItsEnd(t *testing.T) {
	w := ready(t)
	out := w.must("SubmitJob", `{"jobName":"my-job","jobQueue":"`+prefix+`job-queue/refresh","jobDefinition":"`+prefix+`job-definition/fetch:1",
		"containerOverrides":{"environment":[{"name":"DATASET_DATE","value":"2003-01-02"},{"name":"X","value":"y"}]},
		"parameters":{"day":"2"},"tags":{"run":"1"},"retryStrategy":{},"timeout":{},"arrayProperties":{}}`)
	id := out["jobId"].(string)
	w.has(out, `{"jobName":"my-job","jobArn":"`+prefix+`job/`+id+`"}`)
	run := <-w.exec.started
	w.await(id, batch.Running)
	job := w.job(id)
	if got := strings.Join(run.Container.Command, " "); got != "myjob.sh 2" {
		t.Errorf("command: got %s", got)
	}
	w.has(job, `{"jobArn":"`+prefix+`job/`+id+`","jobName":"my-job","status":"RUNNING","jobQueue":"`+prefix+`job-queue/refresh",
		"jobDefinition":"`+prefix+`job-definition/fetch:1","parameters":{"day":"2"},"attempts":[],"dependsOn":[],"tags":{"run":"1"},
		"propagateTags":false,"platformCapabilities":[],"eksAttempts":[],"isCancelled":false,"isTerminated":false,
		"retryStrategy":{"attempts":2,"evaluateOnExit":[{"onStatusReason":"Host EC2*","action":"RETRY"},{"onReason":"*","action":"EXIT"}]},
		"timeout":{"attemptDurationSeconds":60},
		"container":{"image":"salamander/fetchrunpsql","vcpus":2,"memory":2000,"command":["myjob.sh","2"],"volumes":[],"mountPoints":[],"ulimits":[],
		"networkInterfaces":[],"resourceRequirements":[],"secrets":[],
		"environment":[{"name":"BATCH_FILE_TYPE","value":"script_psql"},{"name":"DATASET_DATE","value":"2003-01-02"},{"name":"X","value":"y"}]}}`)
	stream, _ := get(job, "container", "logStreamName").(string)
	task, _ := get(job, "container", "taskArn").(string)
	if !strings.HasPrefix(stream, "fetch/default/") || !strings.HasPrefix(task, "arn:aws:ecs:us-east-1:000000000000:task/AWSBatch-refresh-") ||
		get(job, "container", "exitCode") != nil || get(job, "startedAt") == nil || get(job, "stoppedAt") != nil {
		t.Errorf("running: got %v", job)
	}
	w.exec.end("my-job", 3)
	w.await(id, batch.Failed)
	job = w.job(id)
	w.has(job, `{"status":"FAILED","statusReason":"Essential container in task exited","container":{"exitCode":3,"logStreamName":"`+stream+`"}}`)
	w.has(get(job, "attempts", 0), `{"statusReason":"Essential container in task exited",
		"container":{"exitCode":3,"taskArn":"`+task+`","logStreamName":"`+stream+`","networkInterfaces":[]}}`)
	if len(job["attempts"].([]any)) != 1 || get(job, "stoppedAt") == nil || get(job, "createdAt") == nil {
		t.Errorf("ended: got %v", job)
	}
}

func TestStepFunctionsSeesTheJobInPascalCase(t *testing.T) {
	w := ready(t)
	api, _ := awsmodel.Service("batch")
	submit, _ := api.Operation("SubmitJob")
	in, err := submit.FromPascal(json.RawMessage(`{"JobName":"my-job","JobQueue":"refresh","JobDefinition":"fetch","Parameters":{},
		"ContainerOverrides":{"Environment":[{"Name":"DATASET_DATE","Value":"2003-01-02"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	id := w.must("SubmitJob", string(in))["jobId"].(string)
	w.await(id, batch.Running)
	w.exec.end("my-job", 0)
	w.await(id, batch.Succeeded)
	doc, err := json.Marshal(map[string]any{"jobs": []any{w.job(id)}})
	if err != nil {
		t.Fatal(err)
	}
	describe, _ := api.Operation("DescribeJobs")
	out, err := describe.ToPascal(doc)
	if err != nil {
		t.Fatal(err)
	}
	w.has(get(w.parse(out), "Jobs", 0), `{"JobName":"my-job","Status":"SUCCEEDED","Container":{"ExitCode":0,"Vcpus":2,"Memory":2000}}`)
}

func TestSubmissionsThatAreRefused(t *testing.T) {
	w := ready(t)
	w.must("RegisterJobDefinition", jobDefinition)
	w.must("DeregisterJobDefinition", `{"jobDefinition":"fetch:1"}`)
	for more, message := range map[string]string{
		`"jobQueue":"none","jobDefinition":"fetch"`:                                                                               "JobQueue none not found",
		`"jobQueue":"refresh","jobDefinition":"none"`:                                                                             "JobDefinition",
		`"jobQueue":"refresh","jobDefinition":"` + prefix + `job-definition/none:1"`:                                              "not found",
		`"jobQueue":"refresh","jobDefinition":"fetch:1"`:                                                                          "ACTIVE",
		`"jobQueue":"refresh","jobDefinition":"fetch","dependsOn":[{"jobId":"none"}]`:                                             "none does not exist",
		`"jobQueue":"refresh","jobDefinition":"fetch","dependsOn":[{"type":"SEQUENTIAL"}]`:                                        "SEQUENTIAL",
		`"jobQueue":"refresh","jobDefinition":"fetch","retryStrategy":{"attempts":11}`:                                            "attempts",
		`"jobQueue":"refresh","jobDefinition":"fetch","timeout":{"attemptDurationSeconds":1}`:                                     "60",
		`"jobQueue":"refresh","jobDefinition":"fetch","containerOverrides":{"resourceRequirements":[{"type":"GPU","value":"1"}]}`: "GPU",
	} {
		w.refused("SubmitJob", `{"jobName":"a",`+more+`}`, "ClientException", message)
	}
	w.refused("SubmitJob", `{"jobName":"a b","jobQueue":"refresh","jobDefinition":"fetch"}`, "ClientException", "jobName")
	for _, member := range []string{`"arrayProperties":{"size":2}`, `"nodeOverrides":{"numNodes":2}`, `"ecsPropertiesOverride":{"taskProperties":[{"containers":[{"name":"a"}]}]}`} {
		name, _, _ := strings.Cut(member[1:], `"`)
		w.refused("SubmitJob", `{"jobName":"a","jobQueue":"refresh","jobDefinition":"fetch",`+member+`}`, "NotImplementedException", "the member "+name)
	}
	w.must("UpdateJobQueue", `{"jobQueue":"refresh","state":"DISABLED"}`)
	w.refused("SubmitJob", `{"jobName":"a","jobQueue":"refresh","jobDefinition":"fetch"}`, "ClientException", "DISABLED")
}

func TestARepeatedCallWithinAnInvocationMakesNothingTwice(t *testing.T) {
	w := start(t)
	again := func(call int, op, input string) (map[string]any, map[string]any) {
		t.Helper()
		w.caller.Invocation = operation.Invocation{ID: "inv", Call: call}
		return w.must(op, input), w.must(op, input)
	}
	for i, c := range []struct{ op, input string }{
		{"CreateComputeEnvironment", environment},
		{"CreateJobQueue", jobQueue},
		{"RegisterJobDefinition", jobDefinition},
		{"SubmitJob", `{"jobName":"a","jobQueue":"refresh","jobDefinition":"fetch"}`},
	} {
		first, second := again(i, c.op, c.input)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s (-first +second):\n%s", c.op, diff)
		}
	}
	// Even when what it asks for has gone meanwhile.
	w.caller.Invocation = operation.Invocation{}
	w.must("UpdateJobQueue", `{"jobQueue":"refresh","state":"DISABLED"}`)
	again(3, "SubmitJob", `{"jobName":"a","jobQueue":"refresh","jobDefinition":"fetch"}`)
	w.caller.Invocation = operation.Invocation{}
	w.must("UpdateJobQueue", `{"jobQueue":"refresh","state":"ENABLED"}`)
	out := w.must("ListJobs", `{"jobQueue":"refresh","filters":[{"name":"JOB_NAME","values":["*"]}]}`)
	if n := len(out["jobSummaryList"].([]any)); n != 1 {
		t.Errorf("got %d jobs; want 1", n)
	}
}

func TestListJobs(t *testing.T) {
	w := ready(t)
	w.must("RegisterJobDefinition", strings.Replace(jobDefinition, `"fetch"`, `"fetch2"`, 1))
	ids := map[string]string{}
	for _, name := range []string{"one", "two", "three", "Two2"} { // two fit
		ids[name] = w.submit(`"jobName":"` + name + `"`)
	}
	w.await(ids["two"], batch.Running)
	last := w.must("SubmitJob", `{"jobName":"five","jobQueue":"refresh","jobDefinition":"fetch2"}`)["jobId"].(string)
	w.await(last, batch.Runnable)
	listed := func(more string) string {
		t.Helper()
		return names(w.must("ListJobs", `{"jobQueue":"refresh"`+more+`}`), "jobSummaryList", "jobName")
	}
	created := fmt.Sprint(w.job(ids["one"])["createdAt"])
	filter := func(name, value string) string {
		return `,"jobStatus":"FAILED","filters":[{"name":"` + name + `","values":["` + value + `"]}]`
	}
	for more, want := range map[string]string{
		``:                                 "two one",
		`,"jobStatus":"RUNNING"`:           "two one",
		`,"jobStatus":"RUNNABLE"`:          "five Two2 three",
		`,"jobStatus":"FAILED"`:            "",
		filter("JOB_NAME", "TWO*"):         "Two2 two",
		filter("JOB_NAME", "two"):          "two",
		filter("JOB_DEFINITION", "fetch"):  "Two2 three two one",
		filter("JOB_DEFINITION", "fetch*"): "five Two2 three two one",
		filter("JOB_DEFINITION", prefix+"job-definition/fetch2:1"):  "five",
		filter("JOB_DEFINITION", prefix+"job-definition/fetch2:10"): "",
		filter("JOB_DEFINITION", prefix+"job-definition/fetch"):     "",
		filter("BEFORE_CREATED_AT", created):                        "",
		filter("AFTER_CREATED_AT", "1"):                             "five Two2 three two one",
	} {
		if got := listed(more); got != want {
			t.Errorf("%s: got %q; want %q", more, got, want)
		}
	}
	waiting := get(w.must("ListJobs", `{"jobQueue":"`+prefix+`job-queue/refresh","jobStatus":"RUNNABLE"}`), "jobSummaryList", 2)
	if why, _ := get(waiting, "statusReason").(string); !strings.Contains(why, `compute environment "refresh" has 4 of 4 vCPUs in use`) {
		t.Errorf("why it waits: got %q", why)
	}
	w.exec.end("one", 1)
	w.await(ids["one"], batch.Failed)
	w.has(get(w.must("ListJobs", `{"jobQueue":"refresh","jobStatus":"FAILED"}`), "jobSummaryList", 0), `{"jobArn":"`+prefix+`job/`+ids["one"]+`","jobId":"`+ids["one"]+`",
		"jobName":"one","status":"FAILED","statusReason":"Essential container in task exited","container":{"exitCode":1},"jobDefinition":"`+prefix+`job-definition/fetch:1"}`)

	var pages []string
	all := filter("JOB_NAME", "*")
	for token := ""; ; {
		out := w.must("ListJobs", `{"jobQueue":"refresh","maxResults":2,"nextToken":"`+token+`"`+all+`}`)
		pages = append(pages, names(out, "jobSummaryList", "jobName"))
		if token, _ = out["nextToken"].(string); token == "" {
			break
		}
		w.refused("ListJobs", `{"jobQueue":"refresh","nextToken":"`+token+`"}`, "ClientException", "nextToken")
	}
	if diff := cmp.Diff([]string{"five Two2", "three two", "one"}, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	for input, message := range map[string]string{
		`{}`:                  "jobQueue",
		`{"jobQueue":"none"}`: "none not found",
		`{"jobQueue":"refresh","jobStatus":"LOST"}`:                                                                "LOST",
		`{"jobQueue":"refresh","filters":[{"name":"A","values":["b"]}]}`:                                           "JOB_NAME",
		`{"jobQueue":"refresh","filters":[{"name":"JOB_NAME","values":[]}]}`:                                       "one value",
		`{"jobQueue":"refresh","filters":[{"name":"AFTER_CREATED_AT","values":["noon"]}]}`:                         "milliseconds",
		`{"jobQueue":"refresh","filters":[{"name":"JOB_NAME","values":["a"]},{"name":"JOB_NAME","values":["a"]}]}`: "one filter",
	} {
		w.refused("ListJobs", input, "ClientException", message)
	}
	w.refused("ListJobs", `{"arrayJobId":"a"}`, "NotImplementedException", "arrayJobId")
	w.refused("ListJobs", `{"jobQueue":"refresh","filters":[{"name":"SHARE_IDENTIFIER","values":["a"]}]}`, "NotImplementedException", "SHARE_IDENTIFIER")
}

func TestCancelAndTerminate(t *testing.T) {
	w := ready(t)
	running := w.submit(`"jobName":"running"`)
	w.await(running, batch.Running)
	waits := w.submit(`"jobName":"waits","dependsOn":[{"jobId":"` + running + `"}]`)
	w.await(waits, batch.Pending)
	w.has(w.job(waits), `{"dependsOn":[{"jobId":"`+running+`"}]}`)
	w.must("CancelJob", `{"jobId":"`+waits+`","reason":"no longer needed"}`)
	w.must("CancelJob", `{"jobId":"`+running+`","reason":"too late"}`)
	w.has(w.job(waits), `{"status":"FAILED","statusReason":"no longer needed","isCancelled":true,"isTerminated":false}`)
	w.has(w.job(running), `{"status":"RUNNING","isCancelled":false}`)
	w.must("TerminateJob", `{"jobId":"`+running+`","reason":"enough"}`)
	w.await(running, batch.Failed)
	w.has(w.job(running), `{"status":"FAILED","statusReason":"enough","isTerminated":true,"container":{"exitCode":143}}`)
	w.must("TerminateJob", `{"jobId":"`+running+`","reason":"again"}`)
	w.has(w.job(running), `{"statusReason":"enough"}`)
	w.refused("TerminateJob", `{"jobId":"none","reason":"x"}`, "ClientException", "none does not exist")
	w.refused("CancelJob", `{"jobId":"none","reason":"x"}`, "ClientException", "none does not exist")
	w.refused("CancelJob", `{"jobId":"`+waits+`","reason":""}`, "ClientException", "reason")
	if jobs := w.must("DescribeJobs", `{"jobs":["none"]}`)["jobs"].([]any); len(jobs) != 0 {
		t.Errorf("an unknown job: got %v", jobs)
	}
}

func TestAnUnknownImageFailsTheJobByName(t *testing.T) {
	w := ready(t)
	w.must("RegisterJobDefinition", `{"jobDefinitionName":"bad","type":"container","containerProperties":{"image":"unknown","vcpus":1,"memory":1}}`)
	id := w.must("SubmitJob", `{"jobName":"a","jobQueue":"refresh","jobDefinition":"bad"}`)["jobId"].(string)
	w.await(id, batch.Failed)
	w.has(w.job(id), `{"statusReason":"Task failed to start","retryStrategy":{"attempts":1,"evaluateOnExit":[]},
		"container":{"reason":"CannotPullContainerError: no mapping"}}`)
}

func TestTags(t *testing.T) {
	w := ready(t)
	id := w.submit(`"jobName":"a","tags":{"team":"etl"}`)
	w.must("UpdateJobQueue", `{"jobQueue":"refresh","priority":2}`)
	w.must("TagResource", `{"resourceArn":"`+prefix+`job-queue/refresh","tags":{"team":"etl"}}`)
	for _, resource := range []string{"compute-environment/refresh", "job-queue/refresh", "job-definition/fetch:1", "job/" + id} {
		ref := `{"resourceArn":"` + prefix + resource + `"`
		w.must("TagResource", ref+`,"tags":{"a":"b","c":"d"}}`)
		w.must("UntagResource", ref+`,"tagKeys":["c","none"]}`)
		out := w.must("ListTagsForResource", ref+`}`)
		if diff := cmp.Diff(map[string]any{"tags": map[string]any{"a": "b", "team": "etl"}}, out); diff != "" {
			t.Errorf("%s (-want +got):\n%s", resource, diff)
		}
	}
	w.has(w.job(id), `{"tags":{"a":"b","team":"etl"}}`)
	w.has(get(w.must("DescribeJobQueues", `{}`), "jobQueues", 0), `{"tags":{"a":"b","team":"etl"},"priority":2}`)
	w.refused("TagResource", `{"resourceArn":"`+prefix+`job-queue/refresh","tags":{"aws:a":"b"}}`, "ClientException", "reserved")
	w.refused("ListTagsForResource", `{"resourceArn":"`+prefix+`job-queue/none"}`, "ClientException", "does not exist")
}

func TestDescribePages(t *testing.T) {
	w := ready(t)
	for _, name := range []string{"b", "a", "c"} {
		w.must("CreateComputeEnvironment", strings.Replace(environment, `"refresh"`, `"`+name+`"`, 1))
		w.must("CreateJobQueue", strings.Replace(jobQueue, `"refresh"`, `"`+name+`"`, 1))
	}
	for op, c := range map[string]struct{ list, member string }{
		"DescribeComputeEnvironments": {"computeEnvironments", "computeEnvironmentName"},
		"DescribeJobQueues":           {"jobQueues", "jobQueueName"},
	} {
		var pages []string
		for token := ""; ; {
			out := w.must(op, `{"maxResults":3,"nextToken":"`+token+`"}`)
			pages = append(pages, names(out, c.list, c.member))
			if token, _ = out["nextToken"].(string); token == "" {
				break
			}
		}
		if diff := cmp.Diff([]string{"a b c", "refresh"}, pages); diff != "" {
			t.Errorf("%s (-want +got):\n%s", op, diff)
		}
		w.refused(op, `{"nextToken":"???"}`, "ClientException", "nextToken")
		w.refused(op, `{"maxResults":101}`, "ClientException", "maxResults")
	}
}

func TestAccountsAndRegionsAreApart(t *testing.T) {
	w := ready(t)
	id := w.submit(`"jobName":"a"`)
	w.caller.Region = "eu-west-1"
	for op, list := range map[string]string{"DescribeComputeEnvironments": "computeEnvironments", "DescribeJobQueues": "jobQueues", "DescribeJobDefinitions": "jobDefinitions"} {
		if out := w.must(op, `{}`); len(out[list].([]any)) != 0 {
			t.Errorf("%s: got %v", op, out)
		}
	}
	if out := w.must("DescribeJobs", `{"jobs":["`+id+`"]}`); len(out["jobs"].([]any)) != 0 {
		t.Errorf("DescribeJobs: got %v", out)
	}
	w.refused("TerminateJob", `{"jobId":"`+id+`","reason":"x"}`, "ClientException", "does not exist")
}

func TestEveryOperationIsThereOrRefusedByName(t *testing.T) {
	var reg operation.Registry
	Register(&reg, New(nil))
	api, _ := awsmodel.Service("batch")
	for _, op := range api.Operations() {
		spec, ok := reg.Lookup("batch", op.Name)
		if !ok {
			t.Errorf("%s is not registered", op.Name)
		} else if spec.Status == operation.Refused && spec.Note == "" {
			t.Errorf("%s is refused without a reason", op.Name)
		}
	}
	for _, spec := range reg.Specs() {
		if _, ok := api.Operation(spec.Name); !ok {
			t.Errorf("%s is no operation of the model", spec.Name)
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("e30")
	f.Add(pagetoken.Encode("name"))
	f.Add(pagetoken.Encode(listToken{3, []string{"q"}}))
	f.Fuzz(func(t *testing.T, token string) {
		after, list := "", listToken{}
		if readToken(token, &after) == nil && token != "" {
			again := ""
			if err := readToken(pagetoken.Encode(after), &again); err != nil || again != after {
				t.Errorf("%q read as %q, then as %q, %v", token, after, again, err)
			}
		}
		_ = readToken(token, &list)
	})
}
