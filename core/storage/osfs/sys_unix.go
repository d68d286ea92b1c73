//go:build unix && !aix && !solaris

package osfs

import (
	"errors"
	"io"
	"os"
	"syscall"

	"tabdis/core/storage"
)

// The calls that signals interrupt, for tests.
var (
	sysPwrite = syscall.Pwrite
	sysFlock  = syscall.Flock
)

// lockFile takes the lock. It belongs to the open file: it ends with the process however that ends, and holds within the
// process too. What Node sees of it is claim's.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if f, err = flock(f, syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if err := claim(f, path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// lockShared takes the lock beside others that only look.
func lockShared(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if f, err = flock(f, syscall.LOCK_SH); err != nil {
		return nil, err
	}
	if err := unclaimed(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// unlock gives the lock up: first the name in it, while nobody else can write one. Its block stays, for who opens on a full disk.
func unlock(f *os.File) error {
	_, err := f.WriteAt([]byte("-"), 0)
	return errors.Join(err, f.Close())
}

func flock(f *os.File, how int) (*os.File, error) {
	var err error
	for {
		err = sysFlock(int(f.Fd()), how|syscall.LOCK_NB)
		if err != syscall.EINTR {
			break
		}
	}
	if err == syscall.EWOULDBLOCK {
		err = storage.ErrLocked
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// pwrite writes all of p at off, or returns how much of it was written, which os.File.WriteAt forgets after an error.
func pwrite(_ *os.File, raw syscall.RawConn, p []byte, off int64) (n int, err error) {
	const most = 1 << 30 // some systems refuse more in one call
	control := raw.Control(func(fd uintptr) {
		for n < len(p) {
			var m int
			m, err = sysPwrite(int(fd), p[n:min(len(p), n+most)], off+int64(n))
			if m > 0 {
				n += m
			}
			if err == syscall.EINTR {
				err = nil
				continue
			}
			if err == nil && m <= 0 {
				err = io.ErrShortWrite
			}
			if err != nil {
				return
			}
		}
	})
	if control != nil {
		return 0, control
	}
	return n, err
}

// linked tells that a name still leads to the file.
func linked(raw syscall.RawConn) error {
	var s syscall.Stat_t
	var err error
	if control := raw.Control(func(fd uintptr) {
		for {
			if err = syscall.Fstat(int(fd), &s); err != syscall.EINTR {
				return
			}
		}
	}); control != nil {
		return control
	}
	if err == nil && s.Nlink == 0 {
		err = errGone
	}
	return err
}

// fsyncDir makes the names in a directory durable.
func fsyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func full(e syscall.Errno) bool { return e == syscall.ENOSPC || e == syscall.EDQUOT }
