package template

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/internal/value"
)

// world is a resolver whose answers show the question.
type world struct{}

func (world) Ref(id string) (value.Value, error)         { return "ref-" + id, nil }
func (world) GetAtt(id, att string) (value.Value, error) { return id + "/" + att, nil }
func (world) ImportValue(name string) (string, error) {
	if name == "absent" {
		return "", fmt.Errorf("No export named absent found.")
	}
	return "import-" + name, nil
}
func (world) AvailabilityZones(region string) ([]string, error) {
	return []string{region + "a", region + "b"}, nil
}
func (world) Parameter(name, version string, secure bool) (string, error) {
	return fmt.Sprintf("p-%s-%s-%v", name, version, secure), nil
}
func (world) Secret(id, stage, version string) (string, error) {
	return `{"user":"u-` + id + stage + version + `","n":5}`, nil
}

var pseudo = Pseudo{AccountID: "000000000000", Region: "us-east-1", StackName: "retail", StackID: "arn:stack"}

func bind(t *testing.T, text string, values map[string]string) *Bound {
	t.Helper()
	tmpl, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := tmpl.Bind(Inputs{Values: values, Pseudo: pseudo, Resolver: world{}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// one evaluates the property P of a template's resource R.
func one(t *testing.T, expression string) (string, error) {
	t.Helper()
	text := `
Parameters:
  Text: {Type: String, Default: hello}
  Count: {Type: Number, Default: 5}
  List: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Password: {Type: String, NoEcho: true, Default: Secret#1}
Mappings:
  Region:
    us-east-1: {Image: ami-1, Many: [x, y]}
Conditions:
  IsHello: !Equals [!Ref Text, hello]
  IsNot: !Not [!Condition IsHello]
Resources:
  Other: {Type: 'AWS::SNS::Topic'}
  R:
    Type: AWS::SNS::Topic
    Properties:
      P: ` + strings.ReplaceAll(expression, "\n", "\n      ") + "\n"
	tmpl, err := Parse([]byte(text))
	if err != nil {
		return "", err
	}
	b, err := tmpl.Bind(Inputs{Pseudo: pseudo})
	if err != nil {
		return "", err
	}
	o, err := b.Properties(tmpl.Resource("R"), world{})
	if err != nil {
		return "", err
	}
	v, ok := o.Get("P")
	if !ok {
		return "absent", nil
	}
	return value.Text(v), nil
}

func TestFunctions(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`!Ref Text`, `"hello"`},
		{`!Ref Count`, `"5"`},
		{`!Ref List`, `["a","b","c"]`},
		{`!Ref Other`, `"ref-Other"`},
		{`{Ref: AWS::Region}`, `"us-east-1"`},
		{`!Ref AWS::NoValue`, `absent`},
		{`[a, !Ref 'AWS::NoValue', b]`, `["a","b"]`},
		{`!GetAtt Other.Arn`, `"Other/Arn"`},
		{`!GetAtt Other.Endpoint.Address`, `"Other/Endpoint.Address"`},
		{`!GetAtt [Other, Endpoint.Port]`, `"Other/Endpoint.Port"`},
		{`{"Fn::GetAtt": Other.TopicName}`, `"Other/TopicName"`},
		{`!GetAtt [Other, !Ref Text]`, `"Other/hello"`},
		{`!Sub 'a ${Text} ${AWS::StackName} ${Other} ${Other.Arn} ${!Literal} $${Count} ${open'`, `"a hello retail ref-Other Other/Arn ${Literal} $5 ${open"`},
		{"!Sub\n  - '${A}-${Text}-${B.C}'\n  - A: !Ref Count\n    B.C: dotted", `"5-hello-dotted"`},
		{`!Join ['-', [a, !Ref Text, 3, true]]`, `"a-hello-3-true"`},
		{`!Join [',', !Ref List]`, `"a,b,c"`},
		{`!Select [1, !Ref List]`, `"b"`},
		{`!Select ['0', !GetAZs '']`, `"us-east-1a"`},
		{`!Select [2, !Split [':', !GetAtt Other.A:B:C]]`, `"C"`},
		{`!If [IsHello, 1, 2]`, `1`},
		{`!If [IsNot, 1, !Ref AWS::NoValue]`, `absent`},
		{`!If [IsHello, {A: !Ref Text}, x]`, `{"A":"hello"}`},
		{`!FindInMap [Region, !Ref 'AWS::Region', Image]`, `"ami-1"`},
		{`!FindInMap [Region, us-east-1, Many]`, `["x","y"]`},
		{`!ImportValue x`, `"import-x"`},
		{"\n  Fn::ImportValue: !Sub '${AWS::StackName}-x'", `"import-retail-x"`},
		{`!Base64 hello`, `"aGVsbG8="`},
		{"\n  Fn::Base64: !Sub '${Text}'", `"aGVsbG8="`},
		{`!Cidr ['10.0.0.0/16', 3, 8]`, `["10.0.0.0/24","10.0.1.0/24","10.0.2.0/24"]`},
		{`!Cidr ['2001:db8::/56', '2', '64']`, `["2001:db8::/64","2001:db8:0:1::/64"]`},
		{`!GetAZs eu-west-1`, `["eu-west-1a","eu-west-1b"]`},
		{`'{{resolve:ssm:/a/b:3}}'`, `"p-/a/b-3-false"`},
		{`'x{{resolve:ssm-secure:/a/b}}y{{resolve:ssm:c}}'`, `"xp-/a/b--trueyp-c--false"`},
		{`'{{resolve:secretsmanager:db:SecretString:user}}'`, `"u-db"`},
		{`'{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:db-x:SecretString:n}}'`, `"5"`},
		{`!Join ['', ['{{resolve:secretsmanager:', !Ref Text, ':SecretString:user:AWSCURRENT}}']]`, `"u-helloAWSCURRENT"`},
		// The types of YAML 1.1.
		{`2010-10-10`, `"2010-10-10"`},
		{`2001-12-14t21:59:43.10-05:00`, `"2001-12-14t21:59:43.10-05:00"`},
		{`[yes, No, on, OFF, y, n, true]`, `[true,false,true,false,"y","n",true]`},
		{`[010, 0o10, 0x1F, 1_000, 08, +7, -0]`, `[8,"0o10",31,1000,"08",7,0]`},
		{`[1.10, 1e3, 1.5e+3, .5, 1., 1:30, 12.3.4, 1.0]`, `[1.1,"1e3",1500.0,0.5,1.0,90,"12.3.4",1.0]`},
		{`[!!str 5, !!int "5", "5", '5']`, `["5",5,"5","5"]`},
		{"|\n  a\n    b\n\n  c", `"a\n  b\n\nc\n"`},
		{">-\n  a\n  b\n\n  c", `"a b\nc"`},
		{"\"a\\tb\\x41\\u00e9 \\\n   c\n   d\"", `"a\tbAé c d"`},
	} {
		got, err := one(t, c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
		} else if got != c.want {
			t.Errorf("%s\n got %s; want %s", c.in, got, c.want)
		}
	}
}

func TestFunctionErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`!Ref Othr`, `Template format error: Unresolved resource dependencies [Othr] in the Resources block of the template (line 18, column 10: /Resources/R/Properties/P): did you mean "Other"?`},
		{`!GetAtt Nope.Arn`, `Template error: instance of Fn::GetAtt references undefined resource Nope (line 18, column 10: /Resources/R/Properties/P)`},
		{`!GetAtt Nope`, getAttForm},
		{`!Sub '${Nope.Arn}'`, `Template error: instance of Fn::Sub references invalid resource attribute Nope.Arn`},
		{`!Sub '${var:-x}'`, subNames},
		{`!Sub '${List}'`, `Template error: variable List in Fn::Sub expression does not resolve to a string`},
		{`!Sub [a, b, c]`, subArguments},
		{`!Join [a]`, joinForm},
		{`!Join ['', abc]`, joinForm},
		{`!Select [9, !Ref List]`, `Template error: Fn::Select cannot select nonexistent value at index 9`},
		{`!If [Maybe, 1, 2]`, `Template error: unresolved condition dependency Maybe in the Resources block of the template`},
		{`!If [IsHello, 1]`, ifForm},
		{`!FindInMap [Region, eu-west-1, Image]`, `Template error: Unable to get mapping for Region::eu-west-1::Image`},
		{`!FindInMap [Nope, a, b]`, `Template error: Mapping named 'Nope' is not present in the 'Mappings' section of template.`},
		{`!ImportValue absent`, `No export named absent found.`},
		{`!Equals [a, b]`, `Template error: Fn::Equals can only be used in the Conditions block of the template`},
		{`!Transform {Name: AWS::Include}`, `Fn::Transform is not implemented`},
		{`!Length [a]`, `Template error: Fn::Length needs the transform AWS::LanguageExtensions`},
		{`~`, `[/Resources/R/Properties/P] 'null' values are not allowed in templates`},
		{`!Bogus x`, `Template format error: YAML not well-formed. (line 18, column 10): no function has the tag "!Bogus"`},
		{`!Ref R`, `Circular dependency between resources: [R]`},
		{"{A: &x 1, B: *x}", `Template format error: YAML aliases are not allowed in CloudFormation templates`},
		{"{A: 1, A: 2}", `the key "A" is there twice`},
		{"a: b: c", `(line 18, column`},
		{"\"open", `the quotes do not end`},
		{"[1, 2", `(line`},
		{strings.Repeat("[", 300), `nested deeper than 200`},
		{`'{{resolve:ssm}}'`, `Incorrect format is used in the following SSM reference: [{{resolve:ssm}}]`},
		{`'{{resolve:vault:x}}'`, `unknown service vault`},
	} {
		got, err := one(t, c.in)
		if err == nil {
			t.Errorf("%s: got %s; want the error %s", c.in, got, c.want)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.in, err, c.want)
		}
	}
}

// The published kind of template: its forms, in our own text.
const etl = `
AWSTemplateFormatVersion: 2010-09-09
Description: A job with its queue
Parameters:
  ClusterType: {Type: String, Default: single-node, AllowedValues: [single-node, multi-node]}
  NumberOfNodes: {Type: Number, Default: '1'}
  MasterUserPassword:
    NoEcho: 'true'
    Type: String
    Default: Password#123
    AllowedPattern: '^(?=.*?[A-Z])(?=.*?[a-z])(?=.*?[0-9])(?=.*?[#?!@$%^&*-]).{8,}$'
  InboundTraffic:
    Type: String
    Default: 0.0.0.0/0
    MinLength: '9'
    MaxLength: '18'
    AllowedPattern: '(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})/(\d{1,2})'
    ConstraintDescription: must be a valid IP CIDR range of the form x.x.x.x/x.
Conditions:
  IsMultiNodeCluster: !Equals [!Ref ClusterType, multi-node]
Resources:
  JobDefinition:
    Type: AWS::Batch::JobDefinition
    DependsOn: Cluster
    Metadata: {'AWS::CloudFormation::Designer': {id: !Foo.bar x}}
    Properties:
      ContainerProperties:
        JobRoleArn: !Ref Role
        Environment:
          - {Name: DATASET_DATE, Value: 2010-10-10}
          - Name: REDSHIFT_ENDPOINT
            Value: !GetAtt Cluster.Endpoint.Address
          - Name: REDSHIFT_PASSWORD
            Value: !Ref MasterUserPassword
  Role: {Type: AWS::IAM::Role, Description: misplaced}
  Cluster:
    Type: AWS::Redshift::Cluster
    DependsOn: [Role]
    DeletionPolicy: Retain
    Properties:
      NumberOfNodes: !If [IsMultiNodeCluster, !Ref NumberOfNodes, !Ref AWS::NoValue]
      Port: 5439
Outputs:
  Endpoint:
    Value: !Join [':', [!GetAtt Cluster.Endpoint.Address, !GetAtt Cluster.Endpoint.Port]]
    Export: {Name: !Sub '${AWS::StackName}-endpoint'}
  Input:
    Description: of an execution
    Value: !Sub
      - |
        {"jobDefinition": "${jobDefinition}", "secret": "${MasterUserPassword}"}
      - {jobDefinition: !Ref JobDefinition}
`

func TestWhole(t *testing.T) {
	text := strings.Replace(etl, "!Foo.bar x", "x", 1)
	b := bind(t, text, map[string]string{"MasterUserPassword": "Warehouse-1"})
	r := b.Template().Resource("JobDefinition")
	got, err := b.Properties(r, world{})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ContainerProperties":{"JobRoleArn":"ref-Role","Environment":[{"Name":"DATASET_DATE","Value":"2010-10-10"},{"Name":"REDSHIFT_ENDPOINT","Value":"Cluster/Endpoint.Address"},{"Name":"REDSHIFT_PASSWORD","Value":"Warehouse-1"}]}}`
	if diff := cmp.Diff(want, value.Text(got)); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	shown, err := b.MaskedProperties(r, world{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(want, "Warehouse-1", "****"), value.Text(shown)); diff != "" {
		t.Errorf("masked properties (-want +got):\n%s", diff)
	}
	if got, want := b.Redact("bad password Warehouse-1!"), "bad password ****!"; got != want {
		t.Errorf("Redact: got %q; want %q", got, want)
	}
	cluster := b.Template().Resource("Cluster")
	if got, _ := b.Properties(cluster, world{}); value.Text(got) != `{"Port":5439}` {
		t.Errorf("got %s; want no NumberOfNodes", value.Text(got))
	}
	if p, err := b.Policy(cluster.DeletionPolicy); p != "Retain" || err != nil {
		t.Errorf("policy: got %q, %v; want Retain", p, err)
	}
	var order []string
	for _, r := range b.Order() {
		order = append(order, r.ID)
	}
	if diff := cmp.Diff([]string{"Role", "Cluster", "JobDefinition"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{"Role": {}, "Cluster": {"Role"}, "JobDefinition": {"Cluster", "Role"}}, b.Dependencies()); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	out, err := b.Outputs(world{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]BoundOutput{
		{Name: "Endpoint", Value: "Cluster/Endpoint.Address:Cluster/Endpoint.Port", Export: "retail-endpoint"},
		{Name: "Input", Description: "of an execution", Value: `{"jobDefinition": "ref-JobDefinition", "secret": "Warehouse-1"}` + "\n"},
	}, out); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if p := b.Parameters()[2]; p.Value != "****" || *p.Default != "Password#123" {
		t.Errorf("got %q; want the password masked", p.Value)
	}
}

func TestValues(t *testing.T) {
	tmpl, err := Parse([]byte(strings.Replace(etl, "!Foo.bar x", "x", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, value, want string }{
		{"ClusterType", "huge", "Parameter 'ClusterType' must be one of AllowedValues"},
		{"NumberOfNodes", "two", "Parameter 'NumberOfNodes' must be a number."},
		{"MasterUserPassword", "weak", "Parameter 'MasterUserPassword' must match pattern ^(?="},
		{"InboundTraffic", "10.0.0.0/8 ", "Parameter InboundTraffic failed to satisfy constraint: must be a valid IP CIDR range of the form x.x.x.x/x."},
		{"InboundTraffic", "1/8", "failed to satisfy constraint"},
		{"Nope", "x", "Parameters: [Nope] do not exist in the template"},
	} {
		_, err := tmpl.Bind(Inputs{Values: map[string]string{c.name: c.value}, Pseudo: pseudo})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: got %v; want %s", c.name, c.value, err, c.want)
		}
	}
}

func TestTemplateErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, `Template format error: unsupported structure.`},
		{`just text`, `Template format error: unsupported structure.`},
		{`{"Resources": `, `Template format error: JSON not well-formed. (line 1, column 15)`},
		{"{\n \"Resources\": {},\n \"Resources\": {}}", `Template format error: JSON not well-formed. (line 3, column 2): the key "Resources" is there twice`},
		{`Resources: {}`, `Template format error: At least one Resources member must be defined.`},
		{"Resorces: {}\nOther: 1", `Invalid template property or properties [Resorces, Other]`},
		{"Resources:\n  a-b: {Type: X}", `Template format error: Resource name a-b is non alphanumeric.`},
		{"Resources:\n  A: {Typ: X}", `Invalid template resource property 'Typ' (line 2, column 12: /Resources/A/Typ): resource "A"; properties stand below Properties`},
		{"Resources:\n  A: {Type: X, DependsOn: B}", `Unresolved resource dependencies [B] in the Resources block`},
		{"Resources:\n  A: {Type: X, Condition: B}", `Template format error: Unresolved condition dependency B in the Resources block of the template`},
		{"Resources:\n  A: {Type: X, DeletionPolicy: Keep}", `Template format error: Unrecognized DeletionPolicy Keep for resource A`},
		{"Resources:\n  A: {Type: X}\nOutputs:\n  O: {Value: !Ref B}", `Unresolved resource dependencies [B] in the Outputs block of the template`},
		{"Resources:\n  A: {Type: X}\nOutputs:\n  O: {Value: [1]}", `The Value field of every Outputs member must evaluate to a String and not a List.`},
		{"Parameters:\n  P: {Type: Text}\nResources:\n  A: {Type: X}", `Template format error: Unrecognized parameter type: Text`},
		{"Parameters:\n  P: {Default: x}\nResources:\n  A: {Type: X}", `Every Parameters object must contain a Type member.`},
		{"Parameters:\n  P: {Type: String, AllowedPattern: '('}\nResources:\n  A: {Type: X}", `AllowedPattern is not a valid regular expression`},
		{"Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources:\n  A: {Type: X}", `Circular dependencies between conditions: [A, B]`},
		{"Conditions:\n  A: !Equals [!Ref R, x]\nResources:\n  R: {Type: X}", `Unresolved dependencies [R]. Cannot reference resources in the Conditions block of the template`},
		{"Transform: Foo\nResources:\n  R: {Type: X}", `No transform named Foo found.`},
		{"Resources:\n\tR: {Type: X}", `a tab cannot indent`},
		{"Resources:\n  R:\n    Type: X\n   Properties: {}", `(line 4, column 4)`},
		{"Resources:\n  R:\n    <<: {a: b}", `CloudFormation does not support merge keys`},
		{"AWSTemplateFormatVersion: 2011-01-01\nResources:\n  R: {Type: X}", `Unsupported template format version`},
	} {
		_, err := Parse([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\n got %v\nwant %s", c.in, err, c.want)
		}
	}
}

func TestCycle(t *testing.T) {
	tmpl, err := Parse([]byte("Resources:\n  A: {Type: X, DependsOn: B}\n  B: {Type: X, Properties: {P: !Sub '${C.Arn}'}}\n  C: {Type: X, Properties: {P: !Ref A}}\n  D: {Type: X, DependsOn: A}"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = tmpl.Bind(Inputs{})
	want := "Circular dependency between resources: [A, B, C] (line 2, column 6: /Resources/A): A needs B, B needs C, C needs A"
	if err == nil || err.Error() != want {
		t.Errorf("got %v; want %s", err, want)
	}
}

func TestLimits(t *testing.T) {
	var s strings.Builder
	s.WriteString("Resources:\n")
	for i := range 501 {
		fmt.Fprintf(&s, "  R%d: {Type: X}\n", i)
	}
	_, err := Parse([]byte(s.String()))
	if want := "Template format error: Number of resources, 501, is greater than maximum allowed, 500"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v; want %s", err, want)
	}
	if _, err := Parse(slices.Repeat([]byte(" "), MaxBody+1)); err == nil {
		t.Error("a template of more than 1 MB passed")
	}
}
