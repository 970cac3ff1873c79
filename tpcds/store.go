package tpcds

import "fmt"

// storeCity returns the city of a store by its first surrogate key: two in
// three are in the first two cities. Revisions of a store stay where it is.
func storeCity(first int) string {
	switch (first - 1) % 6 {
	case 0:
		return cities[0]
	case 1:
		return cities[1]
	}
	return cities[2]
}

func (g *generator) writeStores(s *sink, from, to int) {
	for sk := from + 1; sk <= to; sk++ {
		rev := revisionOf(sk)
		r := newRandom(g.seed, streamStore, rev.first)
		r2 := newRandom(g.seed, streamStore, -sk)
		state := pick(&r, states[:])
		s.int(sk)
		s.str(businessKey(rev.first))
		s.date(rev.start)
		s.date(rev.end)
		s.key(0)
		s.str(pick(&r, storeNames[:]))
		s.int(r2.between(200, 300))
		s.int(r2.between(5_000_000, 10_000_000))
		s.str(pick(&r, hours[:]))
		s.str(pick(&r2, firstNames[:]) + " " + pick(&r2, lastNames[:]))
		s.int(r.between(1, 10))
		s.str("Unknown")
		s.str("People's market, near the station; open all year.")
		s.str(pick(&r, firstNames[:]) + " " + pick(&r, lastNames[:]))
		s.int(1)
		s.str("Unknown")
		s.int(1)
		s.str("Unknown")
		s.int(r.between(1, 999))
		s.str(pick(&r, streetNames[:]))
		s.str(pick(&r, streetTypes[:]))
		s.str(fmt.Sprintf("Suite %d", r.below(50)*10))
		s.str(storeCity(rev.first))
		s.str(state.county)
		s.str(state.code)
		s.str(fmt.Sprintf("%05d", r.between(601, 99950)))
		s.str("United States")
		s.money(state.gmt)
		s.money(r.below(12))
		s.end()
	}
}

func (g *generator) writePromotions(s *sink, from, to int) {
	for sk := from + 1; sk <= to; sk++ {
		r := newRandom(g.seed, streamPromotion, sk)
		start := r.between(firstSale, lastSale)
		s.int(sk)
		s.str(businessKey(sk))
		s.key(start)
		s.key(start + r.between(7, 60))
		s.key(1 + r.below(g.items))
		s.money(100000)
		s.int(1)
		s.str(pick(&r, storeNames[:]))
		for range 8 {
			s.flag(r.chance(50))
		}
		s.str("The season's " + pick(&r, adjectives[:]) + " offer")
		s.str("Unknown")
		s.flag(r.chance(20))
		s.end()
	}
}
