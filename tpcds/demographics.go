package tpcds

// A household is the four attributes that name one row of
// household_demographics: each combination has one.
type household struct{ income, potential, dependants, vehicles int }

func householdOf(sk int) household {
	i := sk - 1
	return household{i%20 + 1, i / 20 % 6, i / 120 % 10, i/1200%6 - 1}
}

func writeHouseholds(s *sink, from, to int) {
	for sk := from + 1; sk <= to; sk++ {
		h := householdOf(sk)
		s.int(sk)
		s.int(h.income)
		s.str(buyPotentials[h.potential])
		s.int(h.dependants)
		s.int(h.vehicles)
		s.end()
	}
}

// writeDemographics writes the product of eight attributes, the first
// changing fastest.
func writeDemographics(s *sink, from, to int) {
	for i := from; i < to; i++ {
		n := i
		digit := func(base int) int {
			d := n % base
			n /= base
			return d
		}
		s.int(i + 1)
		s.str(genders[digit(2)])
		s.str(marital[digit(5)])
		s.str(educations[digit(7)])
		s.int(500 * (1 + digit(20)))
		s.str(creditRatings[digit(4)])
		s.int(digit(7))
		s.int(digit(7))
		s.int(digit(7))
		s.end()
	}
}
