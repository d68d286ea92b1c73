//go:build js && wasm

package host

import (
	"context"
	"errors"
	"syscall/js"

	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
)

// Error is an exception of JavaScript or an error of Node, with the name (or code) and the message it had. errors.Is finds
// the storage error that it means.
type Error struct {
	Name    string
	Message string
	opened  bool // of a file that is open
}

func (e *Error) Error() string {
	if e.Message == "" {
		return e.Name
	}
	return e.Name + ": " + e.Message
}

// Unwrap is the one place where the names of browsers and Node become storage errors. What an open file says, that its storage was
// evicted or its handle is not good any more, is an I/O error, whatever its name: never "there is no such file".
func (e *Error) Unwrap() error {
	switch e.Name {
	case "QuotaExceededError", "ENOSPC", "EDQUOT":
		return storage.ErrQuota
	}
	if e.opened {
		return nil
	}
	switch e.Name {
	case "NoModificationAllowedError", "LockedError":
		return storage.ErrLocked
	case "NotFoundError", "ENOENT":
		return storage.ErrNotExist
	case "EEXIST":
		return storage.ErrExist
	}
	return nil
}

// FromJS turns an exception that safejs caught into an *Error; other errors stay.
func FromJS(err error) error {
	var exception js.Error
	if errors.As(err, &exception) {
		return FromValue(safejs.Safe(exception.Value))
	}
	return err
}

// FromValue makes an *Error of what JavaScript threw or rejected with.
func FromValue(v safejs.Value) error {
	e := &Error{Name: property(v, "name"), Message: property(v, "message")}
	if code := property(v, "code"); code != "" { // Node's; that of a DOMException is a number
		e.Name = code
	}
	if e.Name == "" {
		e.Name = "Error"
	}
	return e
}

func property(v safejs.Value, name string) string {
	p, err := v.Get(name)
	if err != nil || p.Type() != safejs.TypeString {
		return ""
	}
	s, err := p.String()
	if err != nil {
		return ""
	}
	return s
}

// Await parks until the promise settles, or the context ends; then the promise goes on alone.
func Await(ctx context.Context, promise safejs.Value) (safejs.Value, error) {
	type outcome struct {
		value safejs.Value
		err   error
	}
	settled := make(chan outcome, 1)
	var then, catch safejs.Func
	release := func() {
		then.Release()
		catch.Release()
	}
	then, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		release()
		settled <- outcome{value: args[0]}
		return nil
	})
	if err != nil {
		return safejs.Value{}, err
	}
	catch, err = safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		release()
		settled <- outcome{err: FromValue(args[0])}
		return nil
	})
	if err != nil {
		then.Release()
		return safejs.Value{}, err
	}
	if _, err := promise.Call("then", then, catch); err != nil {
		release()
		return safejs.Value{}, FromJS(err)
	}
	select {
	case o := <-settled:
		return o.value, o.err
	case <-ctx.Done():
		return safejs.Value{}, ctx.Err()
	}
}

// AwaitCall calls a method that gives a promise, and awaits it.
func AwaitCall(ctx context.Context, v safejs.Value, method string, args ...any) (safejs.Value, error) {
	promise, err := v.Call(method, args...)
	if err != nil {
		return safejs.Value{}, FromJS(err)
	}
	return Await(ctx, promise)
}
