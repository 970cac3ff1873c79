package asl

import (
	"slices"
	"strings"
)

// optimized are the optimized integrations of AWS, by service and action, with
// the patterns beside request-response: s for .sync, 2 for .sync:2, t for
// .waitForTaskToken. Every other operation is called by aws-sdk.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
var optimized = map[string]string{
	"apigateway:invoke": "t", "athena:startQueryExecution": "s", "athena:stopQueryExecution": "", "athena:getQueryExecution": "", "athena:getQueryResults": "",
	"batch:submitJob": "s", "bedrock:invokeModel": "", "bedrock:createModelCustomizationJob": "s",
	"codebuild:startBuild": "s", "codebuild:stopBuild": "", "codebuild:batchDeleteBuilds": "", "codebuild:batchGetReports": "",
	"codebuild:startBuildBatch": "s", "codebuild:stopBuildBatch": "", "codebuild:retryBuildBatch": "s", "codebuild:deleteBuildBatch": "",
	"databrew:startJobRun": "s", "dynamodb:getItem": "", "dynamodb:putItem": "", "dynamodb:updateItem": "", "dynamodb:deleteItem": "",
	"ecs:runTask": "st", "eks:createCluster": "s", "eks:deleteCluster": "s", "eks:createFargateProfile": "s", "eks:deleteFargateProfile": "s",
	"eks:createNodegroup": "s", "eks:deleteNodegroup": "s", "eks:runJob": "s", "eks:call": "",
	"elasticmapreduce:createCluster": "s", "elasticmapreduce:setClusterTerminationProtection": "", "elasticmapreduce:terminateCluster": "s",
	"elasticmapreduce:addStep": "s", "elasticmapreduce:cancelStep": "", "elasticmapreduce:modifyInstanceFleetByName": "", "elasticmapreduce:modifyInstanceGroupByName": "",
	"emr-containers:createVirtualCluster": "", "emr-containers:deleteVirtualCluster": "s", "emr-containers:startJobRun": "s",
	"emr-serverless:createApplication": "s", "emr-serverless:startApplication": "s", "emr-serverless:stopApplication": "s",
	"emr-serverless:deleteApplication": "s", "emr-serverless:startJobRun": "s", "emr-serverless:cancelJobRun": "s",
	"events:putEvents": "t", "glue:startJobRun": "s", "http:invoke": "", "lambda:invoke": "t", "mediaconvert:createJob": "s",
	"sagemaker:createEndpoint": "", "sagemaker:createEndpointConfig": "", "sagemaker:createHyperParameterTuningJob": "s", "sagemaker:createLabelingJob": "s",
	"sagemaker:createModel": "", "sagemaker:createProcessingJob": "s", "sagemaker:createTrainingJob": "s", "sagemaker:createTransformJob": "s", "sagemaker:updateEndpoint": "",
	"sns:publish": "t", "sqs:sendMessage": "t", "states:startExecution": "s2t",
}

// recognized reports whether AWS has the integration: an optimized one of the
// table, or any operation of an SDK in its spelling.
func (in Integration) recognized() bool {
	patterns := "t"
	if in.Kind == ServiceTask {
		var ok bool
		if patterns, ok = optimized[in.Service+":"+in.Action]; !ok {
			return false
		}
	} else if in.Service != strings.ToLower(in.Service) || in.Action[0] < 'a' || in.Action[0] > 'z' {
		return false
	}
	need := map[Pattern]string{Sync: "s", Sync2: "2", WaitForToken: "t"}[in.Pattern]
	return strings.Contains(patterns, need)
}

// nearOptimized gives the optimized integration whose name is nearest.
func nearOptimized(in Integration) string {
	var names []string
	for name := range optimized {
		names = append(names, name)
	}
	slices.Sort(names)
	return nearest(in.Service+":"+in.Action, names)
}
