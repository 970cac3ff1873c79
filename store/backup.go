package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ErrNotEmpty means that a backup, or a directory to restore to, is there
// already.
var ErrNotEmpty = errors.New("store: the directory is not empty")

// A BackupError tells that a copy is not whole. What [Backup] copied stays.
type BackupError struct{ Problems []string }

// Error gives the first problem.
func (e *BackupError) Error() string {
	return fmt.Sprintf("the copy has %d problems, such as: %s", len(e.Problems), e.Problems[0])
}

// mark is the file that tells a backup from other directories. It is written
// last.
const mark = "backup.json"

// Backup copies the data directory dir to the directory to, which must not be
// there or be empty. A server may run on dir; warehouses, which then are
// written to, are left out, which the answer tells. The copy is as a kill at
// that moment would have left the directory.
func Backup(ctx context.Context, dir, to string) (report Report, warehouses bool, err error) {
	if err := empty(to); err != nil {
		return report, false, err
	}
	lock, err := lockDir(dir)
	var locked *LockedError
	switch {
	case err == nil:
		warehouses = true
		defer lock.Close()
	case !errors.As(err, &locked):
		return report, false, err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return report, false, err
	}
	skip := func(name string) bool {
		switch top, _, _ := strings.Cut(name, string(filepath.Separator)); top {
		case "lock", "server.json", turnsDir, "jobs", mark:
			return true
		case "warehouse", "clusters":
			return !warehouses
		case "objects":
			return strings.HasPrefix(name, filepath.Join("objects", "tmp", ""))
		default:
			return strings.HasPrefix(top, "state.db")
		}
	}
	// Files of objects never change: those that came while the first ones were
	// copied come with the second pass, behind the database that names them.
	if err := copyFiles(ctx, dir, to, skip); err != nil {
		return report, false, err
	}
	if err := copyDatabase(ctx, filepath.Join(dir, "state.db"), filepath.Join(to, "state.db")); err != nil {
		return report, false, err
	}
	if err := copyFiles(ctx, dir, to, skip); err != nil {
		return report, false, err
	}
	for range 10 {
		if err := os.RemoveAll(filepath.Join(to, turnsDir)); err != nil {
			return report, false, err
		}
		if err := copyFiles(ctx, filepath.Join(dir, turnsDir), filepath.Join(to, turnsDir), func(string) bool { return false }); err != nil {
			return report, false, err
		}
		if report, err = Check(ctx, to); err != nil || len(report.Problems) == 0 {
			break
		}
	}
	if err != nil {
		return report, warehouses, err
	}
	if len(report.Problems) > 0 {
		return report, warehouses, &BackupError{report.Problems}
	}
	text := fmt.Appendf(nil, "{\"at\":%q,\"warehouses\":%t}\n", time.Now().UTC().Format(time.RFC3339), warehouses)
	return report, warehouses, os.WriteFile(filepath.Join(to, mark), text, 0o600)
}

// staged is where a restore copies to, inside the directory, before it is
// checked.
const staged = "restoring"

// Restore makes a data directory of a backup. dir must not be there or be
// empty; it is as it was where the copy is not whole.
func Restore(ctx context.Context, from, dir string) (report Report, err error) {
	if _, err := os.Stat(filepath.Join(from, mark)); err != nil {
		return report, fmt.Errorf("%s is no backup, or one that was not finished: %w", from, err)
	}
	if err := empty(dir); err != nil {
		return report, err
	}
	made, err := makeDir(dir)
	if err != nil {
		return report, err
	}
	stage := filepath.Join(dir, staged)
	defer func() {
		err = errors.Join(err, os.RemoveAll(stage))
		for i := len(made) - 1; err != nil && i >= 0; i-- {
			os.Remove(made[i])
		}
	}()
	// dir itself may be a mount, so it is not replaced by a rename.
	if err := copyFiles(ctx, from, stage, func(name string) bool { return name == mark }); err != nil {
		return report, err
	}
	if report, err = Check(ctx, stage); err != nil {
		return report, err
	}
	if len(report.Problems) > 0 {
		return report, &BackupError{report.Problems}
	}
	return report, moveAll(stage, dir)
}

// makeDir makes a directory, and answers those that it made, the outermost
// first.
func makeDir(dir string) (made []string, err error) {
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		made = append([]string{at}, made...)
	}
	return made, os.MkdirAll(dir, 0o700)
}

// moveAll moves what is in a directory to another one, the database last: all
// of it or, after an error, none.
func moveAll(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "state.db" }); at >= 0 {
		db := entries[at]
		entries = append(slices.Delete(entries, at, at+1), db)
	}
	for i, e := range entries {
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			for _, moved := range entries[:i] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(to, moved.Name())))
			}
			return err
		}
	}
	return nil
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%w: %s", ErrNotEmpty, dir)
	}
	return err
}

// copyDatabase copies a database that may be in use, as it is at one moment.
func copyDatabase(ctx context.Context, from, to string) error {
	conn, err := sqlite.OpenConn(from, sqlite.OpenReadOnly)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer conn.Close()
	conn.SetBusyTimeout(10 * time.Second)
	conn.SetInterrupt(ctx.Done())
	return sqlitex.Execute(conn, "VACUUM INTO ?", &sqlitex.ExecOptions{Args: []any{to}})
}

// copyFiles copies what is not there yet. What goes away meanwhile is left
// out.
func copyFiles(ctx context.Context, from, to string, skip func(name string) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(from, path)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist) && name != ".":
			return nil
		case err != nil || relErr != nil:
			return errors.Join(err, relErr)
		case name != "." && skip(name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case !d.Type().IsRegular():
			return nil // sockets
		}
		err = copyFile(path, filepath.Join(to, name))
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
