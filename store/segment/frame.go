package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A segment begins with a header, of headerSize bytes, little endian:
//
//	magic "SLMNLOG1"
//	number   uint64 of the segment, which its name gives too
//	first    uint64 sequence number of its first batch
//	prev     uint64 number of the segment before
//	end      uint64 where the batches of the segment before end
//	crc      uint32 CRC-32C of the above
//
// and zeros. Batches follow, each beginning at a multiple of 8:
//
//	magic    uint32
//	crc      uint32 CRC-32C of all that follows
//	segment  uint64 number of the segment
//	seq      uint64 one more than that of the batch before
//	length   uint32 of the payload
//	zero     uint32
//	payload  records, each behind its length (varint)
//
// A batch is written and synced before the next is written. So a batch that
// is whole proves that all before it were durable, and a broken one with
// nothing whole of this segment behind it was never acknowledged.
const (
	headerSize = 512
	frameSize  = 32
	frameMagic = 0x6d6c53f7
)

var (
	headerMagic = []byte("SLMNLOG1")
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
)

// A header of a segment.
type header struct {
	number, first, prev uint64
	end                 int64
}

func (h header) encode() []byte {
	b := make([]byte, headerSize)
	copy(b, headerMagic)
	binary.LittleEndian.PutUint64(b[8:], h.number)
	binary.LittleEndian.PutUint64(b[16:], h.first)
	binary.LittleEndian.PutUint64(b[24:], h.prev)
	binary.LittleEndian.PutUint64(b[32:], uint64(h.end))
	binary.LittleEndian.PutUint32(b[40:], crc32.Checksum(b[:40], castagnoli))
	return b
}

var errHeader = errors.New("the header is broken")

func readHeader(f io.ReaderAt) (h header, err error) {
	b := make([]byte, headerSize)
	if _, err := f.ReadAt(b, 0); errors.Is(err, io.EOF) {
		return h, errHeader
	} else if err != nil {
		return h, err
	}
	if bytes.Equal(b[:7], headerMagic[:7]) && b[7] > headerMagic[7] && b[7] <= '9' {
		return h, fmt.Errorf("it is of format %c, which a newer salamander wrote; this one reads format %c", b[7], headerMagic[7])
	}
	if !bytes.Equal(b[:8], headerMagic) || binary.LittleEndian.Uint32(b[40:]) != crc32.Checksum(b[:40], castagnoli) {
		return h, errHeader
	}
	word := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	return header{number: word(8), first: word(16), prev: word(24), end: int64(word(32))}, nil
}

// seal fills the frame in front of the payload that b holds behind it, and
// pads b to a multiple of 8.
func seal(b []byte, segment, seq uint64) []byte {
	length := len(b) - frameSize
	binary.LittleEndian.PutUint32(b, frameMagic)
	binary.LittleEndian.PutUint64(b[8:], segment)
	binary.LittleEndian.PutUint64(b[16:], seq)
	binary.LittleEndian.PutUint32(b[24:], uint32(length))
	binary.LittleEndian.PutUint32(b[28:], 0)
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
	return append(b, make([]byte, -len(b)&7)...)
}

// unseal returns the batch at the start of b, if one of this segment is there
// whole, and its length with the padding.
func unseal(b []byte, segment uint64) (seq uint64, payload []byte, size int, ok bool) {
	if len(b) < frameSize || binary.LittleEndian.Uint32(b) != frameMagic || binary.LittleEndian.Uint64(b[8:]) != segment {
		return 0, nil, 0, false
	}
	length := int64(binary.LittleEndian.Uint32(b[24:]))
	if length > int64(len(b)-frameSize) {
		return 0, nil, 0, false
	}
	end := frameSize + int(length)
	if binary.LittleEndian.Uint32(b[4:]) != crc32.Checksum(b[8:end], castagnoli) {
		return 0, nil, 0, false
	}
	return binary.LittleEndian.Uint64(b[16:]), b[frameSize:end], (end + 7) &^ 7, true
}

// records calls f with each record of a payload.
func records(payload []byte, f func([]byte) error) error {
	for len(payload) > 0 {
		n, used := binary.Uvarint(payload)
		if used <= 0 || n > uint64(len(payload)-used) {
			return errors.New("a record is longer than its batch")
		}
		if err := f(payload[used : used+int(n)]); err != nil {
			return err
		}
		payload = payload[used+int(n):]
	}
	return nil
}

// A CorruptError tells where a log is damaged: what was acknowledged cannot
// be read. Nothing was changed.
type CorruptError struct {
	File   string // its name
	Offset int64  // of the damage
	Reason string
}

// Error tells file, place and reason.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("the log %s is damaged at byte %d: %s", e.File, e.Offset, e.Reason)
}
