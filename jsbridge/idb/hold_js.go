//go:build js && wasm

package idb

import (
	"errors"

	"tabdis/core/storage"
)

// failed notes why a transaction of send did not complete: nothing more goes out, and all who wait are told. An abort for want of room is
// definite, and nothing is lost by it: tail has the bytes that have not completed, kept those that have, but not strictly. (And if the
// abort was a lie the same puts under the same keys change nothing.)
func (f *file) failed(err error) {
	if errors.Is(err, storage.ErrQuota) && !errors.Is(f.sticky, storage.ErrCorrupt) {
		f.held, f.alone = max(f.held, f.sent), true
	}
	f.sticky, f.sent = storage.Wrap("append", f.name, f.stored, err), 0
	f.settle(f.sticky)
}

// Held is storage.Holder's.
func (f *file) Held() int64 {
	if !f.alone || f.closed || !errors.Is(f.sticky, storage.ErrQuota) {
		return 0
	}
	return max(1, int64(len(f.tail)))
}

// Resend is storage.Holder's.
func (f *file) Resend() {
	if f.Held() > 0 {
		f.sticky = nil
		f.fs.kick()
	}
}

// heldStep is about how much of it is sent at once.
const heldStep = 128 << 10

// sendHeld puts again what a transaction without room had, the chunks as they were and in order, in small strict transactions: many at
// once, old ones among them, may find no room where a few do. It tells whether all have completed.
func (f *file) sendHeld() bool {
	for len(f.kept)+f.held > 0 {
		chunks, again := f.kept, len(f.kept) > 0
		if !again {
			chunks = split(f.stored, f.tail[:f.held])
		}
		n, size := 0, 0
		for n < len(chunks) && (n == 0 || size+len(chunks[n].data) <= heldStep) {
			size += len(chunks[n].data)
			n++
		}
		chunks = chunks[:n]
		if !again {
			f.sent = size
		}
		err := f.fs.put(strict, f, chunks, func() {
			if again {
				f.kept = f.kept[n:]
			} else {
				f.held -= size
				f.completed(chunks, strict)
			}
		})
		if err != nil {
			f.failed(err)
			return false
		}
	}
	f.alone = false
	return true
}

// Lost is storage.Losable's.
func (v *FS) Lost() error { return v.dead }
