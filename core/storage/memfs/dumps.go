package memfs

import (
	"errors"
	"slices"
	"sync"

	"tabdis/core/storage"
)

// Dumps is a storage.Dumps in memory.
type Dumps struct {
	// Fail, if set, is asked before each operation, "create", "write" or "commit", and may let it fail.
	Fail func(op string) error

	mu    sync.Mutex
	files map[string][]byte
	open  int
}

// File is the content under a name, nil when there is none.
func (d *Dumps) File(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.files[name])
}

// Open is the number of files on their way.
func (d *Dumps) Open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

func (d *Dumps) fail(op string) error {
	if d.Fail == nil {
		return nil
	}
	return storage.Wrap(op, "dump", -1, d.Fail(op))
}

// Create begins a file.
func (d *Dumps) Create(name string) (storage.Dump, error) {
	if err := d.fail("create"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	return &dump{in: d, name: name}, nil
}

type dump struct {
	in    *Dumps
	name  string
	b     []byte
	ended bool
}

func (d *dump) Write(p []byte) error {
	d.b = append(d.b, p...)
	return d.in.fail("write")
}

func (d *dump) Commit() error {
	err := d.in.fail("commit")
	d.in.mu.Lock()
	defer d.in.mu.Unlock()
	if d.end() && err == nil {
		err = errors.New("given up")
	}
	if err != nil {
		return err
	}
	if d.in.files == nil {
		d.in.files = map[string][]byte{}
	}
	d.in.files[d.name] = d.b
	return nil
}

func (d *dump) Abort() {
	d.in.mu.Lock()
	defer d.in.mu.Unlock()
	d.end()
}

// end tells whether it had ended. The caller holds the lock.
func (d *dump) end() (before bool) {
	if before = d.ended; !before {
		d.ended = true
		d.in.open--
	}
	return before
}
