package tpcds

// A random is a stream of pseudo-random numbers (splitmix64). Each row has a
// stream of its own, so that files can be written in any order.
//
// https://prng.di.unimi.it/splitmix64.c
type random uint64

const golden = 0x9e3779b97f4a7c15

func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// newRandom returns the stream number index of a kind of rows.
func newRandom(seed uint64, kind stream, index int) random {
	return random(mix(mix(seed+golden*uint64(kind)) + golden*uint64(index)))
}

func (r *random) next() uint64 {
	*r += golden
	return mix(uint64(*r))
}

// below returns a number from 0 to n-1. Its bias is n in 2^32 at most.
func (r *random) below(n int) int {
	return int((r.next() >> 32) * uint64(n) >> 32)
}

// between returns a number from lo to hi, both included.
func (r *random) between(lo, hi int) int { return lo + r.below(hi-lo+1) }

// chance reports true percent times in a hundred.
func (r *random) chance(percent int) bool { return r.below(100) < percent }

func pick[T any](r *random, list []T) T { return list[r.below(len(list))] }

// A stream tells kinds of rows apart.
type stream uint64

const (
	streamItem stream = iota + 1
	streamItemPrice
	streamCustomer
	streamAddress
	streamStore
	streamPromotion
	streamSales
	streamExtractSales
	streamExtractItem
	streamExtractAddress
	streamCustomerHome
	streamAddressCity
)
