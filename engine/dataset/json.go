package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"salamander/internal/value"
)

// readJSON gives the elements of an array, or the members of an object, that
// pointer (RFC 6901) names in a JSON document.
func readJSON(r io.Reader, pointer string) (func() (value.Value, *string, error), error) {
	d := json.NewDecoder(bufio.NewReaderSize(r, 64<<10))
	d.UseNumber()
	if err := descend(d, pointer); err != nil {
		return nil, notJSON(err)
	}
	t, err := d.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the JSON document is empty")
	} else if err != nil {
		return nil, notJSON(err)
	}
	if t != json.Delim('[') && t != json.Delim('{') {
		return nil, failed("Attempting to map over non-iterable node.")
	}
	object := t == json.Delim('{')
	return func() (value.Value, *string, error) {
		if !d.More() {
			if _, err := d.Token(); err != nil {
				return nil, nil, notJSON(err)
			}
			return nil, nil, io.EOF
		}
		var key *string
		if object {
			t, err := d.Token()
			if err != nil {
				return nil, nil, notJSON(err)
			}
			name, _ := t.(string)
			key = &name
		}
		v, err := element(d)
		return v, key, err
	}, nil
}

// element reads a value.
func element(d *json.Decoder) (value.Value, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, notJSON(err)
	}
	if len(raw) > maxItem {
		return nil, fmt.Errorf("an item at byte %d is longer than %d bytes", d.InputOffset()-int64(len(raw)), maxItem)
	}
	v, err := value.Parse(raw)
	if err != nil {
		return nil, notJSON(err)
	}
	return v, nil
}

func notJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON document ends in the middle")
	}
	var pointer *pointerError
	if errors.As(err, &pointer) {
		return err
	}
	return fmt.Errorf("the JSON document cannot be read: %w", err)
}

// A pointerError tells that an ItemsPointer leads nowhere.
type pointerError struct{ pointer, why string }

func (e *pointerError) Error() string {
	return fmt.Sprintf("the ItemsPointer %q %s", e.pointer, e.why)
}

// descend reads as far as the value that a pointer names.
func descend(d *json.Decoder, pointer string) error {
	if pointer == "" {
		return nil
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		part = unescape.Replace(part)
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'):
			err = seekKey(d, part)
		case json.Delim('['):
			err = seekIndex(d, part)
		default:
			err = errNowhere
		}
		if errors.Is(err, errNowhere) {
			return &pointerError{pointer, "is not in the document"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var errNowhere = errors.New("nowhere")

func seekKey(d *json.Decoder, key string) error {
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		if t == key {
			return nil
		}
		if err := skip(d); err != nil {
			return err
		}
	}
	return errNowhere
}

func seekIndex(d *json.Decoder, part string) error {
	n, err := strconv.Atoi(part)
	if err != nil || n < 0 {
		return errNowhere
	}
	for ; d.More(); n-- {
		if n == 0 {
			return nil
		}
		if err := skip(d); err != nil {
			return err
		}
	}
	return errNowhere
}

// skip reads over a value, however large.
func skip(d *json.Decoder) error {
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// readLines gives the values of a JSON Lines file. Blank lines are no items.
func readLines(r io.Reader) func() (value.Value, *string, error) {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxItem)
	line := 0
	return func() (value.Value, *string, error) {
		for s.Scan() {
			line++
			text := bytes.TrimSpace(s.Bytes())
			if line == 1 {
				text = bytes.TrimPrefix(text, []byte("\ufeff"))
			}
			if len(text) == 0 {
				continue
			}
			v, err := value.Parse(text)
			if err != nil {
				return nil, nil, fmt.Errorf("line %d is no JSON: %w", line, err)
			}
			return v, nil, nil
		}
		if err := s.Err(); errors.Is(err, bufio.ErrTooLong) {
			return nil, nil, fmt.Errorf("line %d is longer than %d bytes", line+1, maxItem)
		} else if err != nil {
			return nil, nil, err
		}
		return nil, nil, io.EOF
	}
}
