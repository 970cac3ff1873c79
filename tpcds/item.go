package tpcds

import (
	"fmt"
	"time"
)

// Rows of a table with history come in groups of six, which are three
// business keys of one, two and three revisions.
type revision struct {
	first      int // surrogate key of the first revision, which makes the business key
	number     int // 0 for the first
	start, end int // d_date_sk; end 0 means open
}

func revisionOf(sk int) revision {
	starts := func(y, m, d int) int { return DateKey(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)) }
	a, b, c, d := starts(1997, 10, 27), starts(1999, 10, 28), starts(2000, 10, 27), starts(2001, 10, 27)
	switch (sk - 1) % 6 {
	case 0:
		return revision{sk, 0, a, 0}
	case 1:
		return revision{sk, 0, a, c - 1}
	case 2:
		return revision{sk - 1, 1, c, 0}
	case 3:
		return revision{sk, 0, a, b - 1}
	case 4:
		return revision{sk - 1, 1, b, d - 1}
	}
	return revision{sk - 2, 2, d, 0}
}

// openKeys are the offsets within a group of six of the rows that are open.
var openKeys = [...]int{1, 3, 6}

// openRow returns the surrogate key of open row number i of a table with
// history.
func openRow(i int) int { return i/3*6 + openKeys[i%3] }

// rowAt returns the revision of open row i that was valid on a day.
func rowAt(i, day int) int {
	sk := openRow(i)
	for {
		rev := revisionOf(sk)
		if rev.number == 0 || day >= rev.start {
			return sk
		}
		sk--
	}
}

func (g *generator) writeItems(s *sink, from, to int) {
	for sk := from + 1; sk <= to; sk++ {
		rev := revisionOf(sk)
		s.int(sk)
		s.str(businessKey(rev.first))
		s.date(rev.start)
		s.date(rev.end)
		g.item(rev.first, sk).write(s)
		s.end()
	}
}

// An item is the columns of an item that the extract has besides its key.
type item struct {
	desc                                 string
	price, cost                          int
	category, class, manufact, brand     int
	size, formulation, color, unit, name string
	manager                              int
}

// item makes the item of a business key as its revision sk says.
func (g *generator) item(first, sk int) item {
	r := newRandom(g.seed, streamItem, first)
	it := item{
		category: r.below(len(categories)), class: r.below(4), manufact: r.between(1, 1000), brand: r.between(1, 12),
		size: pick(&r, sizes[:]), formulation: fmt.Sprintf("%08d%s%06d", r.below(1e8), "x", r.below(1e6)),
		color: pick(&r, colors[:]), unit: pick(&r, units[:]), manager: r.between(1, 100),
	}
	adjective, noun := pick(&r, adjectives[:]), pick(&r, nouns[:])
	it.name = fmt.Sprintf("%s %s no. %d", adjective, noun, first)
	it.desc = fmt.Sprintf("A %s %s for the %s, in %s; the maker's own work.", adjective, noun, categories[it.category].name, it.color)
	p := newRandom(g.seed, streamItemPrice, sk)
	it.price = p.between(99, 9999)
	it.cost = it.price * p.between(30, 90) / 100
	return it
}

// write writes the columns from i_item_desc to the last.
func (it item) write(s *sink) {
	category := categories[it.category]
	maker := func(n int) string { return makers[n%8] + makers[n/8%8] + makers[n/64%8] }
	s.str(it.desc)
	s.money(it.price)
	s.money(it.cost)
	s.int((it.category+1)*1000000 + (it.class+1)*1000 + it.brand)
	s.str(fmt.Sprintf("%s #%d", maker(it.category*4+it.class), it.brand))
	s.int(it.class + 1)
	s.str(category.classes[it.class])
	s.int(it.category + 1)
	s.str(category.name)
	s.int(it.manufact)
	s.str(maker(it.manufact))
	s.str(it.size)
	s.str(it.formulation)
	s.str(it.color)
	s.str(it.unit)
	s.str("Unknown")
	s.int(it.manager)
	s.str(it.name)
}
