package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"salamander/asl"
	"salamander/internal/arn"
)

// A StartRequest asks for an execution.
type StartRequest struct {
	Machine StateMachine // whose definition and role are the execution's
	Version string       // ARN of the version it is started by, if any
	Alias   string       // ARN of the alias it is started by, if any
	Name    string
	Input   string // JSON text; empty means {}
	Trace   string
	// Origin names the call that asks, where a repeat of that call can be
	// recognized; it is then answered with the first one's execution.
	Origin string
	// ID is what the ARN of an express execution ends with.
	ID string
}

// ExecutionARN returns the ARN of an execution of the given machine.
func ExecutionARN(m StateMachine, name, id string) string {
	if m.Type == Express {
		return arn.New("states", m.Region, m.Account, "express:"+m.Name+":"+name+":"+id)
	}
	return arn.New("states", m.Region, m.Account, "execution:"+m.Name+":"+name)
}

// Start starts an execution and returns it once its first turn is durable.
// Where the name is taken, it returns the execution that has it: without an
// error if that one is running on the same input or has the same origin, else
// with [ErrExists].
//
// An express execution is not stored; see [Engine.Wait].
func (e *Engine) Start(ctx context.Context, req StartRequest) (Execution, error) {
	ex, _, err := e.start(ctx, req)
	return ex, err
}

// start is Start that returns the actor too, where this call made it.
func (e *Engine) start(ctx context.Context, req StartRequest) (Execution, *actor, error) {
	if err := e.await(ctx); err != nil {
		return Execution{}, nil, err
	}
	if req.Input == "" {
		req.Input = "{}"
	}
	m := req.Machine
	ex := Execution{
		ARN: ExecutionARN(m, req.Name, req.ID), Account: m.Account, Region: m.Region, Name: req.Name,
		Machine: m.ARN, Version: req.Version, Alias: req.Alias, Type: m.Type, Role: m.Role,
		Definition: DefinitionHash(m.Definition), Seed: e.opt.Seed(), Status: Running, Start: e.now(),
		Input: req.Input, Trace: req.Trace, Origin: req.Origin, Journal: journalOf(m.Logging),
	}
	a := newActor(e, ex)
	a.busy = true // nothing is fed to it before it is created
	other, err := e.enter(ctx, a)
	if err != nil {
		return Execution{}, nil, err
	}
	if other != nil {
		old := other.rec
		if ex.Type != Express { // other may have ended, and not have left yet
			if old, err = e.store.Execution(ctx, ex.ARN); err != nil {
				return old, nil, err
			}
		}
		old, err := settle(old, ex)
		return old, nil, err
	}
	err = a.create(ctx, m)
	if err == nil {
		return a.rec, a, nil
	}
	a.refuse()
	if !errors.Is(err, ErrExists) {
		return Execution{}, nil, err
	}
	old, err := e.store.Execution(ctx, ex.ARN)
	if err == nil {
		old, err = settle(old, ex)
	}
	return old, nil, err
}

// enter registers an actor that is about to be created. It returns the one
// that is registered under that ARN already, if there is one: it runs, or its
// end was stored a moment ago.
func (e *Engine) enter(ctx context.Context, a *actor) (other *actor, err error) {
	for ctx.Err() == nil {
		other, err = e.register(a)
		if other == nil || err != nil {
			return nil, err
		}
		if err := e.until(ctx, other.entered); err != nil {
			return nil, err
		}
		if !other.refused {
			return other, nil
		}
	}
	return nil, ctx.Err()
}

// register puts an actor on the list, unless there is another one of its ARN.
func (e *Engine) register(a *actor) (other *actor, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if other := e.actors[a.rec.ARN]; other != nil {
		return other, nil
	}
	e.actors[a.rec.ARN] = a
	return nil, nil
}

// settle answers a start whose name is taken by old.
func settle(old, asked Execution) (Execution, error) {
	same := old.Status == Running && old.Input == asked.Input && old.Machine == asked.Machine
	if same || old.Origin != "" && old.Origin == asked.Origin {
		return old, nil
	}
	return old, fmt.Errorf("%w: %s", ErrExists, old.ARN)
}

// create makes the first turn and stores the execution with it.
func (a *actor) create(ctx context.Context, m StateMachine) (err error) {
	a.machine, err = a.e.machines.parse(a.rec.Definition, m.Definition, m.Type)
	if err != nil {
		return err
	}
	d, err := a.begin(m)
	if err != nil {
		return err
	}
	return a.store(ctx, m, d)
}

// begin makes the first turn.
func (a *actor) begin(m StateMachine) (*draft, error) {
	dec, err := a.protect(func() (decision, error) {
		return a.machine.start(asl.Start{At: a.rec.Start, Seed: seedOf(a.rec.Seed, 1), Input: json.RawMessage(a.rec.Input),
			Context: asl.ContextInfo{ExecutionArn: a.rec.ARN, ExecutionName: a.rec.Name, RoleArn: a.rec.Role,
				StartTime: a.rec.Start, StateMachineArn: m.ARN, StateMachineName: m.Name, VersionArn: a.rec.Version,
				AliasArn: a.rec.Alias, Account: a.rec.Account, Region: a.rec.Region}})
	})
	if err != nil {
		return nil, err
	}
	d := a.draft()
	return d, d.take(dec, a.rec.Start)
}

// store stores the execution with its first turn, and goes on with it.
func (a *actor) store(ctx context.Context, m StateMachine, d *draft) (err error) {
	t := d.finish()
	if m.Type == Express {
		err = a.commit(t)
	} else {
		a.rec.Key, err = a.e.store.Create(ctx, a.rec, m.Definition, t)
	}
	if err != nil {
		return err
	}
	close(a.entered)
	a.apply(d)
	a.release()
	return nil
}
