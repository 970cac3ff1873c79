package console

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// children is a map run of 25 children.
type children struct{ *longHistory }

const childBase = "arn:aws:states:us-east-1:000000000000:execution:m/Each:"

func (children) Executions(_ context.Context, q ExecutionQuery) (list []Execution, err error) {
	for key := int64(25); key > 0; key-- {
		if q.Before > 0 && key >= q.Before || len(list) == q.Limit || q.MapRun != "run" {
			continue
		}
		status := "SUCCEEDED"
		if key%10 == 0 {
			status = "FAILED"
		}
		name := fmt.Sprint("child-", key)
		list = append(list, Execution{ARN: childBase + name, Name: name, Status: status, Start: time.UnixMilli(1000 + key), Key: key})
	}
	return list, nil
}

// The children of a map run come as columns, page by page, each once.
func TestMapItems(t *testing.T) {
	d := open(t, func(opt *Options) { opt.Executions = children{} })
	cookie, _ := d.login()
	seen := map[string]int64{}
	failed := 0
	for next, pages := "", 0; ; pages++ {
		w := d.do("GET", "/api/mapitems?mapRun=run&limit=10&next="+next, "", "Cookie", cookie)
		var m mapItems
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Code != 200 {
			t.Fatalf("got %d, %s", w.Code, w.Body)
		}
		for i, name := range m.Names {
			seen[m.Base+name] = m.First - m.Start[i]
			if m.Statuses[m.Status[i]] == "FAILED" {
				failed++
			}
		}
		if next = m.Next; next == "" {
			if pages != 2 {
				t.Errorf("got %d pages; want 3", pages+1)
			}
			break
		}
	}
	if len(seen) != 25 || failed != 2 || seen[childBase+"child-7"] != 1007 {
		t.Errorf("got %d children, %d failed, %v", len(seen), failed, seen)
	}
	if w := d.do("GET", "/api/mapitems", "", "Cookie", cookie); w.Code != 400 {
		t.Errorf("without a map run: got %d, %s", w.Code, w.Body)
	}
	if w := d.do("GET", "/api/mapitems?mapRun=none", "", "Cookie", cookie); w.Code != 200 || w.Body.String() != `{"base":"","statuses":[],"names":[],"status":[],"start":[],"first":0}`+"\n" {
		t.Errorf("an empty map run: got %d, %s", w.Code, w.Body)
	}
}
