//go:build js && wasm

package host

import (
	"strings"
	"syscall/js"
	"unsafe"

	"github.com/hack-pad/safejs"
)

//go:wasmimport tabdis write
func hostWrite(handle int32, p unsafe.Pointer, length int32, at float64) int32

//go:wasmimport tabdis read
func hostRead(handle int32, p unsafe.Pointer, length int32, at float64) int32

//go:wasmimport tabdis flush
func hostFlush(handle int32) int32

//go:wasmimport tabdis truncate
func hostTruncate(handle int32, size float64) int32

//go:wasmimport tabdis size
func hostSize(handle int32) float64

//go:wasmimport tabdis sync
func hostSync(handle, ticket int32) int32

//go:wasmimport tabdis errorSize
func hostErrorSize() int32

//go:wasmimport tabdis errorCopy
func hostErrorCopy(p unsafe.Pointer)

// Handle is a file in the host's table. Its methods belong to the data plane: they return in the turn.
type Handle int32

// Register puts a file of JavaScript (a FileSystemSyncAccessHandle, or its like) into the host's table. path, if not nil, is
// where a syncer finds it from the origin's root.
func Register(file safejs.Value, path []any) (Handle, error) {
	args := []any{file}
	if path != nil {
		args = append(args, path)
	}
	h, err := Call("add", args...)
	if err != nil {
		return 0, err
	}
	n, err := h.Int()
	return Handle(n), err
}

// Call calls a method of the host object.
func Call(method string, args ...any) (safejs.Value, error) {
	object, err := safejs.Global().Get("tabdisHost")
	if err != nil {
		return safejs.Value{}, FromJS(err)
	}
	v, err := object.Call(method, args...)
	return v, FromJS(err)
}

// Lose makes everything fail that is done with the file, for this reason. The handle is still to be closed.
func (h Handle) Lose(why string) error {
	_, err := Call("lose", int(h), why)
	return err
}

// Close closes the file and frees the handle.
func (h Handle) Close() error {
	_, err := Call("remove", int(h))
	return err
}

// Write writes all of p at an offset, or gives an error; then any part of p may have been written.
func (h Handle) Write(p []byte, at int64) error {
	if len(p) == 0 {
		return nil
	}
	return result(hostWrite(int32(h), unsafe.Pointer(unsafe.SliceData(p)), int32(len(p)), float64(at)))
}

// Read fills p from an offset, or gives an error.
func (h Handle) Read(p []byte, at int64) error {
	if len(p) == 0 {
		return nil
	}
	return result(hostRead(int32(h), unsafe.Pointer(unsafe.SliceData(p)), int32(len(p)), float64(at)))
}

// Flush makes durable what was written.
func (h Handle) Flush() error { return result(hostFlush(int32(h))) }

// Truncate makes the file n bytes long and looks whether it is.
func (h Handle) Truncate(n int64) error {
	if err := result(hostTruncate(int32(h), float64(n))); err != nil {
		return err
	}
	size, err := h.Size()
	if err == nil && size != n {
		err = &Error{"PartialError", "truncate did not take effect", true}
	}
	return err
}

// Size asks for the file's size.
func (h Handle) Size() (int64, error) {
	size := hostSize(int32(h))
	if size < 0 {
		return 0, lastError()
	}
	return int64(size), nil
}

func result(n int32) error {
	if n < 0 {
		return lastError()
	}
	return nil
}

func lastError() error {
	e := Thrown()
	e.opened = true
	return e
}

// Thrown is the exception that the host keeps since its last function failed.
func Thrown() *Error {
	text := make([]byte, hostErrorSize())
	hostErrorCopy(unsafe.Pointer(unsafe.SliceData(text)))
	name, message, _ := strings.Cut(string(text), "\n")
	return &Error{Name: name, Message: message}
}

// syncs are those off the turn that have not ended, by ticket.
var (
	syncs      = map[int32]func(error){}
	lastTicket int32
	listening  bool
)

// StartSync starts a sync off the turn; done gets its result from an event. False: the platform cannot, Flush instead. A sync
// in the table ends once: StopSync forgets it.
func (h Handle) StartSync(done func(error)) (ticket int32, ok bool) {
	if !listening {
		if err := listen(); err != nil {
			return 0, false
		}
		listening = true
	}
	lastTicket++
	ticket = lastTicket
	if hostSync(int32(h), ticket) == 0 {
		return 0, false
	}
	syncs[ticket] = done
	return ticket, true
}

// StopSync forgets a sync whose result nobody wants any more.
func StopSync(ticket int32) { delete(syncs, ticket) }

// listen takes the host's events, for as long as the instance lives: its function is never released.
func listen() error {
	onsync, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		ticket := int32(safejs.Unsafe(args[0]).Int())
		done := syncs[ticket]
		if done == nil {
			return nil
		}
		delete(syncs, ticket)
		if name := safejs.Unsafe(args[1]).String(); name != "" {
			done(&Error{name, safejs.Unsafe(args[2]).String(), true})
		} else {
			done(nil)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return FromJS(safejs.Safe(js.Global().Get("tabdisHost")).Set("onsync", onsync))
}
