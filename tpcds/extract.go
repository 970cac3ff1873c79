package tpcds

// The extracts of a day. New business keys are numbered above all of the
// initial load, apart for each day.
const (
	newKeys       = 1 << 24
	newKeysPerDay = 1 << 10
)

func newKey(day, i int) int { return newKeys + (day-firstDay)*newKeysPerDay + i }

// distinct returns n different numbers below limit, in an order of its own.
func distinct(r *random, n, limit int) []int {
	n = min(n, limit)
	seen := make(map[int]bool, n)
	list := make([]int, 0, n)
	for len(list) < n {
		if i := r.below(limit); !seen[i] {
			seen[i] = true
			list = append(list, i)
		}
	}
	return list
}

func (g *generator) extractItemCounts() (known, fresh int) {
	return min(max(60, g.items/100), g.items/2), min(max(maxLines, g.items/500), newKeysPerDay)
}

// writeItemExtract writes items as of a day: of those known six in ten have
// another price, two in ten another description and size, and two in ten are
// unchanged; new ones follow.
func (g *generator) writeItemExtract(s *sink, day int) {
	r := newRandom(g.seed, streamExtractItem, day)
	known, fresh := g.extractItemCounts()
	for n, i := range distinct(&r, known, g.items/2) {
		sk := openRow(i)
		first := revisionOf(sk).first
		it := g.item(first, sk)
		switch n % 10 {
		case 0, 1, 2, 3, 4, 5:
			it.price += r.between(1, 500)
		case 6, 7:
			it.desc = "Now in another size: " + it.desc
			it.size = "economy"
		}
		s.str(businessKey(first))
		it.write(s)
		s.end()
	}
	for i := range fresh {
		n := newKey(day, i)
		s.str(businessKey(n))
		g.item(n, n).write(s)
		s.end()
	}
}

func (g *generator) extractAddressCounts() (known, fresh int) {
	return min(max(80, g.addresses/200), g.addresses), min(max(20, g.addresses/1000), newKeysPerDay)
}

// writeAddressExtract writes addresses as of a day: of those known eight in
// ten are changed, and new ones follow.
func (g *generator) writeAddressExtract(s *sink, day int) {
	r := newRandom(g.seed, streamExtractAddress, day)
	known, fresh := g.extractAddressCounts()
	for n, i := range distinct(&r, known, g.addresses) {
		sk := i + 1
		same := newRandom(g.seed, streamAddress, sk)
		place, city := &same, g.addressCity(sk)
		if n%5 != 0 {
			place, city = &r, pick(&r, cities[:])
		}
		s.str(businessKey(sk))
		writePlace(s, place, city)
		s.end()
	}
	for i := range fresh {
		s.str(businessKey(newKey(day, i)))
		writePlace(s, &r, pick(&r, cities[:]))
		s.end()
	}
}

func (g *generator) extractSalesRows() int { return max(690, int(2759*g.scale+0.5)) }

// writeSalesExtract writes the lines sold on a day, with business keys. Some
// customers, promotions and addresses are unknown (or not known yet), some
// items and addresses are the day's new ones. Every fourth ticket is one that
// the verification query finds.
func (g *generator) writeSalesExtract(s *sink, day int) {
	_, newAddresses := g.extractAddressCounts()
	rows := g.extractSalesRows()
	for n, pair := 0, 0; n < rows; pair++ {
		r := newRandom(mix(g.seed+uint64(day)), streamExtractSales, pair)
		first := r.between(pairLines-maxLines, maxLines)
		for i, lines := range []int{first, pairLines - first} {
			t := g.buyer(&r, 1_000_000_000+(day-firstSale)*100_000+2*pair+i, day)
			house := householdOf(t.hdemo)
			customer, address := businessKey(t.customer), businessKey(t.address)
			switch {
			case (2*pair+i)%4 == 0:
				house.vehicles = 0
				t.store -= t.store % 3 // in a city that the query asks for
				for g.addressCity(t.address) == g.addressCity(g.customerHome(t.customer)) {
					t.address = 1 + r.below(g.addresses)
				}
				address = businessKey(t.address)
			case r.chance(5):
				customer = businessKey(newKey(day, r.below(newKeysPerDay))) // comes late: no such customer yet
			case r.chance(5):
				customer = ""
			case r.chance(10):
				address = businessKey(newKey(day, r.below(newAddresses)))
			}
			item := r.below(g.items / 2)
			for number := range lines {
				l := g.line(&r, t, item, number)
				itemKey := businessKey(revisionOf(openRow(l.item)).first)
				if r.chance(4) {
					itemKey = businessKey(newKey(day, number))
				}
				promo := ""
				if l.promo != 0 {
					promo = businessKey(l.promo)
				}
				if r.chance(1) {
					promo = businessKey(newKey(day, 0)) // no such promotion
				}
				if n == rows {
					return
				}
				n++
				s.date(day)
				s.int(l.second)
				s.str(itemKey)
				s.str(customer)
				s.key(l.cdemo)
				s.int(house.income)
				s.str(buyPotentials[house.potential])
				s.int(house.dependants)
				s.int(house.vehicles)
				s.str(address)
				s.str(businessKey(revisionOf(openRow(l.store)).first))
				s.str(promo)
				s.int(l.ticket)
				s.int(l.quantity)
				l.writeAmounts(s)
				s.end()
			}
		}
	}
}
