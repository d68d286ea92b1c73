//go:build unix && !aix && !solaris

package osfs

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"tabdis/core/storage"
)

// Node has no flock. So the lock file also says who has it, in the words of jsbridge/client/src/host/nodelock.mjs:
//
//	<pid> <start> <thread> <inode>
//
// (with a - in front once it is given up), and a lock is ours only when nobody who lives is named there. The inode is the file's own: a directory that was copied is not locked.

// claim writes this process into a lock file that it has locked; ErrLocked if a process that lives, of Node, has it. Node takes a dead
// owner's file away by its name: one that looked before we wrote finds the other content and puts it back, and one that did not look again
// leaves the name without this file. So the name is looked at last.
func claim(f *os.File, path string) error {
	if err := unclaimed(f); err != nil {
		return err
	}
	inode, err := inodeOf(f)
	if err != nil {
		return err
	}
	content := strconv.Itoa(os.Getpid()) + " " + started(os.Getpid()) + " 0 " + inode + "\n"
	if _, err = f.WriteAt([]byte(content), 0); err == nil {
		err = f.Truncate(int64(len(content)))
	}
	// A store must open on a full disk, where it can be made smaller. Then Node does not see that we have it, as it did not before.
	if failure := syscall.Errno(0); err != nil && !(errors.As(err, &failure) && full(failure)) {
		return err
	}
	there, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return storage.ErrLocked
	}
	if err != nil {
		return err
	}
	if held, err := f.Stat(); err != nil || !os.SameFile(there, held) {
		return errors.Join(err, storage.ErrLocked)
	}
	return nil
}

// unclaimed gives ErrLocked if a process that lives is named in the file.
func unclaimed(f *os.File) error {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 256))
	if err != nil {
		return err
	}
	inode, err := inodeOf(f)
	if err != nil {
		return err
	}
	words := strings.Split(strings.TrimSpace(string(text)), " ")
	pid, err := strconv.Atoi(words[0])
	if err != nil || pid <= 0 || pid == os.Getpid() { // the last: flock would have found another owner in this process
		return nil
	}
	if len(words) > 3 && words[3] != inode {
		return nil
	}
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	if now := started(pid); len(words) > 1 && words[1] != "" && now != "" && now != words[1] {
		return nil // another process since then
	}
	return storage.ErrLocked
}

func inodeOf(f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	return strconv.FormatUint(uint64(info.Sys().(*syscall.Stat_t).Ino), 10), nil
}

// started is field 22 of /proc/<pid>/stat; the second field is a name in parentheses that may hold anything. "" where there is no /proc.
func started(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}
