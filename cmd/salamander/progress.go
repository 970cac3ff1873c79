package main

import (
	"fmt"
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A progress shows how far a step is: a bar on a terminal, otherwise a line
// at the end.
type progress struct {
	out   io.Writer
	bars  *mpb.Progress
	bar   *mpb.Bar
	label string
	unit  string
	total int64
	done  int64
	began time.Time
}

// newProgress begins a step of total units.
func (c *console) newProgress(label, unit string, total int64) *progress {
	p := &progress{out: c.out, label: label, unit: unit, total: total, began: time.Now()}
	if c.terminal() {
		p.bars = mpb.New(mpb.WithOutput(c.out), mpb.WithWidth(40), mpb.WithRefreshRate(120*time.Millisecond))
		p.bar = p.bars.New(total, mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.PrependDecorators(decor.Name("  "+label, decor.WC{W: 26, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Name("  "), decor.Elapsed(decor.ET_STYLE_GO)))
	}
	return p
}

// add says that n more units are done.
func (p *progress) add(n int64) {
	p.done += n
	if p.bar != nil {
		p.bar.SetCurrent(min(p.done, p.total))
	}
}

// end closes the step. With ok the rest counts as done.
func (p *progress) end(ok bool) {
	if p.bar != nil {
		if ok {
			p.bar.SetTotal(-1, true)
		} else {
			p.bar.Abort(false)
		}
		p.bars.Wait()
		return
	}
	if ok {
		fmt.Fprintf(p.out, "  %s: %d %s in %s\n", p.label, p.done, p.unit, seconds(time.Since(p.began)))
	}
}
