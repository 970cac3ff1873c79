package stack_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"salamander/operation"
)

// refused checks that a request fails as a ValidationError with the text in it.
func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	if e := operation.AsError(err); err == nil || e.Code != "ValidationError" || !strings.Contains(e.Message, want) {
		t.Errorf("%s: got %v; want a ValidationError with %s", what, err, want)
	}
}

func TestAnotherTypeOfAResourceIsRefused(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	const before = "Resources:\n  Q: {Type: AWS::Logs::LogGroup}\n"
	const after = "Resources:\n  Q: {Type: AWS::EC2::InternetGateway}\n"
	settle(t, h, create(t, h, before).ID, "CREATE_COMPLETE")
	const want = "Update of resource type is not permitted. The new template modifies resource type of the following resources: [Q]"
	_, err := h.Update(t.Context(), request("s", after))
	refused(t, "update", err, want)
	_, err = h.CreateChangeSet(t.Context(), request("s", after), "c", "", "UPDATE")
	refused(t, "change set", err, want)
	_, err = h.Plan(t.Context(), request("s", after))
	refused(t, "plan", err, want)
}

// ssm adds parameters of Systems Manager to a registry; what is put is added to
// values.
func ssm(values *[]string) func(*operation.Registry) {
	return func(r *operation.Registry) {
		var mu sync.Mutex
		type input struct{ Name, Type, Value string }
		operation.Register(r, operation.Spec{Service: "ssm", Name: "PutParameter", Mutates: true}, func(_ context.Context, in *input) (*none, error) {
			mu.Lock()
			defer mu.Unlock()
			*values = append(*values, in.Value)
			return &none{}, nil
		})
		operation.Register(r, operation.Spec{Service: "ssm", Name: "DeleteParameter", Mutates: true}, func(context.Context, *input) (*none, error) { return &none{}, nil })
	}
}

func TestListsAndMapsForTextsAreRefused(t *testing.T) {
	w := newWorld()
	var values []string
	h := openWith(t, t.TempDir(), w, ssm(&values))
	defer h.close()
	parameter := func(v string) string {
		return "Parameters:\n  L: {Type: CommaDelimitedList, Default: 'a,b'}\nResources:\n  G: {Type: AWS::Logs::LogGroup}\n" +
			"  P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: " + v + "}}\n"
	}
	for name, text := range map[string]string{
		"a list":    parameter("[a, b]"),
		"a map":     parameter("{a: b}"),
		"zones":     parameter("!GetAZs ''"),
		"cidr":      parameter("!Cidr [10.0.0.0/16, 2, 8]"),
		"parameter": parameter("!Ref L"),
	} {
		_, err := h.Create(t.Context(), request("s", text))
		refused(t, name, err, "Value of property Value must be of type String")
		_, err = h.CreateChangeSet(t.Context(), request("s", text), "c", "", "CREATE")
		refused(t, name+" in a change set", err, "Value of property Value must be of type String")
	}
	for text, want := range map[string]string{
		"AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: !Cidr [10.0.0.0/16, 2, 8]}":                                                  "Value of property CidrBlock must be of type String",
		"AWS::Logs::LogGroup, Properties: {LogGroupName: [a]}":                                                                            "Value of property LogGroupName must be of type String",
		"AWS::Logs::LogGroup, Properties: {RetentionInDays: [7]}":                                                                         "Value of property RetentionInDays must be of type Integer",
		"AWS::Logs::LogGroup, Properties: {Tags: [{Key: a, Value: {b: c}}]}":                                                              "Value of property Value must be of type String",
		"AWS::Batch::JobDefinition, Properties: {Type: container, ContainerProperties: {Image: [i]}}":                                     "Value of property Image must be of type String",
		"AWS::Batch::JobDefinition, Properties: {Type: container, ContainerProperties: {Image: i, Environment: [{Name: a, Value: [b]}]}}": "Value of property Value must be of type String",
	} {
		_, err := h.Create(t.Context(), request("s", "Resources:\n  A: {Type: "+text+"}\n"))
		refused(t, text, err, want)
	}
	if w.calls > 0 || len(values) > 0 {
		t.Error("something was made")
	}
	st := settle(t, h, create(t, h, parameter("17")+"  Q: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: true}}\n").ID, "CREATE_COMPLETE")
	slices.Sort(values)
	if want := []string{"17", "true"}; !slices.Equal(values, want) {
		t.Errorf("values: got %q; want %q", values, want)
	}
	_, err := h.Update(t.Context(), request(st.Name, parameter("[a, b]")))
	refused(t, "update", err, "Value of property Value must be of type String")
}

func TestAttributesThatATypeDoesNotHave(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	const good = "Resources:\n  G: {Type: AWS::Logs::LogGroup}\nOutputs:\n  O: {Value: !GetAtt G.Arn}\n"
	const want = "Template error: resource G does not support attribute type Nonsense in Fn::GetAtt"
	for name, text := range map[string]string{
		"output":   strings.Replace(good, "G.Arn", "G.Nonsense", 1),
		"property": "Resources:\n  G: {Type: AWS::Logs::LogGroup}\n  H: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub 'x-${G.Nonsense}'}}\n",
	} {
		_, err := h.Create(t.Context(), request("s", text))
		refused(t, name, err, want)
		_, err = h.CreateChangeSet(t.Context(), request("s", text), "c", "", "CREATE")
		refused(t, name+" in a change set", err, want)
	}
	settle(t, h, create(t, h, good).ID, "CREATE_COMPLETE")
	_, err := h.Update(t.Context(), request("s", strings.Replace(good, "G.Arn", "G.Nonsense", 1)))
	refused(t, "update", err, want)
}
