//go:build cgo

package duck

import (
	"fmt"
	"syscall"
	"unsafe"
)

// An arena holds long texts beside the vectors that point to them: one call of
// C for each text took a third of the time of a COPY. Its memory is not Go's,
// whose addresses C may not keep. The zero value is empty.
type arena struct {
	blocks [][]byte
	used   int    // of the blocks
	rest   []byte // of the last one of these
}

const (
	arenaBlock = 256 << 10 // bytes of a block
	arenaKept  = 8         // how many blocks stay when it is emptied
	arenaText  = 8 << 10   // how long a text in it may be, in bytes
)

// put copies a text, which is not empty and at most arenaText long.
func (a *arena) put(b []byte) (unsafe.Pointer, error) {
	if len(a.rest) < len(b) {
		if a.used == len(a.blocks) {
			block, err := syscall.Mmap(-1, 0, arenaBlock, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
			if err != nil {
				return nil, fmt.Errorf("memory for texts: %w", err)
			}
			a.blocks = append(a.blocks, block)
		}
		a.rest = a.blocks[a.used]
		a.used++
	}
	p := unsafe.Pointer(unsafe.SliceData(a.rest))
	a.rest = a.rest[copy(a.rest, b):]
	return p, nil
}

// reset forgets all texts.
func (a *arena) reset() {
	a.shrink(arenaKept)
	a.used, a.rest = 0, nil
}

// shrink gives all but the first blocks back.
func (a *arena) shrink(keep int) {
	for len(a.blocks) > keep {
		last := len(a.blocks) - 1
		syscall.Munmap(a.blocks[last])
		a.blocks = a.blocks[:last]
	}
}

// destroy gives the memory back.
func (a *arena) destroy() {
	a.shrink(0)
	*a = arena{}
}
