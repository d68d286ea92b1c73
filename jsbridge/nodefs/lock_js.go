//go:build js && wasm

package nodefs

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

const lockName = ".lock"

// lock makes the lock file, or takes over one whose process is gone.
func (v *fs) lock() error {
	me, err := v.node.self()
	if err != nil {
		return err
	}
	path := v.path(lockName)
	for {
		err := v.node.create(path, me.String(), me)
		if err == nil {
			_, err = v.node.module.Call("holdLock", path, me.String())
			return err
		}
		if !errors.Is(err, storage.ErrExist) {
			return err
		}
		text, err := v.node.read(path)
		if errors.Is(err, storage.ErrNotExist) {
			continue // given up just now
		}
		if err != nil {
			return err
		}
		if v.node.alive(parseOwner(text)) {
			return storage.ErrLocked
		}
		if err := v.steal(path, text, me); err != nil {
			return err
		}
	}
}

// steal moves a dead owner's lock away. Two may try: the one who finds that it moved another's fresh lock puts that back.
func (v *fs) steal(path, dead string, me owner) error {
	aside := path + "-" + me.unique()
	if err := v.node.rename(path, aside); err != nil {
		if errors.Is(err, storage.ErrNotExist) {
			return nil
		}
		return err
	}
	text, err := v.node.read(aside)
	if err == nil && text != dead {
		if _, err = v.node.call("linkSync", aside, path); errors.Is(err, storage.ErrExist) {
			err = nil // a third one has it
		}
	}
	if unlinkErr := v.node.unlink(aside); err == nil {
		err = unlinkErr
	}
	return err
}

func (v *fs) unlock() error {
	path := v.path(lockName)
	if _, err := v.node.module.Call("holdLock", path, nil); err != nil {
		return host.FromJS(err)
	}
	return v.node.unlink(path)
}

// owner is a thread of a process: the process's number, its start in ticks since boot where /proc tells, since numbers come again, and the
// thread's number within it. A thread that ends before its process leaves its lock to whoever started it, which finds it by that.
type owner struct {
	pid    int
	start  string
	thread int
}

func (o owner) String() string {
	return strconv.Itoa(o.pid) + " " + o.start + " " + strconv.Itoa(o.thread) + "\n"
}

// unique is a part of a file name that no other thread uses.
func (o owner) unique() string {
	return strconv.Itoa(o.pid) + "-" + strconv.FormatUint(rand.Uint64(), 16)
}

// parseOwner gives pid 0 for a lock file that no process wrote.
func parseOwner(text string) owner {
	pid, rest, _ := strings.Cut(strings.TrimSuffix(text, "\n"), " ")
	start, _, _ := strings.Cut(rest, " ") // whichever thread it is: the process knows when one has ended
	n, err := strconv.Atoi(pid)
	if err != nil {
		n = 0
	}
	return owner{pid: n, start: start}
}

func (n node) self() (owner, error) {
	process, err := n.module.Get("process")
	if err != nil {
		return owner{}, host.FromJS(err)
	}
	pid, err := process.Get("pid")
	if err != nil {
		return owner{}, host.FromJS(err)
	}
	number, err := pid.Int()
	if err != nil {
		return owner{}, err
	}
	id, err := n.module.Get("threadId")
	if err != nil {
		return owner{}, host.FromJS(err)
	}
	thread, err := id.Int()
	return owner{number, n.started(number), thread}, err
}

// started is field 22 of /proc/<pid>/stat; the second field is a name in parentheses that may hold anything.
func (n node) started(pid int) string {
	text, err := n.read("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "" // no /proc, or no such process
	}
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}

// alive tells whether this very process runs. Signal 0 asks without disturbing.
func (n node) alive(o owner) bool {
	if o.pid == 0 {
		return false
	}
	process, err := n.module.Get("process")
	if err != nil {
		return true
	}
	if _, err := process.Call("kill", o.pid, 0); err != nil {
		var e *host.Error
		if errors.As(host.FromJS(err), &e) && e.Name == "ESRCH" {
			return false
		}
	}
	now := n.started(o.pid)
	return o.start == "" || now == "" || now == o.start
}

// create makes a file that has its content from the first moment, or gives ErrExist.
func (n node) create(path, content string, me owner) error {
	temporary := path + "-" + me.unique()
	if _, err := n.call("writeFileSync", temporary, content); err != nil {
		return err
	}
	_, err := n.call("linkSync", temporary, path)
	if unlinkErr := n.unlink(temporary); err == nil {
		err = unlinkErr
	}
	return err
}
