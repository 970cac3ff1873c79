package operation

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is a timestamp member: epoch seconds with milliseconds in the
// canonical document, whatever the protocol writes. The zero value is left
// out with the tag option omitzero.
type Time struct{ time.Time }

// MarshalJSON writes epoch seconds, as AWS JSON does.
func (t Time) MarshalJSON() ([]byte, error) {
	ms := t.UnixMilli()
	return strconv.AppendFloat(nil, float64(ms)/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads epoch seconds or an RFC 3339 text.
func (t *Time) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		return nil
	case float64:
		sec, frac := math.Modf(v)
		t.Time = time.Unix(int64(sec), int64(math.Round(frac*1e9))).UTC()
		return nil
	case string:
		at, err := time.Parse(time.RFC3339Nano, v)
		t.Time = at.UTC()
		return err
	}
	return fmt.Errorf("not a timestamp: %s", b)
}
