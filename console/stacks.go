package console

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"salamander/operation"
)

// stacks lists the stacks, those that change first.
//
//	GET /api/stacks -> {"stacks": [{"name", "id", "status", "reason"?, "created", "updated"?, "resources"}]}
func (c *Console) stacks(_ http.ResponseWriter, r *http.Request) (any, error) {
	type item struct {
		Name      string `json:"name"`
		ID        string `json:"id"`
		Status    string `json:"status"`
		Reason    string `json:"reason,omitempty"`
		Created   int64  `json:"created"`
		Updated   int64  `json:"updated,omitempty"`
		Resources int    `json:"resources"`
		Parent    string `json:"parent,omitempty"`
	}
	items := []item{}
	in := document{}
	for {
		page, err := call[struct {
			Stacks []struct {
				StackName, StackId, StackStatus, StackStatusReason, ParentId string
				CreationTime, LastUpdatedTime                                operation.Time
			}
			NextToken string
		}](r.Context(), c, "cloudformation", "DescribeStacks", in)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Stacks {
			resources, err := c.resources(r.Context(), s.StackId)
			if err != nil {
				return nil, err
			}
			items = append(items, item{s.StackName, s.StackId, s.StackStatus, s.StackStatusReason, millis(s.CreationTime.Time), millis(s.LastUpdatedTime.Time), len(resources), s.ParentId})
		}
		if page.NextToken == "" {
			break
		}
		in["NextToken"] = page.NextToken
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(max(b.Created, b.Updated), max(a.Created, a.Updated)) })
	return document{"stacks": items}, nil
}

// A resourceItem is a resource of a stack.
type resourceItem struct {
	Logical      string `json:"logical"`
	Physical     string `json:"physical,omitempty"`
	Type         string `json:"type"`
	Status       string `json:"status"`
	Reason       string `json:"reason,omitempty"`
	Updated      int64  `json:"updated"`
	RecordedOnly bool   `json:"recordedOnly"`
}

func (c *Console) resources(ctx context.Context, stack string) ([]resourceItem, error) {
	out, err := call[struct {
		StackResources []struct {
			LogicalResourceId, PhysicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason string
			Timestamp                                                                                 operation.Time
		}
	}](ctx, c, "cloudformation", "DescribeStackResources", document{"StackName": stack})
	if err != nil {
		return nil, err
	}
	items := []resourceItem{}
	for _, r := range out.StackResources {
		items = append(items, resourceItem{Logical: r.LogicalResourceId, Physical: r.PhysicalResourceId, Type: r.ResourceType, Status: r.ResourceStatus,
			Reason: r.ResourceStatusReason, Updated: millis(r.Timestamp.Time)})
	}
	return items, nil
}

// A stackEvent is an event of a stack.
type stackEvent struct {
	ID       string `json:"id"`
	At       int64  `json:"at"`
	Logical  string `json:"logical"`
	Physical string `json:"physical,omitempty"`
	Type     string `json:"type"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"`
}

// maxStackEvents is how many events are shown.
const maxStackEvents = 500

func (c *Console) stackEvents(ctx context.Context, stack string) ([]stackEvent, error) {
	events := []stackEvent{}
	in := document{"StackName": stack}
	for len(events) < maxStackEvents {
		page, err := call[struct {
			StackEvents []struct {
				EventId, LogicalResourceId, PhysicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason string
				Timestamp                                                                                          operation.Time
			}
			NextToken string
		}](ctx, c, "cloudformation", "DescribeStackEvents", in)
		if err != nil {
			return nil, err
		}
		for _, e := range page.StackEvents {
			events = append(events, stackEvent{e.EventId, millis(e.Timestamp.Time), e.LogicalResourceId, e.PhysicalResourceId, e.ResourceType, e.ResourceStatus, e.ResourceStatusReason})
		}
		if page.NextToken == "" {
			break
		}
		in["NextToken"] = page.NextToken
	}
	return events[:min(len(events), maxStackEvents)], nil
}

// stack tells all about one stack.
//
//	GET /api/stack?name= -> {"stack", "resources", "events", "outputs", "parameters", "template", "edges", "note"?}
func (c *Console) stack(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	name := q.need("name")
	if q.err != nil {
		return nil, q.err
	}
	ctx := r.Context()
	described, err := call[struct{ Stacks []json.RawMessage }](ctx, c, "cloudformation", "DescribeStacks", document{"StackName": name})
	if err != nil {
		return nil, err
	}
	if len(described.Stacks) == 0 {
		return nil, notFound("there is no stack %q", name)
	}
	var st struct {
		StackId    string
		Parameters []struct{ ParameterKey, ParameterValue string }
		Outputs    []struct{ OutputKey, OutputValue, Description, ExportName string }
	}
	if err := json.Unmarshal(described.Stacks[0], &st); err != nil {
		return nil, err
	}
	resources, err := c.resources(ctx, st.StackId)
	if err != nil {
		return nil, err
	}
	events, err := c.stackEvents(ctx, st.StackId)
	if err != nil {
		return nil, err
	}
	template, err := call[struct{ TemplateBody string }](ctx, c, "cloudformation", "GetTemplate", document{"StackName": st.StackId})
	if err != nil {
		return nil, err
	}
	type pair struct {
		Key         string `json:"key"`
		Value       string `json:"value"`
		Description string `json:"description,omitempty"`
		Export      string `json:"export,omitempty"`
	}
	outputs, parameters := []pair{}, []pair{}
	for _, o := range st.Outputs {
		outputs = append(outputs, pair{o.OutputKey, o.OutputValue, o.Description, o.ExportName})
	}
	for _, p := range st.Parameters {
		parameters = append(parameters, pair{Key: p.ParameterKey, Value: p.ParameterValue})
	}
	out := document{"stack": described.Stacks[0], "events": events, "outputs": outputs, "parameters": parameters, "template": template.TemplateBody, "edges": [][2]string{}}
	if c.opt.Stacks != nil {
		graph, err := c.opt.Stacks.Graph(ctx, st.StackId)
		if err != nil {
			out["note"] = "the graph of the resources is not known: " + err.Error()
		} else {
			out["edges"] = append([][2]string{}, graph.Edges...)
		}
		for i := range resources {
			resources[i].RecordedOnly = graph.Recorded[resources[i].Type]
		}
	}
	out["resources"] = resources
	return out, nil
}
