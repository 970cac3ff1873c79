package tpcds

// Tickets come in pairs of 24 lines, so that a line's number tells its pair
// and files can begin at any pair.
const (
	pairLines = 24
	maxLines  = 16 // of one ticket; there are as many new items a day at least
)

// A sale is one line of a ticket, with open-row numbers for item and store.
type sale struct {
	ticket, day, second             int
	item, customer, cdemo, hdemo    int
	address, store, promo, quantity int
	// Hundredths.
	wholesale, list, price int
	discount               int // ss_ext_discount_amt
	tax, coupon            int
	extPrice, extWholesale int
	extList                int
}

// buyer makes what the lines of a ticket have in common.
func (g *generator) buyer(r *random, ticket, day int) sale {
	t := sale{ticket: ticket, day: day, second: 8*3600 + r.below(14*3600)}
	t.customer = 1 + r.below(g.customers)
	t.cdemo = unknown(r, 3, 1+r.below(g.demographics))
	t.hdemo = 1 + r.below(g.households)
	t.address = g.customerHome(t.customer)
	if r.chance(60) {
		t.address = 1 + r.below(g.addresses)
	}
	t.store = r.below(g.stores / 2)
	return t
}

// line fills in one line of ticket t. All lines of a ticket have different
// items.
func (g *generator) line(r *random, t sale, firstItem, number int) sale {
	l := t
	l.item = (firstItem + number*7) % (g.items / 2)
	l.promo = unknown(r, 40, 1+r.below(g.promotions))
	l.quantity = r.between(1, 100)
	l.wholesale = r.between(100, 10000)
	l.list = l.wholesale * r.between(100, 200) / 100
	l.price = l.list * r.between(0, 100) / 100
	l.discount = l.quantity * (l.list - l.price)
	l.extPrice = l.quantity * l.price
	l.extWholesale = l.quantity * l.wholesale
	l.extList = l.quantity * l.list
	if r.chance(20) {
		l.coupon = l.extPrice * r.between(0, 100) / 100
	}
	l.tax = (l.extPrice - l.coupon) * r.between(0, 9) / 100
	return l
}

// writeAmounts writes the columns from ss_wholesale_cost to the last.
func (l sale) writeAmounts(s *sink) {
	net := l.extPrice - l.coupon
	s.money(l.wholesale)
	s.money(l.list)
	s.money(l.price)
	s.money(l.discount)
	s.money(l.extPrice)
	s.money(l.extWholesale)
	s.money(l.extList)
	s.money(l.tax)
	s.money(l.coupon)
	s.money(net)
	s.money(net + l.tax)
	s.money(net - l.extWholesale)
}

// writeSales writes lines from to to-1; from is the first line of a pair.
func (g *generator) writeSales(s *sink, from, to int) {
	for n := from; n < to; {
		pair := n / pairLines
		r := newRandom(g.seed, streamSales, pair)
		first := r.between(pairLines-maxLines, maxLines)
		for i, lines := range []int{first, pairLines - first} {
			t := g.buyer(&r, 2*pair+i+1, pick(&r, g.days))
			customer, hdemo, address := unknown(&r, 2, t.customer), unknown(&r, 2, t.hdemo), unknown(&r, 2, t.address)
			item := r.below(g.items / 2)
			for number := range lines {
				l := g.line(&r, t, item, number)
				if n == to {
					return
				}
				n++
				s.key(l.day)
				s.int(l.second)
				s.int(rowAt(l.item, l.day))
				s.key(customer)
				s.key(l.cdemo)
				s.key(hdemo)
				s.key(address)
				s.int(rowAt(l.store, l.day))
				s.key(l.promo)
				s.int(l.ticket)
				s.int(l.quantity)
				l.writeAmounts(s)
				s.end()
			}
		}
	}
}

// saleDays returns the days of sale, the busier ones several times: from
// August on twice, November and December three times.
func saleDays() []int {
	var days []int
	for sk := firstSale; sk <= lastSale; sk++ {
		times := 1
		switch m := dayOf(sk).Month(); {
		case m >= 11:
			times = 3
		case m >= 8:
			times = 2
		}
		for range times {
			days = append(days, sk)
		}
	}
	return days
}
