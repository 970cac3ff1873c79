package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"salamander/internal/awsmodel"
)

// An answers selection names a service whose answers are kept to judge mocked
// results of tasks.
type answers struct {
	sdk string // the service's name in SDK integrations
	dir string // below botocore/data
}

// outputs lists the services that tasks call most and that have no table of
// their own, or one without all operations.
func outputs() []answers {
	var all []answers
	for _, line := range strings.Split(strings.TrimSpace(outputServices), "\n") {
		sdk, dir, _ := strings.Cut(line, " ")
		all = append(all, answers{sdk, dir})
	}
	return all
}

const outputServices = `
account account/2021-02-01
acm acm/2015-12-08
apigateway apigateway/2015-07-09
apigatewaymanagementapi apigatewaymanagementapi/2018-11-29
appconfig appconfig/2019-10-09
applicationautoscaling application-autoscaling/2016-02-06
appsync appsync/2017-07-25
athena athena/2017-05-18
autoscaling autoscaling/2011-01-01
backup backup/2018-11-15
bedrock bedrock/2023-04-20
bedrockagent bedrock-agent/2023-06-05
bedrockagentruntime bedrock-agent-runtime/2023-07-26
bedrockruntime bedrock-runtime/2023-09-30
cloudformation cloudformation/2010-05-15
cloudfront cloudfront/2020-05-31
cloudtrail cloudtrail/2013-11-01
cloudwatch cloudwatch/2010-08-01
cloudwatchlogs logs/2014-03-28
codeartifact codeartifact/2018-09-22
codebuild codebuild/2016-10-06
codecommit codecommit/2015-04-13
codedeploy codedeploy/2014-10-06
codepipeline codepipeline/2015-07-09
cognitoidentityprovider cognito-idp/2016-04-18
comprehend comprehend/2017-11-27
configservice config/2014-11-12
connect connect/2017-08-08
costexplorer ce/2017-10-25
databasemigrationservice dms/2016-01-01
databrew databrew/2017-07-25
datasync datasync/2018-11-09
dax dax/2017-04-19
docdb docdb/2014-10-31
dynamodb dynamodb/2012-08-10
dynamodbstreams dynamodbstreams/2012-08-10
ebs ebs/2019-11-02
ec2 ec2/2016-11-15
ecr ecr/2015-09-21
ecs ecs/2014-11-13
efs efs/2015-02-01
eks eks/2017-11-01
elasticache elasticache/2015-02-02
elasticloadbalancingv2 elbv2/2015-12-01
emr emr/2009-03-31
emrcontainers emr-containers/2020-10-01
emrserverless emr-serverless/2021-07-13
firehose firehose/2015-08-04
fis fis/2020-12-01
fsx fsx/2018-03-01
glue glue/2017-03-31
iam iam/2010-05-08
kafka kafka/2018-11-14
kendra kendra/2019-02-03
kinesis kinesis/2013-12-02
kms kms/2014-11-01
lakeformation lakeformation/2017-03-31
lambda lambda/2015-03-31
mediaconvert mediaconvert/2017-08-29
mq mq/2017-11-27
neptune neptune/2014-10-31
opensearch opensearch/2021-01-01
opensearchserverless opensearchserverless/2021-11-01
organizations organizations/2016-11-28
personalize personalize/2018-05-22
pipes pipes/2015-10-07
polly polly/2016-06-10
ram ram/2018-01-04
rds rds/2014-10-31
rdsdata rds-data/2018-08-01
redshift redshift/2012-12-01
redshiftserverless redshift-serverless/2021-04-21
rekognition rekognition/2016-06-27
resourcegroups resource-groups/2017-11-27
resourcegroupstaggingapi resourcegroupstaggingapi/2017-01-26
route53 route53/2013-04-01
s3 s3/2006-03-01
s3control s3control/2018-08-20
s3tables s3tables/2018-05-10
sagemaker sagemaker/2017-07-24
sagemakerruntime sagemaker-runtime/2017-05-13
schemas schemas/2019-12-02
servicediscovery servicediscovery/2017-03-14
ses ses/2010-12-01
sesv2 sesv2/2019-09-27
ssm ssm/2014-11-06
sts sts/2011-06-15
textract textract/2018-06-27
timestreamquery timestream-query/2018-11-01
timestreamwrite timestream-write/2018-11-01
transcribe transcribe/2017-10-26
transfer transfer/2018-11-05
translate translate/2017-07-01
wafv2 wafv2/2019-07-29
xray xray/2016-04-12
`

// generateOutputs returns the table of the answers of one service.
func generateOutputs(models, version string, a answers) ([]byte, error) {
	m, err := readModel(filepath.Join(models, "data", a.dir, "service-2.json.gz"))
	if err != nil {
		return nil, err
	}
	id, _ := m.Metadata["serviceId"].(string)
	if sdk := strings.ToLower(strings.ReplaceAll(id, " ", "")); sdk != a.sdk {
		return nil, fmt.Errorf("%s is called %s in SDK integrations, not %s", a.dir, sdk, a.sdk)
	}
	t := awsmodel.OutputTable{Source: "botocore " + version + " " + a.dir, Operations: map[string]string{}, Shapes: map[string]awsmodel.OutputTableShape{}}
	used := map[string]bool{}
	for name, o := range m.Operations {
		t.Operations[name] = ""
		if o.Output != nil {
			t.Operations[name] = o.Output.Shape
			m.use(used, o.Output.Shape)
		}
	}
	for name := range used {
		t.Shapes[name] = m.Shapes[name].output()
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// output keeps of a shape what judges a value of it.
func (sh shape) output() awsmodel.OutputTableShape {
	t := awsmodel.OutputTableShape{Type: sh.Type, Required: sh.Required, Enum: sh.Enum}
	switch sh.Type {
	case "integer", "long", "float", "double":
		t.Min, t.Max = sh.Min, sh.Max
	}
	for _, m := range sh.Members {
		t.Members = append(t.Members, [2]string{m.Name, m.Shape})
	}
	if sh.Member != nil {
		t.Elem = sh.Member.Shape
	}
	if sh.Key != nil {
		t.Value = sh.Value.Shape
	}
	return t
}
