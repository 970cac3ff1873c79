//go:build cgo

package duck

import (
	"context"
	"errors"
	"strings"
)

// vacuum writes the log into the database's file and frees what deleted rows
// took, whatever table VACUUM names: the space is used again, and the end of
// the file is given back where it is free. Beside a transaction of another
// session it can do less, which fails nobody. What is free amid the file goes
// by [Compact].
func (s *session) vacuum(ctx context.Context) error {
	var err error
	for range 2 { // the first frees blocks, the second gives them back
		if err == nil {
			_, err = s.c.exec(ctx, "CHECKPOINT")
		}
	}
	var e *nativeError
	if errors.As(err, &e) && strings.Contains(e.Message, "Cannot CHECKPOINT") {
		return nil
	}
	if err != nil {
		return translate(err, nil, nil)
	}
	return nil
}
