package diskfull

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
)

const insideEnv = "TABDIS_DISKFULL_INSIDE"

// TestMain runs the tests in a mount namespace of their own: whatever is mounted goes with the last process in it, however that ends.
func TestMain(m *testing.M) {
	if os.Getenv(insideEnv) != "" {
		// No mount is to be seen outside.
		if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			fmt.Fprintln(os.Stderr, "diskfull:", err)
			os.Exit(1)
		}
		os.Exit(program.Main(m))
	}
	inside := exec.Command("/proc/self/exe", os.Args[1:]...)
	inside.Env = append(os.Environ(), insideEnv+"=yes")
	inside.Stdin, inside.Stdout, inside.Stderr = os.Stdin, os.Stdout, os.Stderr
	inside.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if id := os.Getuid(); id != 0 {
		inside.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		inside.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
		inside.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	err := inside.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &exit):
		os.Exit(max(1, exit.ExitCode()))
	case os.Getenv("CI") == "":
		fmt.Println("SKIP: a disk of its own needs root or user namespaces:", err)
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, "diskfull: a disk of its own needs root or user namespaces:", err)
	os.Exit(1)
}

// disk is a small file system.
type disk struct {
	testing.TB
	kind string // tmpfs, ext4
	dir  string
	size int64
}

// mount makes one of so many bytes, until the test ends.
func mount(t testing.TB, kind string, size int64) *disk {
	t.Helper()
	d := &disk{TB: t, kind: kind, dir: t.TempDir(), size: size}
	if kind == "tmpfs" {
		require.NoError(t, syscall.Mount("tmpfs", d.dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)))
	} else {
		image := filepath.Join(t.TempDir(), "image")
		require.NoError(t, os.WriteFile(image, nil, 0o600))
		require.NoError(t, os.Truncate(image, size))
		run(t, "mkfs."+kind, "-q", image)
		run(t, "mount", "-o", "loop", image, d.dir)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(d.dir, 0), "somebody still holds it") })
	return d
}

func run(t testing.TB, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), out)
}

// fill takes n bytes of the disk, or what there is; spare gives them back.
func (d *disk) fill(n int64) {
	d.Helper()
	f, err := os.Create(filepath.Join(d.dir, "filler"))
	require.NoError(d, err)
	chunk := make([]byte, 64<<10)
	for i := range chunk {
		chunk[i] = byte(i)
	}
	for ; n > 0 && err == nil; n -= int64(len(chunk)) {
		_, err = f.Write(chunk)
	}
	require.NoError(d, f.Close())
}

func (d *disk) spare() {
	d.Helper()
	if err := os.Remove(filepath.Join(d.dir, "filler")); !errors.Is(err, os.ErrNotExist) {
		require.NoError(d, err)
	}
}

// free is how many bytes are left.
func (d *disk) free() int64 {
	d.Helper()
	var s syscall.Statfs_t
	require.NoError(d, syscall.Statfs(d.dir, &s))
	return int64(s.Bavail) * s.Bsize
}
