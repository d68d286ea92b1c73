package osfs

import (
	"errors"
	"os"
	"syscall"

	"tabdis/core/storage"
)

// lockFile opens a file that nobody else can open meanwhile. It ends with the process however that ends.
func lockFile(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const nobody, sharingViolation = 0, syscall.Errno(32)
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, nobody, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err == sharingViolation {
		return nil, storage.ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), path), nil
}

func unlock(f *os.File) error { return f.Close() }

// lockShared opens the file that a writer keeps others from opening.
func lockShared(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, syscall.Errno(32)) { // a sharing violation
		err = storage.ErrLocked
	}
	return f, err
}

func pwrite(f *os.File, _ syscall.RawConn, p []byte, off int64) (int, error) {
	return f.WriteAt(p, off)
}

// linked: what is open cannot be removed.
func linked(syscall.RawConn) error { return nil }

// fsyncDir does nothing: Windows has no sync of a directory.
func fsyncDir(string) error { return nil }

func full(e syscall.Errno) bool {
	const handleDiskFull, diskFull, quotaExceeded = 39, 112, 1295
	return e == handleDiskFull || e == diskFull || e == quotaExceeded
}
