package console

import "testing"

// BenchmarkAssets weighs all assets together as browsers get them, compressed.
func BenchmarkAssets(b *testing.B) {
	for b.Loop() {
		a, err := readAssets(built())
		if err != nil {
			b.Fatal(err)
		}
		total := 0
		for _, file := range a.files {
			if z := file.zip(); z != nil {
				total += len(z)
			} else {
				total += len(file.plain)
			}
		}
		b.ReportMetric(float64(total)/1000, "kB")
	}
}
