package main

import (
	"testing"

	"salamander/batch"
)

func TestReasonOfJobs(t *testing.T) {
	three, kill := 3, 137
	const exited = "Essential container in task exited"
	for _, c := range []struct {
		job  batch.Job
		want string
	}{
		{batch.Job{Status: batch.Runnable, StatusReason: "no room"}, "no room"},
		{batch.Job{Status: batch.Failed, StatusReason: "Dependent Job failed"}, "Dependent Job failed"},
		{batch.Job{Status: batch.Failed, StatusReason: exited, Attempts: []batch.AttemptDetail{{Container: batch.ContainerState{ExitCode: &kill}}, {Container: batch.ContainerState{ExitCode: &three}}}}, "exit code 3 · " + exited},
		{batch.Job{Status: batch.Failed, StatusReason: exited, Attempts: []batch.AttemptDetail{{Container: batch.ContainerState{ExitCode: &kill, Reason: "OutOfMemoryError"}}}}, "exit code 137 · OutOfMemoryError · " + exited},
		{batch.Job{Status: batch.Succeeded, StatusReason: exited, Attempts: []batch.AttemptDetail{{}}}, exited},
	} {
		if got := reasonOf(c.job); got != c.want {
			t.Errorf("got %q; want %q", got, c.want)
		}
	}
}
