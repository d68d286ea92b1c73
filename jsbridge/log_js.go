//go:build js && wasm

package jsbridge

import (
	"time"

	"tabdis/core"
	"tabdis/core/aof"
)

var errNoLog = &Failure{"NOLOG", "the store keeps no log: nothing of it is ever durable"}

// durableLook is the time between two looks at a log that is to become durable, which takes up to a second.
const durableLook = 20 * time.Millisecond

// durable ends when all is durable that was executed before it, by whichever session. Its result is the lsn.
func durable(t *Task) (any, error) {
	for lsn := uint64(0); ; time.Sleep(durableLook) {
		var wanted, durable uint64
		logging := false
		if err := t.InTurn(func(e *core.Engine) { wanted, durable, logging = e.Logged() }); err != nil {
			return nil, err
		}
		if lsn == 0 {
			lsn = wanted
		}
		switch {
		case !logging:
			return nil, errNoLog
		case durable >= lsn:
			return float64(lsn), nil
		}
	}
}

// taps are the tasks that look on while the log is written. The engine knows of them while there are any. Changed in turns, and made anew then.
var taps []*Task

type tap struct{}

// Block is aof.Tap's. That a host is gone, its task hears otherwise.
func (tap) Block(b *aof.TappedBlock) {
	for _, t := range taps {
		_ = t.Tell("block", b.File, float64(b.Offset), float64(b.LSN), float64(b.Epoch), float64(b.Sync), toJS(b.Body))
	}
}

// Durable is aof.Tap's.
func (tap) Durable(lsn uint64) {
	for _, t := range taps {
		_ = t.Tell("durable", float64(lsn))
	}
}

// tapLog tells of each block and of each sync of the log until it is cancelled.
func tapLog(t *Task) (err error) {
	if gone := t.InTurn(func(e *core.Engine) {
		lsn, durable, _ := e.Logged()
		if !e.SetTap(tap{}) {
			err = errNoLog
			return
		}
		taps = append(append([]*Task(nil), taps...), t)
		err = t.Tell("begins", float64(lsn), float64(durable))
	}); gone != nil {
		err = gone
	}
	if err != nil {
		return err
	}
	<-t.ctx.Done()
	bridge.engine.Post(func() {
		var rest []*Task
		for _, other := range taps {
			if other != t {
				rest = append(rest, other)
			}
		}
		if taps = rest; len(taps) == 0 {
			bridge.engine.SetTap(nil)
		}
	})
	return nil
}
