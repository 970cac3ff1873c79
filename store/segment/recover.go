package segment

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Open opens the log of a directory, or begins one, and calls replay with
// every record behind the batch numbered applied, in order. A record is only
// valid during the call. Damage is a [*CorruptError], found before the first
// call, and changes nothing.
func Open(fs FS, opt Options, applied uint64, replay func(seq uint64, record []byte) error) (*Log, error) {
	if opt.Size == 0 {
		opt.Size = 16 << 20
	}
	if opt.Spare == 0 {
		opt.Spare = 4
	}
	found, err := find(fs, applied)
	if err != nil {
		return nil, err
	}
	for _, dry := range []bool{true, false} { // all is checked before anything is told
		if err := found.read(fs, applied, replay, dry); err != nil {
			return nil, err
		}
	}
	l := &Log{fs: fs, opt: opt, off: found.end, seq: max(found.last, applied), newest: found.newest, spare: found.spare}
	if n := len(found.chain); n > 0 {
		l.now = found.chain[n-1]
	}
	l.live = found.chain
	l.Release(applied)
	if err := l.rotate(0); err != nil {
		return nil, err
	}
	l.start()
	return l, nil
}

// Check reads the whole log and reports what [Open] would, without changing
// anything, and how many records are behind the batch numbered applied.
func Check(fs FS, applied uint64) (records int, err error) {
	found, err := find(fs, applied)
	if err != nil {
		return 0, err
	}
	err = found.read(fs, applied, func(uint64, []byte) error { records++; return nil }, false)
	return records, err
}

// findings are what a directory has of a log.
type findings struct {
	chain  []part // the segments to read, oldest first
	spare  []string
	newest uint64
	last   uint64 // sequence number of the last batch
	end    int64  // of the last segment's batches
}

// find follows the chain of segments back from the newest one.
func find(fs FS, applied uint64) (*findings, error) {
	names, err := fs.List()
	if err != nil {
		return nil, err
	}
	found := &findings{}
	whole, odd := map[uint64]header{}, []uint64{}
	for _, name := range names {
		text, ok := strings.CutSuffix(name, ".log")
		number, err := strconv.ParseUint(text, 16, 64)
		if !ok || err != nil || segmentName(number) != name {
			continue
		}
		h, err := headerOf(fs, name)
		switch {
		case errors.Is(err, errHeader):
			odd = append(odd, number)
		case err != nil:
			return nil, fmt.Errorf("read the log %s: %w", name, err)
		case h.number != number: // renamed, which a crash undid
			odd = append(odd, number)
			found.newest = max(found.newest, h.number)
		default:
			whole[number] = h
		}
		found.newest = max(found.newest, number)
	}
	newest := uint64(0)
	for number := range whole {
		newest = max(newest, number)
	}
	for _, number := range odd {
		if number > newest {
			return nil, &CorruptError{segmentName(number), 0, errHeader.Error()}
		}
	}
	if newest == 0 {
		found.last = applied
		return found, nil
	}
	for number := newest; ; {
		h := whole[number]
		found.chain = append(found.chain, part{header: h})
		if h.first <= applied+1 || h.prev == 0 {
			break
		}
		if _, ok := whole[h.prev]; !ok {
			return nil, &CorruptError{segmentName(h.prev), 0, fmt.Sprintf("the segment before %s is missing or has no header", segmentName(number))}
		}
		number = h.prev
	}
	slices.Reverse(found.chain)
	if first := found.chain[0]; first.first > applied+1 {
		return nil, &CorruptError{segmentName(first.number), 0,
			fmt.Sprintf("it begins with batch %d, and the database knows those up to %d only: was one of them replaced?", first.first, applied)}
	}
	for number := range whole {
		if !slices.ContainsFunc(found.chain, func(p part) bool { return p.number == number }) {
			odd = append(odd, number)
		}
	}
	slices.Sort(odd)
	for _, number := range odd {
		found.spare = append(found.spare, segmentName(number))
	}
	return found, nil
}

func headerOf(fs FS, name string) (header, error) {
	f, err := fs.Open(name)
	if err != nil {
		return header{}, err
	}
	defer f.Close()
	return readHeader(f)
}

// read goes through the chain and calls replay with the records behind
// applied, unless dry.
func (found *findings) read(fs FS, applied uint64, replay func(uint64, []byte) error, dry bool) error {
	for i := range found.chain {
		p := &found.chain[i]
		end := int64(-1)
		if i+1 < len(found.chain) {
			end = found.chain[i+1].end
		}
		err := readSegment(fs, p, end, func(seq uint64, payload []byte) error {
			if dry || seq <= applied {
				return nil
			}
			return records(payload, func(record []byte) error { return replay(seq, record) })
		}, &found.end)
		if err != nil {
			return err
		}
		found.last = p.last
		if i+1 < len(found.chain) && found.chain[i+1].first != p.last+1 {
			return &CorruptError{segmentName(p.number), found.end, fmt.Sprintf("batch %d is missing", p.last+1)}
		}
	}
	return nil
}

// readSegment reads the batches of a segment up to end, or where end is -1,
// because nothing tells it, up to the last whole one.
func readSegment(fs FS, p *part, end int64, take func(uint64, []byte) error, stop *int64) error {
	name := segmentName(p.number)
	f, err := fs.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return err
	}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); err != nil && !(errors.Is(err, io.EOF) && int64(n) == size) {
		return fmt.Errorf("read the log %s: %w", name, err)
	}
	if end > size {
		return &CorruptError{name, size, "it is shorter than the segment behind it says"}
	}
	off := int64(headerSize)
	for p.last = p.first - 1; off < end || end < 0; {
		seq, payload, n, ok := unseal(b[min(off, size):], p.number)
		if !ok && end < 0 {
			break
		}
		if !ok || seq != p.last+1 {
			return &CorruptError{name, off, fmt.Sprintf("batch %d is broken", p.last+1)}
		}
		if err := take(seq, payload); err != nil {
			return err
		}
		p.last, off = seq, off+int64(n)
	}
	*stop = off
	for at := off; end < 0 && at+frameSize <= size; at += 8 {
		if seq, _, _, ok := unseal(b[at:], p.number); ok {
			return &CorruptError{name, off, fmt.Sprintf("batch %d is broken, and batch %d behind it is whole", p.last+1, seq)}
		}
	}
	return nil
}
