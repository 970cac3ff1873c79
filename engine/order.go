package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"salamander/asl"
)

// An order is a command that was committed, or will be with the turn that is
// being made, and has not ended.
type order struct {
	Pending
	cmd asl.Command
}

func newOrder(cmd asl.Command) (order, error) {
	data, err := cmd.MarshalJSON()
	o := order{Pending: Pending{ID: cmd.ID, Data: data}, cmd: cmd}
	o.index()
	return o, err
}

func decodeOrder(p Pending) (order, error) {
	o := order{Pending: p}
	err := json.Unmarshal(p.Data, &o.cmd)
	switch {
	case err != nil:
	case o.cmd.Kind == asl.RunTask && o.cmd.Task == nil:
		err = fmt.Errorf("command %d has no task", p.ID)
	case o.cmd.Kind == asl.RunMap && o.cmd.Map == nil:
		err = fmt.Errorf("command %d has no map run", p.ID)
	}
	return o, err
}

// index fills what the store keeps beside the command itself.
func (o *order) index() {
	if o.cmd.Kind == asl.SetTimer {
		o.At = o.cmd.At
	}
	if t := o.cmd.Task; t != nil {
		o.Token, o.Activity = t.Token, t.Integration.Activity
	}
}

// seedOf derives the randomness of a step from the execution's seed and the
// step's number, so that a turn that a crash undid comes out the same.
func seedOf(seed [32]byte, step int64) [32]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint64(append(seed[:], 's'), uint64(step)))
}

// taskID derives the identifier of a task from the execution's seed and the
// command's number: the same each time the task is run.
func taskID(seed [32]byte, command int64) string {
	b := sha256.Sum256(binary.BigEndian.AppendUint64(append(seed[:], 't'), uint64(command)))
	b[6] = b[6]&0x0f | 0x80 // version 8: made from other data
	b[8] = b[8]&0x3f | 0x80
	id := make([]byte, 0, 36)
	for i, c := range b[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			id = append(id, '-')
		}
		id = hex.AppendEncode(id, []byte{c})
	}
	return string(id)
}
