package template

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForEach(t *testing.T) {
	text := `
Transform: AWS::LanguageExtensions
Mappings:
  M: {a: {b: c}}
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Success, Failure]
    - 'Topic${Name}':
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Ref Name
          Fn::ForEach::Rest:
            - P
            - [DisplayName]
            - '${P}': !Sub '${Name} of ${AWS::StackName} ${P}'
          Count: !Length [1, 2, 3]
          Json: !ToJsonString {a: [!Ref AWS::Region]}
          Found: !FindInMap [M, a, x, DefaultValue: none]
Outputs:
  Fn::ForEach::Out:
    - Name
    - [Success]
    - 'Out&{Name}': {Value: !Ref 'Topic${Name}'}
`
	b := bind(t, text, nil)
	var got []string
	for _, r := range b.Order() {
		o, err := b.Properties(r, world{})
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, m := range o.Members() {
			s, _ := textOf(m.Value)
			parts = append(parts, m.Key+"="+s)
		}
		got = append(got, r.ID+" "+strings.Join(parts, " "))
	}
	want := []string{
		`TopicSuccess TopicName=Success DisplayName=Success of retail DisplayName Count=3 Json={"a":["us-east-1"]} Found=none`,
		`TopicFailure TopicName=Failure DisplayName=Failure of retail DisplayName Count=3 Json={"a":["us-east-1"]} Found=none`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	out, err := b.Outputs(world{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]BoundOutput{{Name: "OutSuccess", Value: "ref-TopicSuccess"}}, out); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

func TestForEachErrors(t *testing.T) {
	const head = "Transform: AWS::LanguageExtensions\nParameters: {L: {Type: CommaDelimitedList, Default: 'a,b'}}\nResources:\n"
	for _, c := range []struct{ in, want string }{
		{"Resources:\n  Fn::ForEach::X: [A, [a], {'R${A}': {Type: X}}]", "Fn::ForEach needs the transform AWS::LanguageExtensions"},
		{head + "  Fn::ForEach::X: [A, !Ref L, {'R${A}': {Type: X}}]", "not spelled out is not implemented"},
		{head + "  Fn::ForEach::X: [A, [a, b], {R: {Type: X}}]", "makes the key R twice"},
		{head + "  Fn::ForEach::X: [A, [a]]", "needs an identifier, a collection and a map"},
		{head + "  Fn::ForEach::X: [A, [" + strings.Repeat("x,", 150) + "], {Fn::ForEach::Y: [B, [" + strings.Repeat("y,", 150) + "], {}]}]", "more than 10000 copies"},
	} {
		_, err := Parse([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q\n got %v\nwant %s", c.in, err, c.want)
		}
	}
}
