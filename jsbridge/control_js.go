//go:build js && wasm

package jsbridge

import (
	"context"
	"errors"

	"github.com/hack-pad/safejs"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/jsbridge/host"
)

// Operation does something beside the sessions that takes long: an export, a check. It runs in a goroutine of the control plane, which may park,
// and touches the engine only by InTurn. What it gives is told to the host: nil, numbers, strings, bools, and slices and maps of those.
type Operation func(t *Task) (result any, err error)

// Task is an operation under way. To the host it is an object: it has op and args, and tell(what, …) takes what the operation tells, and at last
// "done" with the result or "failed" with code and message. Go puts the function cancel into it, and those that the operation listens to.
type Task struct {
	ctx    context.Context
	value  safejs.Value
	Args   safejs.Value
	listen []safejs.Func
}

// Context ends when the host has lost interest.
func (t *Task) Context() context.Context { return t.ctx }

// Tell tells the host something.
func (t *Task) Tell(what string, args ...any) error {
	_, err := t.value.Call("tell", append([]any{what}, args...)...)
	return host.FromJS(err)
}

// Listen lets the host tell something of this name, with a number. It must not park.
func (t *Task) Listen(method string, fn func(n float64)) error {
	f, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		n := 0.0
		if len(args) > 0 {
			n, _ = args[0].Float()
		}
		fn(n)
		return nil
	})
	if err != nil {
		return err
	}
	t.listen = append(t.listen, f)
	return t.value.Set(method, f)
}

// InTurn runs fn in a turn of the engine, between commands, and waits for it.
func (t *Task) InTurn(fn func(e *core.Engine)) error {
	ran := make(chan struct{})
	bridge.engine.Post(func() {
		fn(bridge.engine)
		close(ran)
	})
	select {
	case <-ran:
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// Failure is an error with a code of its own for the host.
type Failure struct{ Code, Message string }

func (f *Failure) Error() string { return f.Message }

// listenForTasks lets the host call control(task).
func listenForTasks() error {
	f, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		go run(args[0])
		return nil
	})
	if err != nil {
		return err
	}
	return control.host.Set("control", f)
}

func run(value safejs.Value) {
	ctx, cancel := context.WithCancel(context.Background())
	t := &Task{ctx: ctx, value: value}
	result, err := t.run(cancel)
	if ctx.Err() != nil && err != nil {
		err = &Failure{"ABORTED", "the operation was given up"}
	}
	cancel()
	if err == nil {
		err = t.Tell("done", result)
	}
	if err != nil {
		// A host that cannot be told has ended.
		_ = t.Tell("failed", errorCode(err), explain(err))
	}
	for _, f := range t.listen { // the host calls none of them any more
		f.Release()
	}
}

func (t *Task) run(cancel func()) (any, error) {
	op, err := text(t.value, "op")
	if err != nil {
		return nil, err
	}
	if t.Args, err = t.value.Get("args"); err != nil {
		return nil, err
	}
	if err := t.Listen("cancel", func(float64) { cancel() }); err != nil {
		return nil, err
	}
	switch op {
	case "durable":
		return durable(t)
	case "export":
		return export(t)
	case "log":
		return nil, tapLog(t)
	}
	if operation := control.more[op]; operation != nil {
		return operation(t)
	}
	return nil, &Failure{"UNSUPPORTED", "this engine has no operation " + op}
}

// explain gives the text of an error, with what is to be done about it.
func explain(err error) string {
	message := err.Error()
	if why := (*aof.LoadError)(nil); errors.As(err, &why) && why.Hint() != "" {
		message += ". " + why.Hint()
	}
	return message
}
