//go:build js && wasm

package jsbridge

import (
	"errors"
	"syscall/js"
	"time"

	"github.com/hack-pad/safejs"

	"tabdis/core"
)

const (
	chunkLeast = 64 << 10  // bytes of whole commands that are sent
	chunkMost  = 256 << 10 // bytes that are sent, whole or not
	exportAway = 1 << 20   // bytes that may be on their way to the host
	exportWait = 50 * time.Millisecond
)

// export sends what is in memory now in chunks, in the form that its args name: commands, which can be parted behind each chunk that is whole,
// or rdb. The host answers more(n) when it has got rid of n bytes.
func export(t *Task) (any, error) {
	form, err := text(t.Args, "form")
	if err != nil {
		return nil, err
	}
	s := &sink{task: t, left: exportAway}
	if err := t.Listen("more", func(n float64) {
		s.left += int(n)
		bridge.engine.Post(bridge.engine.GoOn)
	}); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	if err := s.begin(form, ended); err != nil {
		return nil, err
	}
	select {
	case err = <-ended:
	case <-t.ctx.Done():
		bridge.engine.Post(func() { bridge.engine.StopExport(s) })
		err = t.ctx.Err()
	}
	if errors.Is(err, core.ErrExportStopped) {
		err = &Failure{"STOPPED", "the export was given up: the store was closed, or its log needs a fresh base first"}
	}
	return float64(s.sent), err
}

// begin cuts the moment, once no other snapshot stands in the way.
func (s *sink) begin(form string, ended chan<- error) error {
	as := core.ExportCommands
	if form == "rdb" {
		as = core.ExportRDB
	}
	for {
		waits := false
		var err error
		if gone := s.task.InTurn(func(e *core.Engine) {
			if waits = e.Snapshotting(); !waits {
				err = e.Export(s, as, func(err error) { ended <- err })
			}
		}); gone != nil {
			return gone
		}
		if !waits {
			return err
		}
		time.Sleep(exportWait)
	}
}

// sink sends an export to the host.
type sink struct {
	task *Task
	b    []byte // gathered
	left int    // bytes that the host takes
	sent int64
}

// Full is core.Sink's.
func (s *sink) Full() bool { return s.left <= 0 }

// Write is storage.Dump's.
func (s *sink) Write(p []byte) error {
	s.b = append(s.b, p...)
	if len(s.b) < chunkMost {
		return nil
	}
	return s.send(false)
}

// Whole is core.Sink's. That the host is gone, the next Write tells.
func (s *sink) Whole() {
	if len(s.b) >= chunkLeast {
		_ = s.send(true)
	}
}

func (s *sink) send(whole bool) error {
	n := len(s.b)
	if n == 0 {
		return nil
	}
	err := s.task.Tell("chunk", toJS(s.b), whole, bridge.engine.ExportProgress())
	s.left, s.sent, s.b = s.left-n, s.sent+int64(n), s.b[:0]
	if cap(s.b) > 2*chunkMost {
		s.b = nil
	}
	return err
}

// Commit sends the rest.
func (s *sink) Commit() error { return s.send(true) }

// Abort is storage.Dump's. What was sent is the host's to remove.
func (s *sink) Abort() {}

// toJS copies bytes.
func toJS(b []byte) safejs.Value {
	array := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(array, b)
	return safejs.Safe(array)
}
