//go:build cgo

package duck

import (
	"errors"
	"strings"

	"salamander/warehouse/dialect"
)

// mismatched takes the types that an error tells of a call without a function,
// where rewriting can help: Redshift makes texts of numbers where it needs
// texts, and times of constants beside times.
func mismatched(err error, out *dialect.Rewritten, known dialect.Types) bool {
	var e *nativeError
	if !errors.As(err, &e) || e.at() < 0 {
		return false
	}
	call := e.Call
	if e.Subtype != "NO_MATCHING_FUNCTION" {
		_, rest, ok := strings.Cut(e.Message, `Could not choose a best candidate function for the function call "`)
		if !ok {
			return false
		}
		call, _, _ = strings.Cut(rest, `". `)
	}
	types, ok := argumentTypes(call)
	if !ok || !dialect.BecomeTexts(types) {
		return false
	}
	at := out.Mapping.Source(e.at())
	if _, tried := known[at]; tried {
		return false
	}
	known[at] = types
	return true
}

// argumentTypes are those of a call as errors tell it: "left(DATE, INTEGER)".
func argumentTypes(call string) ([]string, bool) {
	i := strings.IndexByte(call, '(')
	if i < 0 || !strings.HasSuffix(call, ")") {
		return nil, false
	}
	return splitTypes(call[i+1 : len(call)-1]), true
}
