package states

import (
	"salamander/internal/pagetoken"
	"salamander/operation"
)

// A page token is what a list goes on from, with what it lists: a token of
// one list is none of another.
type pageToken struct {
	Of    string `json:"of"`
	After string `json:"after,omitempty"`
	ID    int64  `json:"id,omitempty"`
}

func (t pageToken) text() string { return pagetoken.Encode(t) }

// readToken reads the token of a list; an empty text is its start.
func readToken(text, of string) (t pageToken, err error) {
	if text == "" {
		return pageToken{Of: of}, nil
	}
	if pagetoken.Decode(text, &t) != nil || t.Of != of {
		return pageToken{}, operation.Errorf("InvalidToken", "Invalid Token: 'Invalid token'")
	}
	return t, nil
}

// pageSize is how many results a page has: 100 unless it is told.
func pageSize(asked int) int {
	if asked <= 0 {
		return 100
	}
	return min(asked, 1000)
}
