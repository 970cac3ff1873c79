package awsmodel

import "testing"

func TestOutputShape(t *testing.T) {
	for _, test := range []struct {
		service, action, member, kind string
	}{
		{"kms", "encrypt", "CiphertextBlob", "blob"},
		{"s3", "getObject", "StorageClass", "string"},
		{"dynamodb", "putItem", "ConsumedCapacity", "structure"},
		{"sfn", "startExecution", "executionArn", "string"},            // of a table with all shapes
		{"lambda", "createEventSourceMapping", "BatchSize", "integer"}, // whose own table has no shapes of it
		{"eventbridge", "putEvents", "Entries", "list"},
		{"ec2", "describeInstances", "Reservations", "list"},
	} {
		s, known := OutputShape(test.service, test.action)
		if !known {
			t.Errorf("%s:%s is not known", test.service, test.action)
			continue
		}
		found := ""
		for _, m := range s.Members {
			if m.Name == test.member {
				found = m.Shape.Type
			}
		}
		if found != test.kind {
			t.Errorf("%s:%s %s: got %q; want %s", test.service, test.action, test.member, found, test.kind)
		}
	}
	if s, known := OutputShape("sqs", "deleteMessage"); !known || len(s.Members) != 0 {
		t.Errorf("an answer without members: got %v, %v", s, known)
	}
	for _, test := range [][2]string{{"kms", "nonsense"}, {"nonsense", "encrypt"}, {"../tables/sts", "x"}, {"", ""}, {"kms", ""}} {
		if _, known := OutputShape(test[0], test[1]); known {
			t.Errorf("%s:%s is known", test[0], test[1])
		}
	}
}

// A table of answers makes no service.
func TestOutputTablesLoad(t *testing.T) {
	for _, name := range OutputServices() {
		table, ok := outputTable(name)
		if !ok || len(table.Operations) == 0 {
			t.Errorf("%s: got %v operations", name, len(table.Operations))
		}
		for of, s := range table.shapes() {
			for _, m := range s.Members {
				if m.Shape == nil {
					t.Errorf("%s: %s.%s has no shape", name, of, m.Name)
				}
			}
			if s.Type == "list" && s.Elem == nil {
				t.Errorf("%s: %s has no elements", name, of)
			}
		}
	}
	for _, name := range []string{"kms", "s3", "dynamodb"} {
		if _, ok := Service(name); ok {
			t.Errorf("Service(%s) is there", name)
		}
		if _, ok := SigningName(name); ok {
			t.Errorf("SigningName(%s) is there", name)
		}
	}
}
