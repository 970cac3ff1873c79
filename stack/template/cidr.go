package template

import (
	"math/big"
	"net/netip"
	"slices"
	"strconv"

	"salamander/internal/value"
)

const cidrForm = "Template error: every Fn::Cidr object requires two or three parameters: an IP block, a count between 1 and 256 and the number of subnet bits"

// cidr cuts a block of addresses into count blocks with bits host bits each.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
func (e *evaluator) cidr(n, arg *Node) (value.Value, error) {
	args := arg.list(3)
	if args == nil {
		return nil, errorAt(n, cidrForm)
	}
	var texts [3]string
	for i := range texts {
		var err error
		if texts[i], err = e.text(n, args[i], cidrForm); err != nil {
			return nil, err
		}
	}
	if e.mask && slices.Contains(texts[:], masked) {
		return masked, nil
	}
	block, err := netip.ParsePrefix(texts[0])
	count, err1 := strconv.Atoi(texts[1])
	bits, err2 := strconv.Atoi(texts[2])
	if err != nil || err1 != nil || err2 != nil || count < 1 || count > 256 || bits < 1 {
		return nil, errorAt(n, cidrForm)
	}
	size := block.Addr().BitLen()
	length := size - bits
	if length < block.Bits() || length-block.Bits() < 9 && count > 1<<(length-block.Bits()) {
		return nil, errorAt(n, "Template error: Fn::Cidr cannot cut %d blocks of %d bits out of %s", count, bits, texts[0])
	}
	at := new(big.Int).SetBytes(block.Masked().Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	all := make(value.Array, count)
	for i := range all {
		addr, _ := netip.AddrFromSlice(at.FillBytes(make([]byte, size/8)))
		all[i] = netip.PrefixFrom(addr, length).String()
		at.Add(at, step)
	}
	return all, nil
}
