package garbage

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ReleasePages gives the pages of the program's own files back to the system's
// cache: those that only the start has read, a large program's greatest part of
// what an idle one holds. What is needed again is mapped again, from memory.
// It touches only mappings without a page that was changed. It returns how many
// bytes it released.
func ReleasePages() (released int64, err error) {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var m mapping
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if next, ok := parseMapping(lines.Text()); ok {
			released += m.release()
			m = next
			continue
		}
		name, rest, _ := strings.Cut(lines.Text(), ":")
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err != nil {
			continue
		}
		switch name {
		case "Rss":
			m.resident = kb << 10
		case "Anonymous", "Private_Dirty", "Shared_Dirty", "Locked":
			m.changed = m.changed || kb != 0
		}
	}
	return released + m.release(), nil
}

// A mapping of the process.
type mapping struct {
	start, end uintptr
	clean      bool // it can only be read, and is of a file
	changed    bool // pages of it are not those of the file
	resident   int64
}

// parseMapping reads the first line of a mapping:
//
//	00400000-02a7f000 r-xp 00000000 fd:00 1234 /usr/bin/salamander
func parseMapping(line string) (m mapping, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 5 || strings.HasSuffix(fields[0], ":") {
		return m, false
	}
	if n, err := fmt.Sscanf(fields[0], "%x-%x", &m.start, &m.end); n != 2 || err != nil {
		return m, false
	}
	perm := fields[1]
	m.clean = len(fields) >= 6 && strings.HasPrefix(fields[5], "/") && len(perm) == 4 && perm[0] == 'r' && perm[1] == '-' && perm[3] == 'p'
	return m, true
}

// worth is from which size a mapping is worth a call.
const worth = 1 << 20

func (m *mapping) release() int64 {
	if !m.clean || m.changed || m.resident < worth {
		return 0
	}
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED); errno != 0 {
		return 0
	}
	return m.resident
}
