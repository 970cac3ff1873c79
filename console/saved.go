package console

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"salamander/operation"
)

// Limits of what people save.
const (
	maxSaved     = 2000
	maxSavedBody = 1 << 20 // bytes
	maxSavedName = 200
)

var savedKinds = []string{"inputs", "events", "queries"}

// savedThings are the inputs, events and queries that people keep, in a file
// of the data directory, so that every browser has them.
type savedThings struct {
	file string
	now  func() time.Time

	mu  sync.Mutex // guards all
	all []savedThing
}

// A savedThing is one of them.
type savedThing struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	For     string    `json:"for"` // ARN or name of what it is for; may be empty
	Name    string    `json:"name"`
	Body    string    `json:"body"`
	Updated time.Time `json:"updated"`
}

func openSaved(opt Options) (*savedThings, error) {
	s := &savedThings{file: filepath.Join(opt.Dir, "saved.json"), now: opt.Now}
	text, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	} else if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &s.all); err != nil {
		return nil, fmt.Errorf("read %s: %w", s.file, err)
	}
	return s, nil
}

// change replaces the things by what f makes of a copy of them, if that can be
// kept.
func (s *savedThings) change(f func(all []savedThing) ([]savedThing, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := f(slices.Clone(s.all))
	if err != nil {
		return err
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := replaceFile(s.file, text); err != nil {
		return err
	}
	s.all = all
	return nil
}

// savedList lists what is saved for something, by name.
//
//	GET /api/saved?kind=&for= -> {"items": [{"id", "name", "body", "updated"}]}
func (c *Console) savedList(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	kind, of := q.need("kind"), q.text("for")
	if q.err != nil {
		return nil, q.err
	}
	type item struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Body    string `json:"body"`
		Updated int64  `json:"updated"`
	}
	items := []item{}
	c.saved.mu.Lock()
	defer c.saved.mu.Unlock()
	for _, s := range c.saved.all {
		if s.Kind == kind && s.For == of {
			items = append(items, item{s.ID, s.Name, s.Body, millis(s.Updated)})
		}
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.Name, b.Name) })
	return document{"items": items}, nil
}

// save keeps a thing: a new one, one of the same kind and name anew, or the one
// with the id.
//
//	PUT /api/saved {"id"?, "kind", "for", "name", "body"} -> {"id", "updated"}
func (c *Console) save(w http.ResponseWriter, r *http.Request) (any, error) {
	var in savedThing
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(savedKinds, in.Kind):
		return nil, invalid("kind: got %q; need one of %s", in.Kind, strings.Join(savedKinds, ", "))
	case in.Name == "" || len(in.Name) > maxSavedName:
		return nil, invalid("name: need one of at most %d bytes", maxSavedName)
	case len(in.Body) > maxSavedBody:
		return nil, &operation.Error{Code: "TooLarge", Message: fmt.Sprintf("body: more than %d bytes", maxSavedBody), Status: http.StatusRequestEntityTooLarge}
	}
	in.Updated = c.saved.now()
	err := c.saved.change(func(all []savedThing) ([]savedThing, error) {
		same := func(s savedThing) bool {
			return in.ID != "" && s.ID == in.ID || in.ID == "" && s.Kind == in.Kind && s.For == in.For && s.Name == in.Name
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			in.ID = all[i].ID
			all[i] = in
			return all, nil
		}
		if in.ID != "" {
			return nil, notFound("nothing is saved under %q: somebody has deleted it", in.ID)
		}
		if len(all) >= maxSaved {
			return nil, invalid("%d things are saved already: delete some", maxSaved)
		}
		var id [8]byte
		rand.Read(id[:])
		in.ID = hex.EncodeToString(id[:])
		return append(all, in), nil
	})
	if err != nil {
		return nil, err
	}
	c.opt.Live.Publish(Change{Topic: "saved", Key: in.Kind})
	return document{"id": in.ID, "updated": millis(in.Updated)}, nil
}

// unsave deletes a thing.
//
//	DELETE /api/saved?id= -> 204
func (c *Console) unsave(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, kind := r.URL.Query().Get("id"), ""
	err := c.saved.change(func(all []savedThing) ([]savedThing, error) {
		i := slices.IndexFunc(all, func(s savedThing) bool { return s.ID == id })
		if i < 0 {
			return nil, notFound("nothing is saved under %q", id)
		}
		kind = all[i].Kind
		return slices.Delete(all, i, i+1), nil
	})
	if err != nil {
		return nil, err
	}
	c.opt.Live.Publish(Change{Topic: "saved", Key: kind})
	return nil, nil
}
