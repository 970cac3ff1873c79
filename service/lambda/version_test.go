package lambda

import (
	"encoding/base64"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// says is a function that answers text, and by what name and version it ran.
func saying(t *testing.T, text string) object {
	return object{"FunctionName": "f", "Runtime": "python3.12", "Handler": "index.handler", "Role": "arn:aws:iam::000000000000:role/r",
		"Code": object{"ZipFile": saidBy(t, text)}}
}

func saidBy(t *testing.T, text string) string {
	return zipped(t, "index.py", fmt.Sprintf("def handler(e, c):\n    return [%q, c.function_version, c.invoked_function_arn.split(':', 6)[6]]\n", text))
}

func (b *bench) runs(in object) (payload, version string) {
	b.Helper()
	out := b.must("Invoke", in)
	p, _ := base64.StdEncoding.DecodeString(out["Payload"].(string))
	return string(p), out["ExecutedVersion"].(string)
}

func needPython(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 on this machine")
	}
}

func TestVersions(t *testing.T) {
	needPython(t)
	b := newBench(t)
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
	b.must("CreateFunction", saying(t, "one"))
	first := b.must("PublishVersion", object{"FunctionName": "f", "Description": "the first"})
	if first["Version"] != "1" || first["FunctionArn"] != arn+":1" || first["Description"] != "the first" {
		t.Errorf("published: %v", first)
	}
	// Without a change there is no other version.
	if again := b.must("PublishVersion", object{"FunctionName": "f", "Description": "again"}); again["Version"] != "1" || again["Description"] != "the first" {
		t.Errorf("published again: %v", again)
	}
	b.wantError("PublishVersion", object{"FunctionName": "f", "RevisionId": "old"}, "PreconditionFailedException", "Revision Id")
	second := b.must("UpdateFunctionCode", object{"FunctionName": "f", "ZipFile": saidBy(t, "two"), "Publish": true})
	if second["Version"] != "2" || second["FunctionArn"] != arn+":2" {
		t.Errorf("updated and published: %v", second)
	}
	b.wantError("PublishVersion", object{"FunctionName": "f", "CodeSha256": first["CodeSha256"]}, "InvalidParameterValueException",
		fmt.Sprintf("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s).", first["CodeSha256"], second["CodeSha256"]))
	b.must("UpdateFunctionCode", object{"FunctionName": "f", "ZipFile": saidBy(t, "three")})

	for _, c := range []struct{ name, qualifier, text, version, called string }{
		{"f", "", "three", "$LATEST", "f"},
		{"f", "1", "one", "1", "f:1"},
		{"f:2", "", "two", "2", "f:2"},
		{arn + ":1", "1", "one", "1", "f:1"},
	} {
		payload, version := b.runs(object{"FunctionName": c.name, "Qualifier": c.qualifier})
		if want := fmt.Sprintf("[%q, %q, %q]", c.text, c.version, c.called); payload != want || version != c.version {
			t.Errorf("%s %s: got %s %s; want %s", c.name, c.qualifier, payload, version, want)
		}
	}
	got := b.must("GetFunctionConfiguration", object{"FunctionName": "f", "Qualifier": "1"})
	for _, m := range []string{"Version", "FunctionArn", "CodeSha256", "RevisionId", "LastModified", "Description"} {
		if got[m] != first[m] {
			t.Errorf("version 1: %s is %v; was %v", m, got[m], first[m])
		}
	}
	b.wantError("GetFunction", object{"FunctionName": "f", "Qualifier": "3"}, "ResourceNotFoundException", "Function not found: "+arn+":3")
	b.wantError("UpdateFunctionConfiguration", object{"FunctionName": "f:1", "Timeout": 9}, "ResourceNotFoundException", arn+":1")

	page := b.must("ListVersionsByFunction", object{"FunctionName": "f", "MaxItems": 2})
	if got := versionsOf(page, "Versions"); got != "$LATEST 1" || page["NextMarker"] != "1" {
		t.Errorf("first page: %s %v", got, page["NextMarker"])
	}
	page = b.must("ListVersionsByFunction", object{"FunctionName": "f", "Marker": "1"})
	if got := versionsOf(page, "Versions"); got != "2" || page["NextMarker"] != nil {
		t.Errorf("second page: %s %v", got, page["NextMarker"])
	}
	var all []string
	for marker := any(nil); ; {
		page := b.must("ListFunctions", object{"FunctionVersion": "ALL", "MaxItems": 1, "Marker": marker})
		all = append(all, versionsOf(page, "Functions"))
		if marker = page["NextMarker"]; marker == nil {
			break
		}
	}
	if got := strings.Join(all, ", "); !strings.HasPrefix(got, "$LATEST, 1, 2") {
		t.Errorf("all versions: %s", got)
	}

	b.must("DeleteFunction", object{"FunctionName": "f", "Qualifier": "2"})
	b.wantError("Invoke", object{"FunctionName": "f:2"}, "ResourceNotFoundException", arn+":2")
	if v := b.must("PublishVersion", object{"FunctionName": "f"}); v["Version"] != "3" {
		t.Errorf("the number of a deleted version came again: %v", v["Version"])
	}
	b.must("DeleteFunction", object{"FunctionName": "f"})
	b.wantError("Invoke", object{"FunctionName": "f:1"}, "ResourceNotFoundException", arn+":1")
	in := saying(t, "new")
	in["Publish"] = true
	if v := b.must("CreateFunction", in); v["Version"] != "4" {
		t.Errorf("the numbers of a deleted function came again: %v", v["Version"])
	}
}

func versionsOf(page object, member string) string {
	var list []string
	for _, v := range page[member].([]any) {
		list = append(list, v.(object)["Version"].(string))
	}
	return strings.Join(list, " ")
}

func TestAliases(t *testing.T) {
	needPython(t)
	b := newBench(t)
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
	in := saying(t, "one")
	in["Publish"] = true
	b.must("CreateFunction", in)
	b.must("UpdateFunctionCode", object{"FunctionName": "f", "ZipFile": saidBy(t, "two"), "Publish": true})

	live := b.must("CreateAlias", object{"FunctionName": "f", "Name": "live", "FunctionVersion": "1", "Description": "d"})
	if live["AliasArn"] != arn+":live" || live["FunctionVersion"] != "1" || live["RoutingConfig"] != nil || live["RevisionId"] == "" {
		t.Errorf("created: %v", live)
	}
	b.wantError("CreateAlias", object{"FunctionName": "f", "Name": "live", "FunctionVersion": "1"}, "ResourceConflictException", "Alias already exists: "+arn+":live")
	b.wantError("CreateAlias", object{"FunctionName": "f", "Name": "x", "FunctionVersion": "9"}, "ResourceNotFoundException", "Function not found: "+arn+":9")
	b.wantError("CreateAlias", object{"FunctionName": "g", "Name": "x", "FunctionVersion": "$LATEST"}, "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g")
	b.wantError("CreateAlias", object{"FunctionName": "f", "Name": "12", "FunctionVersion": "1"}, "ValidationException", "'name'")
	b.wantError("CreateAlias", object{"FunctionName": "f", "Name": "x", "FunctionVersion": "y"}, "ValidationException", "'functionVersion'")
	b.wantError("CreateAlias", object{"FunctionName": "f", "Name": "x", "FunctionVersion": "$LATEST", "RoutingConfig": object{"AdditionalVersionWeights": object{"1": 0.5}}},
		"InvalidParameterValueException", "$LATEST is not supported")

	if payload, version := b.runs(object{"FunctionName": arn + ":live"}); payload != `["one", "1", "f:live"]` || version != "1" {
		t.Errorf("by the alias: %s %s", payload, version)
	}
	if c := b.must("GetFunction", object{"FunctionName": "f", "Qualifier": "live"})["Configuration"].(object); c["FunctionArn"] != arn+":live" || c["Version"] != "1" {
		t.Errorf("the alias's function: %v", c)
	}
	b.wantError("DeleteFunction", object{"FunctionName": "f", "Qualifier": "1"}, "ResourceConflictException", "the following aliases reference it: [live]")

	b.wantError("UpdateAlias", object{"FunctionName": "f", "Name": "live", "RevisionId": "old", "FunctionVersion": "2"}, "PreconditionFailedException", "Revision Id")
	updated := b.must("UpdateAlias", object{"FunctionName": "f", "Name": "live", "RevisionId": live["RevisionId"],
		"RoutingConfig": object{"AdditionalVersionWeights": object{"2": 0.5}}})
	if fmt.Sprint(updated["RoutingConfig"]) != "map[AdditionalVersionWeights:map[2:0.5]]" || updated["Description"] != "d" || updated["RevisionId"] == live["RevisionId"] {
		t.Errorf("updated: %v", updated)
	}
	ran := map[string]int{}
	for range 40 {
		_, version := b.runs(object{"FunctionName": "f", "Qualifier": "live"})
		ran[version]++
	}
	if ran["1"] < 5 || ran["2"] < 5 || ran["1"]+ran["2"] != 40 { // less than one in ten million
		t.Errorf("by weights: %v", ran)
	}
	b.wantError("DeleteFunction", object{"FunctionName": "f", "Qualifier": "2"}, "ResourceConflictException", "[live]")
	b.must("UpdateAlias", object{"FunctionName": "f", "Name": "live", "FunctionVersion": "2", "RoutingConfig": object{}})
	if _, version := b.runs(object{"FunctionName": "f:live"}); version != "2" {
		t.Errorf("after the change: %s", version)
	}
	b.wantError("UpdateAlias", object{"FunctionName": "f", "Name": "none", "FunctionVersion": "2"}, "ResourceNotFoundException", "Cannot find alias arn: "+arn+":none")

	b.must("CreateAlias", object{"FunctionName": "f", "Name": "beta", "FunctionVersion": "$LATEST"})
	if list := b.must("ListAliases", object{"FunctionName": "f", "MaxItems": 1}); list["NextMarker"] != "beta" || len(list["Aliases"].([]any)) != 1 {
		t.Errorf("first page: %v", list)
	}
	if list := b.must("ListAliases", object{"FunctionName": "f", "FunctionVersion": "2"})["Aliases"].([]any); len(list) != 1 || list[0].(object)["Name"] != "live" {
		t.Errorf("aliases of version 2: %v", list)
	}
	b.must("DeleteAlias", object{"FunctionName": "f", "Name": "live"})
	b.must("DeleteAlias", object{"FunctionName": "f", "Name": "live"})
	b.wantError("GetAlias", object{"FunctionName": "f", "Name": "live"}, "ResourceNotFoundException", "Cannot find alias arn")
	b.wantError("Invoke", object{"FunctionName": "f:live", "InvocationType": "Event"}, "ResourceNotFoundException", arn+":live")
	b.must("DeleteFunction", object{"FunctionName": "f", "Qualifier": "2"})
}

func TestPermissions(t *testing.T) {
	needPython(t)
	b := newBench(t)
	in := saying(t, "one")
	in["Publish"] = true
	b.must("CreateFunction", in)
	b.wantError("GetPolicy", object{"FunctionName": "f"}, "ResourceNotFoundException", "The resource you requested does not exist.")
	s3 := b.must("AddPermission", object{"FunctionName": "f", "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
		"SourceArn": "arn:aws:s3:::b", "SourceAccount": "000000000000"})
	const first = `{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f",` +
		`"Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"AWS:SourceAccount":"000000000000"}}}`
	if s3["Statement"] != first {
		t.Errorf("got %v; want %s", s3["Statement"], first)
	}
	again := object{"FunctionName": "f", "StatementId": "s3", "Action": "lambda:*", "Principal": "*"}
	b.wantError("AddPermission", again, "ResourceConflictException", "The statement id (s3) provided already exists.")
	again["Qualifier"] = "1"
	b.must("AddPermission", again)
	b.must("AddPermission", object{"FunctionName": "f", "StatementId": "other", "Action": "lambda:InvokeFunction", "Principal": "111122223333"})
	const second = `{"Sid":"other","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}`
	policy := b.must("GetPolicy", object{"FunctionName": "f"})
	if want := `{"Version":"2012-10-17","Id":"default","Statement":[` + first + `,` + second + `]}`; policy["Policy"] != want {
		t.Errorf("got %v; want %s", policy["Policy"], want)
	}
	if p := b.must("GetPolicy", object{"FunctionName": "f:1"})["Policy"].(string); !strings.Contains(p, `"Principal":"*","Action":"lambda:*","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f:1"`) {
		t.Errorf("of the version: %s", p)
	}
	b.wantError("RemovePermission", object{"FunctionName": "f", "StatementId": "s3", "RevisionId": "old"}, "PreconditionFailedException", "Revision Id")
	b.wantError("RemovePermission", object{"FunctionName": "f", "StatementId": "none"}, "ResourceNotFoundException", "Statement none is not found in resource policy.")
	b.must("RemovePermission", object{"FunctionName": "f", "StatementId": "s3", "RevisionId": policy["RevisionId"]})
	b.must("RemovePermission", object{"FunctionName": "f", "StatementId": "other"})
	b.wantError("RemovePermission", object{"FunctionName": "f", "StatementId": "other"}, "ResourceNotFoundException", "No policy is associated with the given resource.")
	for _, c := range []struct{ member, value, code, text string }{
		{"Principal", "someone", "InvalidParameterValueException", "The provided principal was invalid."},
		{"Action", "s3:GetObject", "ValidationException", "'action'"},
		{"StatementId", "a b", "ValidationException", "'statementId'"},
		{"Qualifier", "$LATEST", "InvalidParameterValueException", "$LATEST"},
		{"Qualifier", "none", "ResourceNotFoundException", "function:f:none"},
	} {
		in := object{"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"}
		in[c.member] = c.value
		b.wantError("AddPermission", in, c.code, c.text)
	}
}
