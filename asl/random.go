package asl

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// A random gives what a turn needs of randomness, all of it from the seed of
// the turn's event: the same seed gives the same turn.
type random struct {
	seed    [32]byte
	counter uint64
}

func (r *random) block() [32]byte {
	var in [40]byte
	copy(in[:], r.seed[:])
	binary.BigEndian.PutUint64(in[32:], r.counter)
	r.counter++
	return sha256.Sum256(in[:])
}

// uint64 returns a uniform number.
func (r *random) uint64() uint64 {
	b := r.block()
	return binary.BigEndian.Uint64(b[:])
}

// float returns a number in [0, 1).
func (r *random) float() float64 { return float64(r.uint64()>>11) / (1 << 53) }

// between returns a number in [lo, hi).
func (r *random) between(lo, hi int64) int64 {
	if hi <= lo {
		return lo
	}
	span := uint64(hi) - uint64(lo)
	return int64(uint64(lo) + r.uint64()%span)
}

// uuid returns a version 4 UUID.
func (r *random) uuid() string {
	b := r.block()
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// token returns a task token.
func (r *random) token() string {
	var b []byte
	for range 3 {
		block := r.block()
		b = append(b, block[:]...)
	}
	return hex.EncodeToString(b)
}
