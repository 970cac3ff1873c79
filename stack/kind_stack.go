package stack

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"salamander/operation"
)

// stackKinds are the types of CloudFormation itself.
func stackKinds() catalog {
	return catalog{
		StackType: {
			props: "TemplateURL Parameters Tags TimeoutInMinutes NotificationARNs", always: true,
			create: createNested, update: updateNested, remove: removeNested,
		},
		"AWS::CloudFormation::CustomResource": {
			opaque: true, replace: "ServiceToken",
			create: func(c *call) error { return c.custom("Create") },
			update: func(c *call) error { return c.custom("Update") },
			remove: func(c *call) error { return c.custom("Delete") },
		},
		"AWS::CloudFormation::WaitConditionHandle": {
			create: func(c *call) error {
				url, err := c.url(c.secret())
				c.physical = url
				return err
			},
			remove: func(c *call) error {
				return c.s.opt.Store.CloseSignal(c.ctx, c.physical[strings.LastIndexByte(c.physical, '/')+1:])
			},
		},
		"AWS::CloudFormation::WaitCondition": {
			props:  "Handle Timeout Count",
			create: waitCondition,
		},
		"AWS::CDK::Metadata": {
			props: "Analytics", note: recordedNote,
			create: func(c *call) error { c.physical = c.generate(naming{}); return nil },
			update: func(*call) error { return nil },
		},
	}
}

// secret returns a token that only who has the URL knows: it is made from the
// operation's id, which nobody is told.
func (c *call) secret() string {
	sum := sha256.Sum256([]byte("signal/" + c.token))
	return hex.EncodeToString(sum[:20])
}

func (c *call) nested() (Request, error) {
	body, err := c.private["template"], error(nil)
	if !c.undo || body == "" { // a rollback is to what it was, whatever is in S3 now
		body, err = c.s.Template(c.ctx, operation.Caller{Account: c.stack.Account, Region: c.stack.Region, Principal: c.principal}, c.text("TemplateURL"))
	}
	if err != nil {
		return Request{}, err
	}
	c.private = map[string]string{"template": body}
	root := c.stack.Root
	if root == "" {
		root = c.stack.ID
	}
	req := Request{Scope: c.stack.Scope, Principal: c.principal, Parent: c.stack.ID, Root: root, ID: c.token,
		Settings: Settings{Template: body, Role: c.stack.Role, Tags: c.tags,
			Capabilities: []string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}}}
	params := object(c.props, "Parameters")
	for _, k := range sortedKeys(params) {
		v := scalarText(params[k])
		if l, ok := params[k].([]any); ok {
			parts := make([]string, len(l))
			for i := range l {
				parts[i] = scalarText(l[i])
			}
			v = strings.Join(parts, ",")
		}
		req.Settings.Parameters = append(req.Settings.Parameters, Parameter{Key: k, Value: v})
	}
	for _, k := range sortedKeys(tagsOf(c.props)) {
		req.Settings.Tags = append(req.Settings.Tags, Tag{k, scalarText(tagsOf(c.props)[k])})
	}
	for _, t := range list(c.props, "NotificationARNs") {
		req.Settings.Topics = append(req.Settings.Topics, scalarText(t))
	}
	if m := c.text("TimeoutInMinutes"); m != "" {
		n, err := strconv.Atoi(m)
		if err != nil || n <= 0 {
			return req, &PropertyError{"TimeoutInMinutes", "want a whole number of minutes"}
		}
		req.Timeout = time.Duration(n) * time.Minute
	}
	return req, nil
}

func createNested(c *call) error {
	req, err := c.nested()
	if err != nil {
		return err
	}
	req.Name = c.generate(naming{max: 128})
	req.OnFailure = "DO_NOTHING" // the parent's rollback deletes it
	st, err := c.s.Create(c.ctx, req)
	if codeOf(err) == "AlreadyExistsException" && c.repeat {
		st, err = c.s.opt.Store.Named(c.ctx, c.stack.Scope, req.Name)
	}
	if err != nil {
		return err
	}
	c.physical = st.ID
	return c.awaitNested(CreateComplete)
}

// awaitNested waits for a nested stack and takes over its outputs.
func (c *call) awaitNested(good ...string) error {
	var st *Stack
	err := c.wait(func() (done bool, err error) {
		st, err = c.s.opt.Store.Stack(c.ctx, c.physical)
		return err == nil && !st.Busy(), err
	})
	if errors.Is(err, errCancelled) {
		// It is deleted in the rollback; until then it must be at rest.
		if _, waitErr := c.s.Wait(c.ctx, c.physical); waitErr != nil {
			return waitErr
		}
		return err
	} else if err != nil {
		return err
	}
	for _, status := range good {
		if st.Status == status {
			outputs := map[string]any{}
			for _, o := range st.Outputs {
				outputs["Outputs."+o.Key] = o.Value
			}
			c.attrs = outputs
			return nil
		}
	}
	return sayf("Embedded stack %s was not successfully %s: %s", st.ID, strings.ToLower(strings.SplitN(good[len(good)-1], "_", 2)[0])+"d", st.Reason)
}

func updateNested(c *call) error {
	req, err := c.nested()
	if err != nil {
		return err
	}
	req.Name = c.physical
	_, err = c.s.Update(c.ctx, req)
	var e *operation.Error
	if errors.As(err, &e) && e.Message == noUpdates {
		return c.awaitNested(CreateComplete, UpdateComplete, UpdateRollbackComplete)
	} else if err != nil && !c.repeat {
		return err
	}
	return c.awaitNested(UpdateComplete)
}

func removeNested(c *call) error {
	st, err := c.s.Wait(c.ctx, c.physical) // what was under way must end before
	if errors.Is(err, ErrNotFound) || err == nil && !st.Live() {
		return nil
	} else if err != nil {
		return err
	}
	if _, err := c.s.Delete(c.ctx, Request{Scope: c.stack.Scope, Name: c.physical, ID: c.token, Principal: c.principal, Nested: true}); err != nil {
		return err
	}
	if st, err = c.s.Wait(c.ctx, c.physical); err != nil {
		return err
	}
	if st.Status != DeleteComplete {
		return sayf("Embedded stack %s was not successfully deleted: %s", st.ID, st.Reason)
	}
	return nil
}

// An answer is what a custom resource answers.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
type answer struct {
	Status             string
	Reason             string
	PhysicalResourceId string
	RequestId          string
	Data               any // an object for custom resources, a text for wait conditions
	NoEcho             bool
	UniqueId           string
}

// customTimeout is how long a custom resource may take where it says nothing.
const customTimeout = time.Hour

// custom asks a custom resource's function or topic, and waits for the answer.
// A function that fails is asked three times, as an asynchronous invocation
// is; then the resource fails at once, where AWS waits for the time-out.
func (c *call) custom(kind string) error {
	token := c.secret()
	url, err := c.url(token)
	if err != nil {
		return err
	}
	props := copyOf(c.props)
	service := c.text("ServiceToken")
	event := map[string]any{"RequestType": kind, "ResponseURL": url, "StackId": c.stack.ID, "RequestId": eventIDOf(token),
		"LogicalResourceId": c.logical, "ResourceType": c.kind, "ServiceToken": service, "ResourceProperties": textual(props)}
	if kind != "Create" {
		event["PhysicalResourceId"] = c.physical
	}
	if kind == "Update" {
		event["OldResourceProperties"] = textual(c.old)
	}
	failed := make(chan error, 1)
	if found, err := c.answers(token); err != nil {
		return err
	} else if len(found) == 0 {
		go func() { failed <- c.ask(service, event) }()
	}
	limit := customTimeout
	if t := c.text("ServiceTimeout"); t != "" {
		n, err := strconv.Atoi(t)
		if err != nil || n < 1 || n > 3600 {
			return &PropertyError{"ServiceTimeout", "want 1 to 3600 seconds"}
		}
		limit = time.Duration(n) * time.Second
	}
	a, err := c.await(token, limit, failed)
	if err != nil {
		return err
	}
	if err := c.s.opt.Store.CloseSignal(c.ctx, token); err != nil {
		return err
	}
	return c.answered(kind, a)
}

// answered takes over what a custom resource has answered.
func (c *call) answered(kind string, a answer) error {
	if kind == "Create" {
		c.physical = a.PhysicalResourceId
		if c.physical == "" {
			c.physical = c.generate(naming{})
		}
	}
	if a.Status != "SUCCESS" {
		why := a.Reason
		if why == "" {
			why = "no reason was given"
		}
		return sayf("Received response status [FAILED] from custom resource. Message returned: %s (RequestId: %s)", why, eventIDOf(c.secret()))
	}
	if kind == "Delete" {
		return nil
	}
	if a.PhysicalResourceId != "" {
		c.physical = a.PhysicalResourceId
	}
	c.attrs, _ = a.Data.(map[string]any)
	return nil
}

// eventIDOf writes a token as a UUID: the request id.
func eventIDOf(token string) string {
	sum := sha256.Sum256([]byte("request/" + token))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// textual writes numbers and truth values as text, as custom resources get
// them.
func textual(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, w := range v {
			out[k] = textual(w)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, w := range v {
			out[i] = textual(w)
		}
		return out
	case nil:
		return nil
	}
	return scalarText(v)
}

// ask sends the event to a function or a topic.
func (c *call) ask(service string, event map[string]any) error {
	own := *c // it runs beside the wait
	if strings.HasPrefix(service, "arn:aws:sns:") {
		message := jsonText(event)
		_, err := own.do("sns", "Publish", map[string]any{"TopicArn": service, "Message": message, "Subject": "AWS CloudFormation custom resource request"})
		return err
	}
	payload := base64.StdEncoding.EncodeToString([]byte(jsonText(event)))
	var failure string
	for range 3 {
		out, err := own.do("lambda", "Invoke", map[string]any{"FunctionName": service, "InvocationType": "RequestResponse", "Payload": payload})
		if err != nil {
			return err
		}
		if get(out, "FunctionError") == "" {
			return nil
		}
		text, _ := base64.StdEncoding.DecodeString(get(out, "Payload"))
		failure = string(text)
		if found, err := own.answers(own.secret()); err == nil && len(found) > 0 {
			return nil // it failed after its answer
		}
	}
	return fmt.Errorf("the function %s failed without an answer: %s", service, failure)
}

func (c *call) answers(token string) ([]answer, error) {
	bodies, err := c.s.opt.Store.Signals(c.ctx, token)
	if err != nil {
		return nil, err
	}
	var out []answer
	for _, b := range bodies {
		var a answer
		if err := json.Unmarshal(b, &a); err != nil {
			a = answer{Status: "FAILED", Reason: "Invalid response: " + err.Error()}
		}
		out = append(out, a)
	}
	return out, nil
}

// await waits for the first answer.
func (c *call) await(token string, limit time.Duration, failed <-chan error) (answer, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		next := c.s.signalled(token)
		found, err := c.answers(token)
		if err != nil {
			return answer{}, err
		}
		if len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-next:
		case err := <-failed:
			if err != nil {
				return answer{}, err
			}
			failed = nil // asked; the answer may come later
		case <-timer.C:
			return answer{}, sayf("CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [%s]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.", eventIDOf(token))
		case <-c.cancelled:
			return answer{}, errCancelled
		case <-c.ctx.Done():
			return answer{}, c.ctx.Err()
		}
	}
}

func waitCondition(c *call) error {
	count, seconds := 1, 0
	var err error
	if t := c.text("Count"); t != "" {
		if count, err = strconv.Atoi(t); err != nil || count < 1 {
			return &PropertyError{"Count", "want a whole number of at least 1"}
		}
	}
	if seconds, err = strconv.Atoi(c.text("Timeout")); err != nil || seconds < 0 || seconds > 43200 {
		return &PropertyError{"Timeout", "want 0 to 43200 seconds"}
	}
	handle := c.text("Handle")
	token := handle[strings.LastIndexByte(handle, '/')+1:]
	c.physical = c.generate(naming{})
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timer.Stop()
	for {
		next := c.s.signalled(token)
		found, err := c.answers(token)
		if err != nil {
			return err
		}
		data := map[string]any{}
		for _, a := range found {
			if a.Status != "SUCCESS" {
				return sayf("WaitCondition received failed message: '%s' for uniqueId: %s", a.Reason, a.UniqueId)
			}
			data[a.UniqueId] = scalarText(a.Data)
		}
		if len(data) >= count {
			c.attrs = map[string]any{"Data": jsonText(data)}
			return nil
		}
		select {
		case <-next:
		case <-timer.C:
			return sayf("WaitCondition timed out. Received %d conditions when expecting %d", len(data), count)
		case <-c.cancelled:
			return errCancelled
		case <-c.ctx.Done():
			return c.ctx.Err()
		}
	}
}
