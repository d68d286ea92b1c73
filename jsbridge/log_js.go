//go:build js && wasm

package jsbridge

import (
	"time"

	"tabdis/core"
	"tabdis/core/aof"
)

var errNoLog = &Failure{"NOLOG", "the store keeps no log: nothing of it is ever durable"}

// taps are those who look on while the log is written, each by a function for blocks (or nil) and one for syncs. The engine knows of them
// while there are any.
var taps []*tap

type tap struct {
	block   func(b *aof.TappedBlock)
	durable func(lsn uint64)
}

type tapped struct{}

func (tapped) Block(b *aof.TappedBlock) {
	for _, t := range taps {
		if t.block != nil {
			t.block(b)
		}
	}
}

func (tapped) Durable(lsn uint64) {
	for _, t := range taps {
		t.durable(lsn)
	}
}

// add and remove are called in a turn. The list is made anew: one of its functions may be running.
func (t *tap) add(e *core.Engine) bool {
	taps = append(append([]*tap(nil), taps...), t)
	return e.SetTap(tapped{})
}

func (t *tap) remove(e *core.Engine) {
	var rest []*tap
	for _, other := range taps {
		if other != t {
			rest = append(rest, other)
		}
	}
	if taps = rest; len(taps) == 0 {
		e.SetTap(nil)
	}
}

// durable ends when all is durable that was executed before it, by whichever session. Its result is the lsn.
func durable(t *Task) (any, error) {
	var lsn uint64
	err := error(errNoLog)
	reached := make(chan struct{}, 1)
	look := func(e *core.Engine) {
		wanted, durable, logging := e.Logged()
		if lsn = max(lsn, wanted); !logging {
			err = errNoLog
		} else if err = nil; durable >= lsn {
			reached <- struct{}{}
		}
	}
	w := &tap{durable: func(durable uint64) {
		if durable >= lsn {
			select {
			case reached <- struct{}{}:
			default:
			}
		}
	}}
	if gone := t.InTurn(func(e *core.Engine) {
		if look(e); err == nil {
			w.add(e)
		}
	}); gone != nil || err != nil {
		return nil, firstOf(gone, err)
	}
	defer bridge.engine.Post(func() { w.remove(bridge.engine) })
	for {
		select {
		case <-reached:
			return float64(lsn), nil
		case <-t.ctx.Done():
			return nil, t.ctx.Err()
		case <-time.After(time.Second): // the log may have been turned off, of which no tap is told
			off := false
			if gone := t.InTurn(func(e *core.Engine) { _, _, on := e.Logged(); off = !on }); gone != nil || off {
				return nil, firstOf(gone, errNoLog)
			}
		}
	}
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// logAway is how many events may be on their way to the host. What comes while there are more is left out, and counted.
const logAway = 1000

// tapLog tells of each block and of each sync of the log, until it is cancelled: block(file, offset, lsn, epoch, sync, body), durable(lsn), and
// missed(n) for what the host was too slow for. The host answers each with taken.
func tapLog(t *Task) (any, error) {
	away, missed := 0, 0
	gone := make(chan error, 1)
	tell := func(what string, args ...any) {
		away++
		if err := t.Tell(what, args...); err != nil {
			select {
			case gone <- err:
			default:
			}
		}
	}
	room := func() bool {
		if away >= logAway {
			missed++
			return false
		}
		return true
	}
	if err := t.Listen("taken", func(float64) {
		if away--; missed > 0 && away < logAway/2 {
			n := missed
			missed = 0
			tell("missed", float64(n))
		}
	}); err != nil {
		return nil, err
	}
	w := &tap{block: func(b *aof.TappedBlock) {
		if room() {
			tell("block", b.File, float64(b.Offset), float64(b.LSN), float64(b.Epoch), float64(b.Sync), toJS(b.Body))
		}
	}, durable: func(lsn uint64) {
		if room() {
			tell("durable", float64(lsn))
		}
	}}
	there := false
	if err := t.InTurn(func(e *core.Engine) {
		if there = w.add(e); there {
			lsn, synced, _ := e.Logged()
			tell("begins", float64(lsn), float64(synced))
		}
	}); err != nil {
		return nil, err
	}
	defer bridge.engine.Post(func() { w.remove(bridge.engine) })
	if !there {
		return nil, errNoLog
	}
	select {
	case err := <-gone:
		return nil, err
	case <-t.ctx.Done():
		return nil, nil
	}
}
