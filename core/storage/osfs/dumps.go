//go:build !js && !wasip1

package osfs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"tabdis/core/storage"
)

const (
	dumpPrefix = "temp-tabdis-"
	dumpSync   = 4 << 20 // bytes after which a sync is started, lest the last one takes long
)

// Dumps is a directory that keeps RDB files.
type Dumps struct{ dir string }

// OpenDumps removes what a crashed predecessor left unfinished in the directory.
func OpenDumps(dir string) (*Dumps, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, failed("open", dir, -1, err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), dumpPrefix) {
			if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
				return nil, failed("open", entry.Name(), -1, err)
			}
		}
	}
	return &Dumps{dir}, nil
}

// DumpsIn is a directory that may be in use by somebody else: nothing is removed.
func DumpsIn(dir string) *Dumps { return &Dumps{dir} }

// Create begins a file under another name.
func (d *Dumps) Create(name string) (storage.Dump, error) {
	f, err := os.CreateTemp(d.dir, dumpPrefix+"*")
	if err != nil {
		return nil, failed("create", name, -1, err)
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, failed("create", name, -1, errors.Join(err, f.Close(), os.Remove(f.Name())))
	}
	return &dump{dir: d.dir, name: name, f: f, raw: raw, syncs: make(chan error, 1)}, nil
}

type dump struct {
	dir, name     string
	f             *os.File
	raw           syscall.RawConn
	size, started int64
	syncing       bool
	syncs         chan error // of the sync under way

	mu    sync.Mutex // held while it gets its name
	ended bool
}

func (d *dump) Write(p []byte) error {
	select {
	case err := <-d.syncs:
		if d.syncing = false; err != nil {
			return failed("sync", d.name, -1, err)
		}
	default:
	}
	if n, err := write(d.f, d.raw, p, d.size); err != nil {
		return short("write", d.name, d.size, n, len(p), err)
	}
	if d.size += int64(len(p)); d.size-d.started >= dumpSync && !d.syncing {
		d.started, d.syncing = d.size, true
		go func() { d.syncs <- syncFile(d.f) }()
	}
	return nil
}

var errAborted = errors.New("given up")

// Commit: the content is durable before the name leads to it, and the name before Commit returns.
func (d *dump) Commit() error {
	var err error
	if d.syncing {
		err = <-d.syncs
	}
	if err == nil {
		err = syncFile(d.f)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return failed("commit", d.name, -1, errAborted)
	}
	d.ended = true
	if err = errors.Join(err, d.f.Chmod(0o644), d.f.Close()); err == nil {
		err = rename(d.f.Name(), filepath.Join(d.dir, d.name))
	}
	if err != nil {
		if gone := os.Remove(d.f.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return failed("commit", d.name, -1, err)
	}
	return failed("commit", d.name, -1, syncDir(d.dir))
}

// Abort: what cannot be removed goes when the directory is opened next.
func (d *dump) Abort() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return
	}
	d.ended = true
	_ = d.f.Close()
	_ = os.Remove(d.f.Name())
}
