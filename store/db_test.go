package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func open(t *testing.T, dir string, opt Options) *DB {
	t.Helper()
	db, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(sql string, args ...any) func(*Tx) error {
	return func(tx *Tx) error { return sqlitex.Execute(tx.Conn(), sql, &sqlitex.ExecOptions{Args: args}) }
}

func count(t *testing.T, db *DB, table string) (n int) {
	t.Helper()
	err := db.View(t.Context(), func(conn *sqlite.Conn) (err error) {
		n, err = sqlitex.ResultInt(conn.Prep("SELECT count(*) FROM " + table))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestUpdatesShareCommitsAndFailAlone(t *testing.T) {
	db := open(t, t.TempDir(), Options{})
	if err := db.Update(t.Context(), exec("CREATE TABLE n (i INTEGER PRIMARY KEY)")); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			err := db.Update(t.Context(), func(tx *Tx) error {
				if err := exec("INSERT INTO n VALUES (?)", i)(tx); err != nil {
					return err
				}
				switch i % 10 {
				case 3:
					return boom
				case 7:
					panic("bang")
				}
				return nil
			})
			if bad := i%10 == 3 || i%10 == 7; bad != (err != nil) {
				t.Errorf("update %d: got %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "n"); n != 160 {
		t.Errorf("rows: got %d; want 160", n)
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, Options{})
	_, err := Open(dir, Options{})
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID == "" {
		t.Fatalf("got %v; want a LockedError with the owner", err)
	}
}

func TestAFullDiskFailsTheUpdateByName(t *testing.T) {
	db := open(t, t.TempDir(), Options{MaxPages: 400})
	if err := db.Update(t.Context(), exec("CREATE TABLE big (b BLOB)")); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		err = db.Update(t.Context(), exec("INSERT INTO big VALUES (zeroblob(10000))"))
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v; want ErrFull", err)
	}
	if err := db.Update(t.Context(), exec("DELETE FROM big")); err != nil {
		t.Errorf("after the disk was full: %v", err)
	}
}

func TestOutboxDeliversInOrderAndAgainAfterFailure(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, Options{})
	for i := range 5 {
		err := db.Update(t.Context(), func(tx *Tx) error { return tx.Emit("jobs", fmt.Sprint(i), []byte("x")) })
		if err != nil {
			t.Fatal(err)
		}
	}
	db.Close()

	db = open(t, dir, Options{})
	got := make(chan string, 10)
	failures := 2
	db.Subscribe("jobs", func(_ context.Context, m Message) error {
		if m.Key == "2" && failures > 0 {
			failures--
			return errors.New("not now")
		}
		got <- m.Key
		return nil
	})
	db.Deliver()
	for i := range 5 {
		select {
		case key := <-got:
			if key != fmt.Sprint(i) {
				t.Fatalf("message %d: got key %s", i, key)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("message %d did not come", i)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); count(t, db, "outbox") > 0; {
		if time.Now().After(deadline) {
			t.Fatal("delivered messages stay in the outbox")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, Options{})
	if err := db.Update(t.Context(), exec("UPDATE schema_version SET version = 99")); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := Open(dir, Options{}); err == nil {
		t.Fatal("a database of a newer program was opened")
	}
}
