package stack

import (
	"slices"
	"strings"
)

// attributesFor returns the attributes that resources of a type have, without
// what follows a dot; none where they are not known before a resource is made,
// as those of nested stacks and custom resources.
func attributesFor(resourceType string) []string {
	return strings.Fields(map[string]string{
		"AWS::Batch::ComputeEnvironment":          "ComputeEnvironmentArn",
		"AWS::Batch::JobDefinition":               "JobDefinitionArn",
		"AWS::Batch::JobQueue":                    "JobQueueArn",
		"AWS::Batch::SchedulingPolicy":            "Arn",
		"AWS::EC2::EIP":                           "AllocationId PublicIp",
		"AWS::EC2::InternetGateway":               "InternetGatewayId",
		"AWS::EC2::NatGateway":                    "NatGatewayId",
		"AWS::EC2::NetworkAcl":                    "Id VpcId",
		"AWS::EC2::RouteTable":                    "RouteTableId VpcId",
		"AWS::EC2::SecurityGroup":                 "GroupId Id VpcId GroupName",
		"AWS::EC2::SecurityGroupEgress":           "Id",
		"AWS::EC2::SecurityGroupIngress":          "Id",
		"AWS::EC2::Subnet":                        "SubnetId VpcId CidrBlock AvailabilityZone AvailabilityZoneId NetworkAclAssociationId Ipv6CidrBlocks",
		"AWS::EC2::SubnetNetworkAclAssociation":   "AssociationId",
		"AWS::EC2::SubnetRouteTableAssociation":   "Id",
		"AWS::EC2::VPC":                           "VpcId CidrBlock CidrBlockAssociations DefaultNetworkAcl DefaultSecurityGroup Ipv6CidrBlocks",
		"AWS::EC2::VPCEndpoint":                   "Id CreationTimestamp DnsEntries NetworkInterfaceIds",
		"AWS::Events::EventBus":                   "Arn Name",
		"AWS::Events::Rule":                       "Arn",
		"AWS::IAM::InstanceProfile":               "Arn",
		"AWS::IAM::ManagedPolicy":                 "PolicyArn PolicyId DefaultVersionId IsAttachable",
		"AWS::IAM::Role":                          "Arn RoleId",
		"AWS::Lambda::Alias":                      "AliasArn",
		"AWS::Lambda::Function":                   "Arn",
		"AWS::Lambda::Permission":                 "Id",
		"AWS::Lambda::Version":                    "Version FunctionArn",
		"AWS::Logs::LogGroup":                     "Arn",
		"AWS::Redshift::Cluster":                  "Id Endpoint ClusterNamespaceArn",
		"AWS::S3::Bucket":                         "Arn DomainName DualStackDomainName RegionalDomainName WebsiteURL",
		"AWS::SNS::Subscription":                  "Arn",
		"AWS::SNS::Topic":                         "TopicArn TopicName",
		"AWS::SQS::Queue":                         "Arn QueueName QueueUrl",
		"AWS::SSM::Parameter":                     "Type Value",
		"AWS::Scheduler::Schedule":                "Arn",
		"AWS::Scheduler::ScheduleGroup":           "Arn State",
		"AWS::SecretsManager::Secret":             "Id",
		"AWS::StepFunctions::Activity":            "Arn Name",
		"AWS::StepFunctions::StateMachine":        "Arn Name StateMachineRevisionId",
		"AWS::StepFunctions::StateMachineAlias":   "Arn",
		"AWS::StepFunctions::StateMachineVersion": "Arn",
		"AWS::CloudFormation::WaitCondition":      "Data",
	}[resourceType])
}

// An attributeError is an attribute that a resource's type does not have.
type attributeError struct{ id, attribute string }

// Error is AWS's text.
func (e *attributeError) Error() string {
	return "Template error: resource " + e.id + " does not support attribute type " + e.attribute + " in Fn::GetAtt"
}

// checkAttribute refuses an attribute that resources of a type never have.
func checkAttribute(resourceType, id, attribute string) error {
	known := attributesFor(resourceType)
	first, _, _ := strings.Cut(attribute, ".")
	if len(known) == 0 || slices.Contains(known, first) {
		return nil
	}
	return &attributeError{id, attribute}
}
