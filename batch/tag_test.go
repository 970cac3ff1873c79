package batch

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTags(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		ended := w.submit("ended", []string{"1s", "0"})
		after(2 * time.Second)
		live := w.submit("live", []string{"1s", "0"})
		const prefix = "arn:aws:batch:us-east-1:000000000000:"
		for _, ref := range []string{
			prefix + "job/" + ended, prefix + "job/" + live, prefix + "job-definition/d:1",
			prefix + "job-queue/q", prefix + "compute-environment/ce",
		} {
			for _, err := range []error{
				w.Tag(ctx, scope, ref, map[string]string{"a": "1", "b": "2"}),
				w.Tag(ctx, scope, ref, map[string]string{"b": "3"}),
				w.Untag(ctx, scope, ref, []string{"a", "none"}),
			} {
				if err != nil {
					t.Errorf("%s: %v", ref, err)
				}
			}
			got, err := w.Tags(ctx, scope, ref)
			if diff := cmp.Diff(map[string]string{"b": "3"}, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", ref, err, diff)
			}
		}
		after(time.Second)
		w.wants(live, Succeeded, "*")
		if w.job(live).Tags["b"] != "3" {
			t.Error("the tags of a job are gone with its end")
		}
		for _, ref := range []string{"q", prefix + "job/none", prefix + "job-definition/d:9", prefix + "job-queue/none",
			prefix + "thing/x", "arn:aws:batch:us-east-1:111122223333:job-queue/q"} {
			if _, err := w.Tags(ctx, scope, ref); err == nil {
				t.Errorf("%s has tags", ref)
			}
		}
	})
}
