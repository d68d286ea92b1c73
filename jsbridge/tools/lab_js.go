//go:build js && wasm

package tools

import (
	"context"
	"errors"
	"time"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/jsbridge"
)

// bench is the storage that fails when told to, of the store that was opened for it; nil: this one was not.
var bench struct {
	fs    *faultfs.FS
	delay time.Duration // after which a sync is known to have succeeded
	fault faultfs.Injector
}

var labOps = map[string]faultfs.Op{"create": faultfs.Create, "open": faultfs.Open, "remove": faultfs.Remove, "replace": faultfs.Replace,
	"append": faultfs.Append, "sync": faultfs.Sync, "written": faultfs.Written, "read": faultfs.Read, "truncate": faultfs.Truncate,
	"harden": faultfs.Harden, "close": faultfs.Close}

// lab does what args.do asks: fail (args.ops, error, from, count, short, late, lost), delay (args.ms), heal, count, crash.
func lab(task *jsbridge.Task) (any, error) {
	if bench.fs == nil {
		return nil, &jsbridge.Failure{Code: "NOLAB", Message: "the store was not opened for the lab"}
	}
	do, err := text(task.Args, "do")
	if err != nil {
		return nil, err
	}
	switch do {
	case "fail":
		return nil, fail(task)
	case "delay":
		ms, err := number(task.Args, "ms")
		bench.delay = time.Duration(ms) * time.Millisecond
		return nil, err
	case "heal":
		bench.delay, bench.fault = 0, nil
		bench.fs.Inject(nil)
		return nil, nil
	case "count":
		counts := object{}
		for name, op := range labOps {
			counts[name] = bench.fs.Count(op)
		}
		return counts, nil
	case "crash":
		go panic("the lab has asked for a crash")
		return nil, nil
	}
	return nil, &jsbridge.Failure{Code: "UNSUPPORTED", Message: "the lab does not " + do}
}

// fail adds a fault behind those that are there.
func fail(task *jsbridge.Task) error {
	ops, err := operationsOf(task)
	if err != nil {
		return err
	}
	from, _ := number(task.Args, "from")
	count, _ := number(task.Args, "count")
	short, _ := number(task.Args, "short")
	fault := faultfs.Fault{Short: int(short), Late: flag(task.Args, "late"), Lost: flag(task.Args, "lost")}
	switch kind, _ := text(task.Args, "error"); kind {
	case "quota":
		fault.Err = storage.ErrQuota
	case "io":
		fault.Err = errors.New("the lab has asked for a failure")
	}
	place := faultfs.From(int(from), ops, fault)
	if count > 0 {
		place = faultfs.Some(int(from), int(count), ops, fault)
	}
	bench.fault = faultfs.First(nonNil(bench.fault, place)...)
	bench.fs.Inject(bench.fault)
	return nil
}

func nonNil(all ...faultfs.Injector) (some []faultfs.Injector) {
	for _, injector := range all {
		if injector != nil {
			some = append(some, injector)
		}
	}
	return some
}

func operationsOf(task *jsbridge.Task) (ops faultfs.Op, err error) {
	list, err := task.Args.Get("ops")
	if err != nil {
		return 0, err
	}
	n, err := list.Length()
	for i := 0; i < n && err == nil; i++ {
		name := ""
		if item, failed := list.Index(i); failed == nil {
			name, err = item.String()
		}
		if labOps[name] == 0 {
			return 0, &jsbridge.Failure{Code: "UNSUPPORTED", Message: "the lab knows no operation " + name}
		}
		ops |= labOps[name]
	}
	return ops, err
}

// What a platform's storage can do beside the contract, and the lab's then too.
type (
	known interface {
		storage.FS
		storage.Spacer
		storage.Losable
		Epoch() uint64
	}
	pooled interface {
		known
		storage.Stepper
		Free() int
	}
	slow struct {
		*faultfs.FS
		inner known
	}
	slowPool struct {
		slow
		pool pooled
	}
)

// wrap puts the lab before a storage.
func wrap(inner storage.FS) (*faultfs.FS, storage.FS) {
	faulty := faultfs.Wrap(inner, nil)
	all, ok := inner.(known)
	if !ok {
		return faulty, faulty
	}
	if pool, ok := inner.(pooled); ok {
		return faulty, slowPool{slow{faulty, all}, pool}
	}
	return faulty, slow{faulty, all}
}

func (v slow) Epoch() uint64          { return v.inner.Epoch() }
func (v slow) Lost() error            { return v.inner.Lost() }
func (v slowPool) Free() int          { return v.pool.Free() }
func (v slowPool) GrowsInSteps() bool { return v.pool.GrowsInSteps() }

func (v slow) Create(ctx context.Context, name string) (storage.File, error) {
	return slowFileOf(v.FS.Create(ctx, name))
}

func (v slow) Open(ctx context.Context, name string) (storage.File, error) {
	return slowFileOf(v.FS.Open(ctx, name))
}

// slowFile tells of its syncs after the delay.
type (
	slowFile      struct{ storage.File }
	slowTruncater struct {
		slowFile
		storage.Truncater
	}
	slowLate struct {
		slowFile
		storage.LateWriter
	}
	slowBoth struct {
		slowFile
		storage.Truncater
		storage.LateWriter
	}
)

func slowFileOf(f storage.File, err error) (storage.File, error) {
	if err != nil {
		return nil, err
	}
	now, truncates := f.(storage.Truncater)
	late, writesLate := f.(storage.LateWriter)
	switch s := (slowFile{f}); {
	case truncates && writesLate:
		return slowBoth{s, now, late}, nil
	case truncates:
		return slowTruncater{s, now}, nil
	case writesLate:
		return slowLate{s, late}, nil
	default:
		return s, nil
	}
}

func (f slowFile) Sync(now bool, done func(error)) {
	delay := bench.delay
	if delay == 0 {
		f.File.Sync(now, done)
		return
	}
	f.File.Sync(now, func(err error) { time.AfterFunc(delay, func() { done(err) }) })
}
