package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
	"salamander/store"
)

// A backup that is made while turns are written has, restored, all that was
// acknowledged before it began.
func TestBackupOfARunningServer(t *testing.T) {
	dir := t.TempDir()
	_, s := openLog(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "identity.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	acked := map[string]int64{} // turns, by ARN
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := 0; n < 40; n++ {
				x := engine.Execution{ARN: fmt.Sprintf("arn:%d:%d", i, n), Machine: "m", Definition: "h", Type: engine.Standard, Start: time.UnixMilli(1)}
				key, err := s.Create(context.Background(), x, "d", engine.Turn{Number: 1, State: []byte("1"), History: []engine.Event{{ID: 1, Data: []byte("{}")}}})
				for turn := int64(1); err == nil && turn < 20; turn++ {
					mu.Lock()
					acked[x.ARN] = turn
					mu.Unlock()
					select {
					case <-stop:
						return
					default:
					}
					err = s.Commit(context.Background(), engine.Turn{Key: key, ARN: x.ARN, Number: turn + 1, Follows: turn, State: []byte("2"),
						History: []engine.Event{{ID: turn + 1, Data: []byte("{}")}}})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	mu.Lock()
	before := map[string]int64{}
	for arn, n := range acked {
		before[arn] = n
	}
	mu.Unlock()
	copied, back := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "back")
	if _, warehouses, err := store.Backup(t.Context(), dir, copied); err != nil || warehouses {
		t.Fatalf("backup: got %t, %v", warehouses, err)
	}
	close(stop)
	wg.Wait()
	if _, _, err := store.Backup(t.Context(), dir, copied); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("a second one to the same place: got %v; want ErrNotEmpty", err)
	}
	if _, err := store.Restore(t.Context(), copied, dir); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("to a directory in use: got %v; want ErrNotEmpty", err)
	}
	if _, err := store.Restore(t.Context(), dir, back); err == nil {
		t.Error("restored what is no backup")
	}
	report, err := store.Restore(t.Context(), copied, back)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d executions before, %+v", len(before), report)
	if _, err := os.Stat(filepath.Join(back, "identity.json")); err != nil {
		t.Error(err)
	}
	_, after := openLog(t, back)
	for arn, n := range before {
		x, err := after.Execution(t.Context(), arn)
		if err != nil {
			t.Fatalf("%s: %v", arn, err)
		}
		if turn, _, err := after.Turn(t.Context(), x.Key); err != nil || turn < n {
			t.Errorf("%s: got turn %d, %v; want %d", arn, turn, err, n)
		}
	}
}

func TestCheckFindsDamage(t *testing.T) {
	for want, damage := range map[string]string{
		"":                                 `SELECT 1`,
		"execution arn:0 runs and has no":  `DELETE FROM engine_state WHERE execution = 1`,
		"a gap behind event 0":             `UPDATE engine_history SET last = last + 1 WHERE execution = 1`,
		"history of execution 1: events":   `UPDATE engine_history SET events = '[{]' WHERE execution = 1`,
		"the definition of arn:0 is missi": `DELETE FROM engine_definition`,
		"the state of execution 1 is dama": `UPDATE engine_state SET state = '{' WHERE execution = 1`,
		"object b/k":                       `INSERT INTO object_bucket VALUES ('b', 'a', 'r', 1, ''); INSERT INTO object VALUES ('b', 'k', 3, 'e', 1, 'abcdef', '')`,
		"made by a newer salamander":       `UPDATE schema_version SET version = 99 WHERE part = 'engine'`,
	} {
		dir := t.TempDir()
		db, s := openLog(t, dir)
		x := engine.Execution{ARN: "arn:0", Machine: "m", Definition: "h", Type: engine.Standard, Start: time.UnixMilli(1)}
		if _, err := s.Create(t.Context(), x, "d", engine.Turn{Number: 1, State: []byte("{}"), History: []engine.Event{{ID: 1, Data: []byte("{}")}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Executions(t.Context(), engine.Query{Machine: "m", Limit: 1}); err != nil { // brings it to the tables
			t.Fatal(err)
		}
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			for _, sql := range strings.Split(damage, "; ") {
				if err := sqlitex.Execute(tx.Conn(), sql, nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := store.Check(t.Context(), dir)
		if err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if got := strings.Join(r.Problems, "\n"); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("got problems %q; want %q", got, want)
		}
		if want == "" && (r.Executions != 1 || r.Open != 1 || r.Events != 1) {
			t.Errorf("got %+v", r)
		}
	}
}

// Of a damaged copy nothing is restored.
func TestRestoreOfDamageLeavesNothing(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	_, s := openLog(t, dir)
	x := engine.Execution{ARN: "arn:0", Machine: "m", Definition: "h", Type: engine.Standard, Start: time.UnixMilli(1)}
	if _, err := s.Create(t.Context(), x, "d", engine.Turn{Number: 1, State: []byte("{}"), History: []engine.Event{{ID: 1, Data: []byte("{}")}}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Backup(t.Context(), dir, copied); err != nil {
		t.Fatal(err)
	}
	top := filepath.Join(t.TempDir(), "made")
	if _, err := store.Restore(t.Context(), copied, filepath.Join(top, "whole")); err != nil {
		t.Errorf("a whole copy: %v", err)
	}
	if got, want := names(t, filepath.Join(top, "whole")), names(t, copied); got != strings.ReplaceAll(want, "backup.json ", "") {
		t.Errorf("a whole copy: got %s; want %s", got, want)
	}
	conn, err := sqlite.OpenConn(filepath.Join(copied, "state.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	err = sqlitex.Execute(conn, `INSERT INTO object_bucket VALUES ('b', 'a', 'r', 1, '')`, nil)
	if err == nil {
		err = sqlitex.Execute(conn, `INSERT INTO object VALUES ('b', 'k', 3, 'e', 1, 'abcdef', '')`, nil)
	}
	if err = errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{t.TempDir(), filepath.Join(top, "deep", "er")} {
		_, err := store.Restore(t.Context(), copied, to)
		var damaged *store.BackupError
		if !errors.As(err, &damaged) {
			t.Errorf("got %v; want a BackupError", err)
		}
	}
	if got := names(t, top); got != "whole " {
		t.Errorf("got %s; want what was there", got)
	}
}

// names lists a directory.
func names(t *testing.T, dir string) (all string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all += e.Name() + " "
	}
	return all
}
