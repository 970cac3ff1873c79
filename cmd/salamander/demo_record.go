package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A demoRecord is what a demo must know when it was killed and runs again on
// the same data directory. It is replaced as a whole after each step.
type demoRecord struct {
	file string

	Scale     float64  `json:"scale"`
	Seed      uint64   `json:"seed"`
	Date      string   `json:"date"`
	Poll      int      `json:"poll"`
	Sync      bool     `json:"sync"` // the variant without functions
	Generated bool     `json:"generated"`
	Loaded    bool     `json:"loaded"`
	First     []string `json:"first"`  // table checksums after the first refresh
	Second    []string `json:"second"` // and after the second
}

// openRecord reads the record in dir, or begins one as fresh says. A record
// made with other settings is refused: its data would not fit.
func openRecord(dir string, fresh demoRecord) (*demoRecord, error) {
	file := filepath.Join(dir, "demo.json")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		fresh.file = file
		return &fresh, fresh.save()
	} else if err != nil {
		return nil, err
	}
	r := &demoRecord{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	r.file = file
	if r.Scale != fresh.Scale || r.Seed != fresh.Seed || r.Date != fresh.Date || r.Poll != fresh.Poll {
		return nil, exitf(exitUsage, "%s holds a demo with --scale %g --seed %d --date %s --poll %d: use the same, or another --data",
			dir, r.Scale, r.Seed, r.Date, r.Poll)
	}
	return r, nil
}

// save replaces the file at once, so that a kill leaves the old or the new.
func (r *demoRecord) save() error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(r.file, append(text, '\n'))
}

// replaceFile writes text to file so that readers, and a process killed in
// between, find the whole old or the whole new content.
func replaceFile(file string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
