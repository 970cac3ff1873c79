package stack_test

import (
	"strings"
	"sync"
	"testing"

	"salamander/operation"
)

func TestDeletionEndsACreation(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	reached, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.after = func(op string, _ int) {
		if op == "CreateLogGroup" {
			once.Do(func() { close(reached); <-goOn })
		}
	}
	st := create(t, h, three)
	<-reached
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	now, err := h.Find(t.Context(), scope(), "s")
	if err != nil || now.Status != "DELETE_IN_PROGRESS" {
		t.Errorf("while it ends: got %v, %v", now, err)
	}
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Errorf("a second time: got %v", operation.AsError(err))
	}
	close(goOn)
	settle(t, h, st.ID, "DELETE_COMPLETE")
	if got := w.state(); got != "" {
		t.Errorf("%s is left", got)
	}
	if text := events(t, h, st.ID); strings.Contains(text, "Last CREATE") || strings.Count(text, "s DELETE_IN_PROGRESS") != 1 {
		t.Errorf("events:\n%s", text)
	}
}
