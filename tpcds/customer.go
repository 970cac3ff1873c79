package tpcds

import (
	"fmt"
	"strings"
)

// addressCity tells the city of an address without making the whole address.
func (g *generator) addressCity(sk int) string {
	r := newRandom(g.seed, streamAddressCity, sk)
	return pick(&r, cities[:])
}

func (g *generator) writeAddresses(s *sink, from, to int) {
	for sk := from + 1; sk <= to; sk++ {
		r := newRandom(g.seed, streamAddress, sk)
		s.int(sk)
		s.str(businessKey(sk))
		writePlace(s, &r, g.addressCity(sk))
		s.end()
	}
}

// writePlace writes the columns from ca_street_number to the last.
func writePlace(s *sink, r *random, city string) {
	s.int(r.between(1, 999))
	name := pick(r, streetNames[:])
	if r.chance(40) {
		name += " " + pick(r, streetNames[:])
	}
	s.str(name)
	s.str(pick(r, streetTypes[:]))
	s.str(fmt.Sprintf("Suite %d", r.below(50)*10))
	s.str(city)
	state := pick(r, states[:])
	s.str(state.county)
	s.str(state.code)
	s.str(fmt.Sprintf("%05d", r.between(601, 99950)))
	s.str("United States")
	s.money(state.gmt)
	s.str(pick(r, locationTypes[:]))
}

// customerHome returns the address of a customer.
func (g *generator) customerHome(sk int) int {
	r := newRandom(g.seed, streamCustomerHome, sk)
	return 1 + r.below(g.addresses)
}

func (g *generator) writeCustomers(s *sink, from, to int) {
	for sk := from + 1; sk <= to; sk++ {
		r := newRandom(g.seed, streamCustomer, sk)
		sold := r.between(firstSale-1000, lastSale-400)
		first, last := pick(&r, firstNames[:]), pick(&r, lastNames[:])
		s.int(sk)
		s.str(businessKey(sk))
		s.key(unknown(&r, 3, 1+r.below(g.demographics)))
		s.key(unknown(&r, 3, 1+r.below(g.households)))
		s.int(g.customerHome(sk))
		s.key(unknown(&r, 3, sold+30))
		s.key(unknown(&r, 3, sold))
		s.str(pick(&r, salutations[:]))
		s.str(first)
		s.str(last)
		s.flag(r.chance(50))
		s.key(unknown(&r, 3, r.between(1, 28)))
		s.key(unknown(&r, 3, r.between(1, 12)))
		s.key(unknown(&r, 3, r.between(1924, 1992)))
		s.str(pick(&r, countries[:]))
		s.str("")
		s.str(fmt.Sprintf("%s.%s%d@%s", plain(first), plain(last), sk, pick(&r, emailProviders[:])))
		s.key(unknown(&r, 3, r.between(lastSale-365, lastSale)))
		s.end()
	}
}

// unknown returns n, or 0 for NULL in so many percent of the rows.
func unknown(r *random, percent, n int) int {
	if r.chance(percent) {
		return 0
	}
	return n
}

// plain keeps the ASCII letters of a name.
func plain(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return -1
	}, name)
}
