package console

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// jobs lists jobs, the newest first.
//
//	GET /api/jobs?queue=&status=&q=&limit=&next= -> {"jobs": [Job], "next"?}
func (c *Console) jobs(_ http.ResponseWriter, r *http.Request) (any, error) {
	if c.opt.Jobs == nil {
		return nil, unavailable("jobs")
	}
	q := query{r: r}
	text, limit := strings.ToLower(q.text("q")), max(1, int(q.number("limit", 200, 1000)))
	jq := JobQuery{Queue: q.text("queue"), Status: q.text("status"), Before: q.number("next", 0, 1<<62), Limit: 500}
	if q.err != nil {
		return nil, q.err
	}
	found := []Job{}
	for scanned := 0; ; {
		list, err := c.opt.Jobs.Jobs(r.Context(), jq)
		if err != nil {
			return nil, err
		}
		for _, j := range list {
			scanned++
			jq.Before = j.Seq
			if waits(j.Status) {
				j.Why, j.Reason = j.Reason, ""
			}
			if text == "" || strings.Contains(strings.ToLower(j.Name+" "+j.ID+" "+j.Reason), text) {
				found = append(found, j)
			}
			if len(found) >= limit || scanned >= maxScanned {
				return document{"jobs": found, "next": strconv.FormatInt(jq.Before, 10)}, c.addOwners(r.Context(), found)
			}
		}
		if len(list) < jq.Limit {
			return document{"jobs": found}, c.addOwners(r.Context(), found)
		}
	}
}

// addOwners tells of jobs which executions have submitted them, as far as that
// is found without reading much.
func (c *Console) addOwners(ctx context.Context, jobs []Job) error {
	sought := make([]submitted, len(jobs))
	for i, j := range jobs {
		sought[i] = submitted{j.ID, time.UnixMilli(j.Created)}
	}
	if err := c.findOwners(ctx, sought, ownersOfList); err != nil {
		return err
	}
	for i, j := range jobs {
		by, _ := c.owners.of(j.ID)
		jobs[i].Execution = by.arn
	}
	return nil
}

// A queueItem is a job queue and what it has in hand.
type queueItem struct {
	Name         string            `json:"name"`
	ARN          string            `json:"arn"`
	State        string            `json:"state"`
	Priority     int               `json:"priority"`
	Depth        map[string]int    `json:"depth"` // by status
	Environments []environmentItem `json:"environments"`
}

type environmentItem struct {
	Name     string  `json:"name"`
	State    string  `json:"state"`
	MaxVCPUs float64 `json:"maxVcpus,omitempty"`
	Used     float64 `json:"used"` // vCPUs of the jobs that run
}

// maxDepth is how many jobs of a status are counted.
const maxDepth = 1000

// queues lists the job queues with their depth and capacity.
//
//	GET /api/queues -> {"queues": [queueItem]}
func (c *Console) queues(_ http.ResponseWriter, r *http.Request) (any, error) {
	if c.opt.Jobs == nil {
		return nil, unavailable("jobs")
	}
	ctx := r.Context()
	described, err := call[struct {
		Queues []struct {
			Name     string `json:"jobQueueName"`
			Arn      string `json:"jobQueueArn"`
			State    string `json:"state"`
			Priority int    `json:"priority"`
			Order    []struct {
				Environment string `json:"computeEnvironment"`
			} `json:"computeEnvironmentOrder"`
		} `json:"jobQueues"`
	}](ctx, c, "batch", "DescribeJobQueues", document{})
	if err != nil {
		return nil, err
	}
	environments, err := c.environments(ctx)
	if err != nil {
		return nil, err
	}
	items := []queueItem{}
	for _, q := range described.Queues {
		item := queueItem{Name: q.Name, ARN: q.Arn, State: q.State, Priority: q.Priority, Depth: map[string]int{}, Environments: []environmentItem{}}
		var running []string
		for _, status := range []string{"SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"} {
			list, err := c.opt.Jobs.Jobs(ctx, JobQuery{Queue: q.Name, Status: status, Limit: maxDepth})
			if err != nil {
				return nil, err
			}
			item.Depth[status] = len(list)
			if status == "STARTING" || status == "RUNNING" {
				for _, j := range list {
					running = append(running, j.ID)
				}
			}
		}
		used, err := c.vcpus(ctx, running)
		if err != nil {
			return nil, err
		}
		for i, o := range q.Order {
			env := environments[o.Environment]
			if i == 0 {
				env.Used = used
			}
			item.Environments = append(item.Environments, env)
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b queueItem) int { return strings.Compare(a.Name, b.Name) })
	return document{"queues": items}, nil
}

// environments are the compute environments by ARN and by name.
func (c *Console) environments(ctx context.Context) (map[string]environmentItem, error) {
	described, err := call[struct {
		Environments []struct {
			Name      string `json:"computeEnvironmentName"`
			Arn       string `json:"computeEnvironmentArn"`
			State     string `json:"state"`
			Resources struct {
				Max float64 `json:"maxvCpus"`
			} `json:"computeResources"`
		} `json:"computeEnvironments"`
	}](ctx, c, "batch", "DescribeComputeEnvironments", document{})
	if err != nil {
		return nil, err
	}
	all := map[string]environmentItem{}
	for _, e := range described.Environments {
		item := environmentItem{Name: e.Name, State: e.State, MaxVCPUs: e.Resources.Max}
		all[e.Arn], all[e.Name] = item, item
	}
	return all, nil
}

// vcpus adds up what jobs may use.
func (c *Console) vcpus(ctx context.Context, ids []string) (sum float64, err error) {
	for len(ids) > 0 {
		n := min(len(ids), maxDescribed)
		out, err := call[struct {
			Jobs []struct {
				Container struct {
					VCPUs     float64 `json:"vcpus"`
					Resources []struct {
						Type  string `json:"type"`
						Value string `json:"value"`
					} `json:"resourceRequirements"`
				} `json:"container"`
			} `json:"jobs"`
		}](ctx, c, "batch", "DescribeJobs", document{"jobs": ids[:n]})
		if err != nil {
			return 0, err
		}
		ids = ids[n:]
		for _, j := range out.Jobs {
			of := j.Container.VCPUs
			for _, res := range j.Container.Resources {
				if v, err := strconv.ParseFloat(res.Value, 64); err == nil && res.Type == "VCPU" {
					of = v
				}
			}
			sum += of
		}
	}
	return sum, nil
}

// job tells all about one job.
//
//	GET /api/job?id= -> {"job", "why"?, "logs": [LogPlace], "execution"?}
func (c *Console) job(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	id := q.need("id")
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Jobs == nil {
		return nil, unavailable("jobs")
	}
	id = id[strings.LastIndexByte(id, '/')+1:]
	ctx := r.Context()
	out, err := call[struct {
		Jobs []json.RawMessage `json:"jobs"`
	}](ctx, c, "batch", "DescribeJobs", document{"jobs": []string{id}})
	if err != nil {
		return nil, err
	}
	if len(out.Jobs) == 0 {
		return nil, notFound("there is no job %q", id)
	}
	var j struct {
		Status  string `json:"status"`
		Reason  string `json:"statusReason"`
		Created int64  `json:"createdAt"`
	}
	if err := json.Unmarshal(out.Jobs[0], &j); err != nil {
		return nil, err
	}
	places, err := c.opt.Jobs.Logs(ctx, id)
	if err != nil {
		return nil, err
	}
	doc := document{"job": out.Jobs[0], "logs": append([]LogPlace{}, places...)}
	if waits(j.Status) && j.Reason != "" {
		doc["why"] = j.Reason
	}
	if err := c.findOwners(ctx, []submitted{{id, time.UnixMilli(j.Created)}}, ownersOfOne); err != nil {
		return nil, err
	}
	if by, ok := c.owners.of(id); ok {
		doc["execution"] = document{"arn": by.arn, "state": by.state}
	}
	return doc, nil
}
