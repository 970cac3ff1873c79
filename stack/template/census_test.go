package template

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/internal/value"
)

// textOf is text, or the JSON of what is no scalar.
func textOf(v value.Value) (string, bool) {
	if s, ok := text(v); ok {
		return s, true
	}
	return value.Text(v), false
}

// What published templates of ETL systems have, in one text of ours: the forms
// of their functions, attributes and sections.
const census = `
AWSTemplateFormatVersion: "2010-09-09"
Metadata:
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - Label: {default: Warehouse}
        Parameters: [Vpc, Schedule]
Parameters:
  Vpc: {Type: AWS::EC2::VPC::Id, Default: vpc-1}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 'subnet-1, subnet-2'}
  Schedule: {Type: String, Default: cron(0 11 ? * MON-FRI *)}
  Ami: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/ami}
  Ports: {Type: List<Number>, Default: '5439,5440', AllowedValues: [5439, 5440]}
  Keys: {Type: CommaDelimitedList, NoEcho: true, Default: 'k1,k2'}
  NetworkStack: {Type: String, Default: network}
  Stage: {Type: String, Default: prod, AllowedValues: [prod, test], ConstraintDescription: prod or test}
Mappings:
  RegionMap:
    us-east-1: {Arch: x86, Zones: [a, b]}
    eu-west-1: {Arch: arm, Zones: [c]}
Conditions:
  IsProd: {'Fn::Equals': [{Ref: Stage}, prod]}
  IsTest: !Not [Condition: IsProd]
  IsIreland: !Equals [!Ref 'AWS::Region', eu-west-1]
  IsX86Prod: !And [!Equals [!FindInMap [RegionMap, !Ref 'AWS::Region', Arch], x86], !Condition IsProd]
  Either: !Or [!Condition IsTest, !Condition IsX86Prod]
Resources:
  Role:
    Type: AWS::IAM::Role
    Metadata: {AWS::CloudFormation::Designer: {id: 123e4567}}
    Description: It stands at the wrong place
    Properties:
      AssumeRolePolicyDocument:
        Version: 2008-10-17
        Statement: [{Sid: '', Effect: Allow, Principal: {Service: !Sub 'states.${AWS::Region}.amazonaws.com'}, Action: ['sts:AssumeRole'], Condition: {StringEquals: {'aws:x': !Ref AWS::AccountId}}}]
  Network: {Type: AWS::CloudFormation::Stack, DeletionPolicy: Retain, Properties: {TemplateURL: !Sub 'https://s3.${AWS::URLSuffix}/x'}}
  Custom: {Type: Custom::Loader, DependsOn: [Role, Network], UpdateReplacePolicy: Delete, Properties: {ServiceToken: !GetAtt Function.Arn}}
  Function:
    Type: AWS::Lambda::Function
    Condition: Either
    Properties:
      Timeout: '25'
      Vpc: !Ref Vpc
      Subnet: {'Fn::Select': [0, {Ref: Subnets}]}
      Second: !Select [1, !Split [',', !Join [',', !Ref Subnets]]]
      Stack: !GetAtt Network.Outputs.VpcId
      Group:
        Fn::ImportValue:
          !Sub '${NetworkStack}-GroupId'
      Zone: !Select [0, !GetAZs ""]
      All: !FindInMap [RegionMap, !Ref AWS::Region, Zones]
      Image: !Ref Ami
      Port: !Select [1, !Ref Ports]
      Key: !Select ["1", !Ref Keys]
      Named: !If [IsTest, !Ref AWS::NoValue, !Join ['', ['arn:', !Ref 'AWS::Partition', ':s3:::', !Ref 'AWS::StackName']]]
      Nested: !If [IsIreland, a, !If [IsProd, b, c]]
      Old: {'Fn::Join': ['-', [{'Fn::GetAtt': [Role, Arn]}, {Ref: 'AWS::StackId'}]]}
      Text: !Sub
        - '{"bucket": "${Bucket}", "role": "${Role}", "arn": "${Role.Arn}", "shell": "${!HOME}"}'
        - Bucket: !ImportValue bucket
Outputs:
  Names: {Value: !Ref Role, Export: {Name: !Join [':', [!Ref 'AWS::StackName', Names]]}}
  Only: {Condition: IsTest, Value: !Ref Function}
`

func TestCensus(t *testing.T) {
	b := bind(t, census, nil)
	var got []string
	for _, r := range b.Order() {
		o, err := b.Properties(r, world{})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.ID)
		if r.ID != "Function" {
			continue
		}
		for _, m := range o.Members() {
			s, _ := textOf(m.Value)
			got = append(got, "  "+m.Key+"="+s)
		}
	}
	want := []string{"Role", "Network", "Function",
		"  Timeout=25", "  Vpc=vpc-1", "  Subnet=subnet-1", "  Second=subnet-2", "  Stack=Network/Outputs.VpcId",
		"  Group=import-network-GroupId", "  Zone=us-east-1a", `  All=["a","b"]`, "  Image=p-/aws/ami--false", "  Port=5440", "  Key=k2",
		"  Named=arn:aws:s3:::retail", "  Nested=b", "  Old=Role/Arn-arn:stack",
		`  Text={"bucket": "import-bucket", "role": "ref-Role", "arn": "Role/Arn", "shell": "${HOME}"}`,
		"Custom"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	out, err := b.Outputs(world{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]BoundOutput{{Name: "Names", Value: "ref-Role", Export: "retail:Names"}}, out); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	shown, err := b.MaskedProperties(b.Template().Resource("Function"), world{})
	if err != nil {
		t.Fatal(err)
	}
	if key, _ := shown.Get("Key"); key != "****" {
		t.Errorf("masked key: got %v; want ****", key)
	}
	for name, want := range map[string]bool{"IsProd": true, "IsTest": false, "IsIreland": false, "IsX86Prod": true, "Either": true} {
		if got := b.Condition(name); got != want {
			t.Errorf("condition %s: got %v; want %v", name, got, want)
		}
	}
	if p := b.Parameters()[3]; p.Value != "/aws/ami" || p.Resolved != "p-/aws/ami--false" {
		t.Errorf("Ami: got %q, %q", p.Value, p.Resolved)
	}
	// In Ireland the architecture is another, and nothing is left of Function.
	tmpl := b.Template()
	ireland := pseudo
	ireland.Region = "eu-west-1"
	_, err = tmpl.Bind(Inputs{Pseudo: ireland, Resolver: world{}})
	want2 := "Template format error: Unresolved resource dependencies [Function] in the Resources block of the template"
	if err == nil || !strings.HasPrefix(err.Error(), want2) || !strings.Contains(err.Error(), `its condition "Either" is false`) {
		t.Errorf("got %v; want %s", err, want2)
	}
}

// The same text in JSON means the same.
func TestJSONIsTheSame(t *testing.T) {
	yaml, err := Parse([]byte(census))
	if err != nil {
		t.Fatal(err)
	}
	json, err := Parse([]byte(yaml.JSON(false)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(yaml.JSON(true), json.JSON(true)); diff != "" {
		t.Errorf("JSON (-yaml +json):\n%s", diff)
	}
}

// What CDK writes: a version to check, and a condition on the region.
func TestCDK(t *testing.T) {
	const text = `{
 "Resources": {"CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:x"}, "Condition": "CDKMetadataAvailable"}},
 "Conditions": {"CDKMetadataAvailable": {"Fn::Or": [{"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "af-south-1"]}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-2"]}]}},
 "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"}},
 "Rules": {"CheckBootstrapVersion": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2", "%s"], {"Ref": "BootstrapVersion"}]}]}, "AssertDescription": "CDK bootstrap stack version 6 required."}]}}
}`
	if b := bind(t, fmt.Sprintf(text, "5"), nil); len(b.Resources()) != 1 {
		t.Errorf("got %d resources; want 1", len(b.Resources()))
	}
	tmpl, err := Parse(fmt.Appendf(nil, text, "p-/cdk-bootstrap/x/version--false"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tmpl.Bind(Inputs{Pseudo: pseudo, Resolver: world{}}); err == nil || !strings.Contains(err.Error(), "CDK bootstrap stack version 6 required.") {
		t.Errorf("got %v; want the rule's text", err)
	}
}

func BenchmarkTemplate(b *testing.B) {
	for _, n := range []int{20, 500} {
		var s strings.Builder
		s.WriteString("Parameters:\n  Name: {Type: String, Default: x}\nResources:\n")
		for i := range n {
			fmt.Fprintf(&s, "  R%d:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Sub '${Name}-%d'\n      DisplayName: !Join ['-', [!Ref Name, !GetAtt R%d.Arn]]\n", i, i, max(0, i-1))
			if i == 0 {
				s.Reset()
				s.WriteString("Parameters:\n  Name: {Type: String, Default: x}\nResources:\n  R0: {Type: AWS::SNS::Topic}\n")
			}
		}
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(s.Len()))
			for b.Loop() {
				t, err := Parse([]byte(s.String()))
				if err != nil {
					b.Fatal(err)
				}
				bound, err := t.Bind(Inputs{Pseudo: pseudo})
				if err != nil {
					b.Fatal(err)
				}
				for _, r := range bound.Order() {
					if _, err := bound.Properties(r, world{}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
