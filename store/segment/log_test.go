package segment_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"salamander/store/segment"
	"salamander/store/segment/faultdisk"
)

func open(t *testing.T, fs segment.FS, opt segment.Options, applied uint64) (l *segment.Log, records []string) {
	t.Helper()
	l, err := segment.Open(fs, opt, applied, func(_ uint64, r []byte) error { records = append(records, string(r)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, records
}

func add(t *testing.T, l *segment.Log, records ...string) {
	t.Helper()
	for _, r := range records {
		if err := l.Append([]byte(r), nil); err != nil {
			t.Fatal(err)
		}
	}
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %d records %.100q; want %d %.100q", len(got), got, len(want), want)
	}
}

func TestRecordsComeBackInOrder(t *testing.T) {
	dir := segment.Dir(t.TempDir())
	opt := segment.Options{Size: 4096}
	l, got := open(t, dir, opt, 0)
	want(t, got)
	var all []string
	for i := range 300 {
		all = append(all, fmt.Sprint(i, strings.Repeat("x", i)))
	}
	all = append(all, "", strings.Repeat("y", 100_000))
	add(t, l, all...)
	if l.Segments() < 10 {
		t.Errorf("got %d segments; want many", l.Segments())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(nil, nil); !errors.Is(err, segment.ErrClosed) {
		t.Errorf("closed: got %v", err)
	}
	l, got = open(t, dir, opt, 0)
	want(t, got, all...)
	l.Close()
	_, got = open(t, dir, opt, 299)
	want(t, got, all[299:]...)
}

func TestAppendsShareBatches(t *testing.T) {
	var mu sync.Mutex
	var seqs []uint64
	tags := 0
	l, _ := open(t, segment.Dir(t.TempDir()), segment.Options{Durable: func(seq uint64, all []any) {
		mu.Lock()
		defer mu.Unlock()
		seqs, tags = append(seqs, seq), tags+len(all)
	}}, 0)
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for range 20 {
				if err := l.Append([]byte("record"), w); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if tags != 64*20 || len(seqs) >= tags || !slices.IsSorted(seqs) {
		t.Errorf("got %d records in %d batches", tags, len(seqs))
	}
}

func TestReleasedSegmentsAreUsedAgain(t *testing.T) {
	dir := segment.Dir(t.TempDir())
	l, _ := open(t, dir, segment.Options{Size: 4096, Spare: 2}, 0)
	for i := range 1000 {
		add(t, l, strings.Repeat("x", 500))
		l.Release(uint64(i))
	}
	names, err := dir.List()
	if err != nil || len(names) > 5 {
		t.Errorf("got %d files, %v; want 5 at most", len(names), err)
	}
	l.Close()
	_, got := open(t, dir, segment.Options{Size: 4096}, 999)
	want(t, got, strings.Repeat("x", 500))
}

func disk(seed uint64) *faultdisk.Disk { return faultdisk.New(rand.New(rand.NewPCG(seed, 1))) }

// What was acknowledged is there after any crash, and what is there was asked
// for, in order.
func TestCrashes(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	for seed := range uint64(n) {
		random := rand.New(rand.NewPCG(seed, 2))
		d := disk(seed)
		var acked, asked []string // asked are those that failed since the last that did not
		released := uint64(0)
		for range 4 {
			seq := released
			var got []string
			l, err := segment.Open(d, segment.Options{Size: 2048, Durable: func(s uint64, _ []any) { seq = s }}, released,
				func(s uint64, r []byte) error { got, seq = append(got, string(r)), s; return nil })
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			check(t, seed, acked, asked, got)
			acked, asked = got, nil
			faulty := random.IntN(2) == 0
			d.Fail(func(op faultdisk.Op) error {
				if faulty && random.IntN(12) == 0 {
					return syscall.EIO
				}
				return nil
			})
			for i := range random.IntN(40) {
				r := fmt.Sprint(seed, " ", i, " ", strings.Repeat("r", random.IntN(600)))
				if err := l.Append([]byte(r), nil); err == nil {
					acked, asked = append(acked, r), nil
				} else if asked = append(asked, r); !errors.Is(err, syscall.EIO) {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if random.IntN(10) == 0 && len(acked) > 0 {
					l.Release(seq)
					released, acked = seq, nil
				}
			}
			d.Crash()
			l.Close()
		}
	}
}

// check tells whether what came back is all that was acknowledged, and behind
// it at most what was asked for and not answered.
func check(t *testing.T, seed uint64, acked, asked, got []string) {
	t.Helper()
	if len(got) < len(acked) || !slices.Equal(got[:len(acked)], acked) {
		t.Fatalf("seed %d: got %.60q; want %.60q first", seed, got, acked)
	}
	for _, r := range got[len(acked):] {
		if !slices.Contains(asked, r) {
			t.Fatalf("seed %d: got %.60q, which nobody asked for", seed, r)
		}
	}
}

// A bit that flips in what was acknowledged is found, but for the very last
// batch, which nothing tells from one that was torn.
func TestAFlippedBitIsRefusedByNameAndPlace(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 3))
		d := disk(seed)
		l, _ := open(t, d, segment.Options{Size: 2048}, 0)
		for i := range 30 {
			add(t, l, fmt.Sprintf("%02d%s", i, strings.Repeat("r", 101)))
		}
		l.Close()
		// Batches take 136 bytes, without padding; three segments hold them all.
		name := fmt.Sprintf("%016x.log", 1+random.IntN(2))
		d.Flip(name, 512+random.Int64N(9*136), random.IntN(8))
		_, err := segment.Open(d, segment.Options{}, 0, func(uint64, []byte) error { t.Error("told a record"); return nil })
		var corrupt *segment.CorruptError
		if !errors.As(err, &corrupt) || corrupt.File != name {
			t.Fatalf("seed %d: got %v; want a CorruptError of %s", seed, err, name)
		}
		if _, err := segment.Check(d, 0); !errors.As(err, &corrupt) {
			t.Fatalf("seed %d: check: got %v", seed, err)
		}
	}
}

func TestATornTailIsCutOff(t *testing.T) {
	d := disk(1)
	l, _ := open(t, d, segment.Options{Size: 2048}, 0)
	add(t, l, "a", "b", "c")
	l.Close()
	d.Flip("0000000000000001.log", 512+2*40+33, 1) // in the last batch
	l, got := open(t, d, segment.Options{Size: 2048}, 0)
	want(t, got, "a", "b")
	add(t, l, "d")
	l.Close()
	_, got = open(t, d, segment.Options{Size: 2048}, 0)
	want(t, got, "a", "b", "d")
}

func TestAMissingSegmentIsRefused(t *testing.T) {
	d := disk(1)
	l, _ := open(t, d, segment.Options{Size: 1024}, 0)
	for range 20 {
		add(t, l, strings.Repeat("r", 200))
	}
	l.Close()
	if err := d.Remove("0000000000000003.log"); err != nil {
		t.Fatal(err)
	}
	var corrupt *segment.CorruptError
	if _, err := segment.Check(d, 0); !errors.As(err, &corrupt) || corrupt.File != "0000000000000003.log" {
		t.Errorf("got %v; want a CorruptError of the third", err)
	}
}

func TestAFullDiskFailsAndGoesOn(t *testing.T) {
	d := disk(1)
	d.Room(5000)
	l, _ := open(t, d, segment.Options{Size: 2048}, 0)
	var err error
	n := 0
	for ; err == nil; n++ {
		err = l.Append([]byte(strings.Repeat("r", 500)), nil)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v; want ENOSPC", err)
	}
	d.Room(0)
	add(t, l, "after")
	l.Close()
	_, got := open(t, d, segment.Options{Size: 2048}, 0)
	if len(got) != n || got[n-1] != "after" {
		t.Errorf("got %d records; want %d, the last one after", len(got), n)
	}
}

// Whatever is in a directory is read or refused, never a panic.
func FuzzOpen(f *testing.F) {
	f.Add([]byte{}, uint8(0))
	f.Add([]byte("SLMNLOG1"), uint8(3))
	f.Fuzz(func(t *testing.T, noise []byte, at uint8) {
		d := disk(1)
		l, _ := open(t, d, segment.Options{Size: 2048}, 0)
		add(t, l, "a", "b", "c")
		l.Close()
		file, err := d.Open("0000000000000001.log")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(noise, int64(at)*8); err != nil && len(noise) > 0 {
			t.Fatal(err)
		}
		l, err = segment.Open(d, segment.Options{Size: 2048}, 0, func(uint64, []byte) error { return nil })
		if err == nil {
			l.Close()
		}
	})
}
