package dialect

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// examples are the statements of the example's scripts.
func examples(tb testing.TB) (texts []string, largest string) {
	tb.Helper()
	files, err := filepath.Glob("../../examples/refresh/sql/*.sql")
	if err != nil || len(files) == 0 {
		tb.Fatal("the example's scripts are not there")
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		texts = append(texts, string(b))
		all, err := Parse(string(b))
		if err != nil {
			tb.Fatal(f, err)
		}
		for _, s := range all {
			if len(s.Text()) > len(largest) {
				largest = s.Text()
			}
		}
	}
	return texts, largest
}

// rewriteAll reads a text and rewrites its statements, with integers where a
// type is asked for.
func rewriteAll(text string) (n int, err error) {
	all, err := Parse(text)
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if err := s.Classify(); err != nil {
			continue // the variables of psql are not replaced
		}
		switch s.Kind {
		case Copy:
			s.Copy()
			continue
		case Query, Write, Define:
		default:
			continue
		}
		env := Env{Catalog: none{}, Types: Types{}}
		for range 100 {
			out, err := s.Rewrite(env)
			if err != nil || len(out.Probes) == 0 {
				break
			}
			env.Types[out.Probes[0]] = []string{"INTEGER", "INTEGER"}
		}
		n++
	}
	return n, nil
}

// BenchmarkRewrite rewrites the example's scripts. It must be 5 MB/s at least.
func BenchmarkRewrite(b *testing.B) {
	texts, largest := examples(b)
	for range 30 { // a warehouse rewrites its first statement once, its millionth often
		for _, t := range texts {
			if _, err := rewriteAll(t); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("script", func(b *testing.B) {
		size := 0
		for _, t := range texts {
			size += len(t)
		}
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			for _, t := range texts {
				if _, err := rewriteAll(t); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("largest", func(b *testing.B) {
		b.SetBytes(int64(len(largest)))
		b.ReportAllocs()
		for b.Loop() {
			if n, err := rewriteAll(largest); err != nil || n != 1 {
				b.Fatal(n, err)
			}
		}
	})
}

// TestRewriteIsQuick holds the example's largest statement to ten times what
// the benchmark asks for, which is a millisecond.
func TestRewriteIsQuick(t *testing.T) {
	_, largest := examples(t)
	best := time.Hour
	for range 5 {
		start := time.Now()
		if n, err := rewriteAll(largest); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		best = min(best, time.Since(start))
	}
	if best > 10*time.Millisecond {
		t.Errorf("rewriting %d bytes took %v", len(largest), best)
	}
}
