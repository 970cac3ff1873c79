package stack_test

import (
	"strings"
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
