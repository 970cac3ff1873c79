package batch

import (
	"strings"
	"testing"
)

func TestSchedulingPolicies(t *testing.T) {
	w := ready(t)
	const ref = prefix + "scheduling-policy/fair"
	w.has(w.must("CreateSchedulingPolicy", `{"name":"fair","fairsharePolicy":{"shareDecaySeconds":3600,
		"shareDistribution":[{"shareIdentifier":"a*","weightFactor":0.5},{"shareIdentifier":"b"}]},"tags":{"team":"etl"}}`), `{"name":"fair","arn":"`+ref+`"}`)
	w.must("CreateSchedulingPolicy", `{"name":"other"}`)
	w.refused("CreateSchedulingPolicy", `{"name":"fair"}`, "ClientException", "Object already exists")
	w.refused("CreateSchedulingPolicy", `{"name":"x","fairsharePolicy":{"computeReservation":50}}`, "NotImplementedException", "computeReservation")
	w.refused("CreateSchedulingPolicy", `{"name":"x","fairsharePolicy":{"shareDecaySeconds":604801}}`, "ClientException", "shareDecaySeconds")
	w.refused("CreateSchedulingPolicy", `{"name":"x","fairsharePolicy":{"shareDistribution":[{"shareIdentifier":"a","weightFactor":0}]}}`, "ClientException", "weightFactor")
	w.has(get(w.must("DescribeSchedulingPolicies", `{"arns":["`+ref+`","`+prefix+`scheduling-policy/none"]}`), "schedulingPolicies", 0),
		`{"name":"fair","arn":"`+ref+`","fairsharePolicy":{"shareDecaySeconds":3600,"computeReservation":0,
		"shareDistribution":[{"shareIdentifier":"a*","weightFactor":0.5},{"shareIdentifier":"b","weightFactor":1}]},"tags":{"team":"etl"}}`)
	page := w.must("ListSchedulingPolicies", `{"maxResults":1}`)
	if got := names(page, "schedulingPolicies", "arn"); got != ref || page["nextToken"] == nil {
		t.Errorf("first page: %v", page)
	}
	w.must("TagResource", `{"resourceArn":"`+ref+`","tags":{"more":"1"}}`)
	w.has(w.must("ListTagsForResource", `{"resourceArn":"`+ref+`"}`), `{"tags":{"team":"etl","more":"1"}}`)

	queue := strings.NewReplacer(`"jobQueueName":"refresh"`, `"jobQueueName":"shared","schedulingPolicyArn":"`+ref+`"`).Replace(jobQueue)
	w.must("CreateJobQueue", queue)
	w.has(get(w.must("DescribeJobQueues", `{"jobQueues":["shared"]}`), "jobQueues", 0), `{"jobQueueName":"shared","schedulingPolicyArn":"`+ref+`"}`)
	w.refused("CreateJobQueue", strings.ReplaceAll(queue, "policy/fair", "policy/none"), "ClientException", "policy/none does not exist")
	w.refused("UpdateJobQueue", `{"jobQueue":"refresh","schedulingPolicyArn":"`+ref+`"}`, "ClientException", "cannot be added")
	w.refused("DeleteSchedulingPolicy", `{"arn":"`+ref+`"}`, "ClientException", "job queue shared has it")

	w.refused("SubmitJob", `{"jobName":"a","jobQueue":"refresh","jobDefinition":"fetch","shareIdentifier":"a1"}`, "ClientException", "has no scheduling policy")
	w.refused("SubmitJob", `{"jobName":"a","jobQueue":"shared","jobDefinition":"fetch"}`, "ClientException", "shareIdentifier must be specified")
	id := w.must("SubmitJob", `{"jobName":"a","jobQueue":"shared","jobDefinition":"fetch","shareIdentifier":"a1","schedulingPriorityOverride":7}`)["jobId"].(string)
	w.has(get(w.must("DescribeJobs", `{"jobs":["`+id+`"]}`), "jobs", 0), `{"shareIdentifier":"a1","schedulingPriority":7}`)

	w.must("UpdateSchedulingPolicy", `{"arn":"`+ref+`","fairsharePolicy":{"shareDistribution":[{"shareIdentifier":"c"}]}}`)
	w.has(get(w.must("DescribeSchedulingPolicies", `{"arns":["`+ref+`"]}`), "schedulingPolicies", 0, "fairsharePolicy"),
		`{"shareDecaySeconds":0,"shareDistribution":[{"shareIdentifier":"c","weightFactor":1}]}`)
	w.must("UpdateJobQueue", `{"jobQueue":"shared","schedulingPolicyArn":"`+prefix+`scheduling-policy/other"}`)
	w.must("DeleteSchedulingPolicy", `{"arn":"`+ref+`"}`)
	w.refused("DeleteSchedulingPolicy", `{"arn":"`+ref+`"}`, "ClientException", "does not exist")
}
