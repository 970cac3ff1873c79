package asl

import "salamander/internal/value"

// MarshalJSON writes the value's text.
func (j jsonValue) MarshalJSON() ([]byte, error) { return value.Append(nil, j.v), nil }

// UnmarshalJSON reads it back as it was.
func (j *jsonValue) UnmarshalJSON(b []byte) (err error) {
	j.v, err = value.Parse(b)
	return err
}
