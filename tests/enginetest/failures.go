package enginetest

import (
	"bytes"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
)

// faulty opens the engine on a store that counts its operations and fails when told to.
func (h *harness) faulty(params ...string) (faults *faultfs.FS) {
	h.Helper()
	h.wrap = func(inner storage.FS) storage.FS {
		faults = faultfs.Wrap(inner, nil)
		return faults
	}
	h.open(params...)
	// However slow the storage is: five quiet milliseconds do not tell that the ballast is there.
	h.until("the ballast", func() bool { return h.info("aof_enabled") == "0" || h.info("aof_ballast") != "0" })
	for before := -1; before != faults.Count(faultfs.Any); { // what opening left to do: a seal, the ballast
		before = faults.Count(faultfs.Any)
		h.tick(1100)
		time.Sleep(5 * time.Millisecond)
	}
	return faults
}

// ofLog limits a fault to the file that is being written.
func ofLog(c faultfs.Call) bool { return strings.Contains(c.Name, ".incr.") }

var policies = []enginetest{
	{"always: one sync for all that came in one turn, before any reply", func(h *harness) {
		fs := h.faulty("appendfsync", "always")
		before := fs.Count(faultfs.Sync)
		h.turn(0, bytes.Repeat(request(h, `INCR n`), 100))
		require.True(h, h.settle(0))
		assert.Equal(h, before+1, fs.Count(faultfs.Sync))
		assert.True(h, strings.HasSuffix(h.take(0), ":100\r\n"))
		assert.Equal(h, h.info("aof_lsn"), h.info("aof_durable_lsn"))
	}},
	{"always: reads alone sync nothing", func(h *harness) {
		fs := h.faulty("appendfsync", "always")
		before := fs.Count(faultfs.Sync | faultfs.Append)
		h.expect(`GET k => nil`, `PING => PONG`)
		assert.Equal(h, before, fs.Count(faultfs.Sync|faultfs.Append))
	}},
	{"everysec: written at once, synced within the second or so, an idle tail too", func(h *harness) {
		fs := h.faulty("appendfsync", "everysec")
		syncs, appends := fs.Count(faultfs.Sync), fs.Count(faultfs.Append)
		h.expect(`SET k v => OK`)
		assert.Equal(h, appends+1, fs.Count(faultfs.Append))
		h.tick(2100)
		h.until("the sync", func() bool { return fs.Count(faultfs.Sync) > syncs && h.info("aof_pending_bio_fsync") == "0" })
		after := fs.Count(faultfs.Sync)
		h.tick(10_000)
		assert.LessOrEqual(h, fs.Count(faultfs.Sync), after+1, "nothing new: nothing to sync, but for what a seal may bring")
	}},
	{"CONFIG SET appendfsync while running", func(h *harness) {
		fs := h.faulty("appendfsync", "everysec")
		h.expect(`CONFIG SET appendfsync always => OK`, `CONFIG GET appendfsync => ["appendfsync" "always"]`)
		before := fs.Count(faultfs.Sync)
		h.expect(`SET k v => OK`)
		assert.Greater(h, fs.Count(faultfs.Sync), before)
		h.expect(`CONFIG SET appendfsync sometimes => ERR CONFIG SET failed (possibly related to argument 'appendfsync') - argument(s) must be one of the following: everysec, always, no`)
	}},
}

// recovered waits until writes are accepted again.
func (h *harness) recovered() {
	h.Helper()
	h.until("recovery", func() bool { return strings.HasPrefix(h.do(`SET probe 1`), "+OK") })
	assert.Equal(h, "ok", h.info("aof_last_write_status"))
}

var failures = []enginetest{
	{"a failed write: NOTDURABLE, then MISCONF, reads go on, recovery", func(h *harness) {
		for p, policy := range []string{"always", "everysec", "no"} {
			for k, fault := range []faultfs.Fault{{}, {Short: 7}, {Err: storage.ErrQuota}} {
				if (p*3+k)%stride > 1 {
					continue
				}
				fs := h.faulty("appendfsync", policy)
				h.expect(`SET k before => OK`)
				disk := faultfs.NewSwitch(faultfs.Append|faultfs.Create|faultfs.Replace, fault)
				fs.Inject(disk)
				disk.Set(true)
				assert.True(h, strings.HasPrefix(h.do(`SET k ran`), "-NOTDURABLE "), policy)
				assert.True(h, strings.HasPrefix(h.do(`SET k refused`), "-MISCONF Errors writing to the AOF file: "), policy)
				h.expect(`GET k => "ran"`)
				assert.Equal(h, "err", h.info("aof_last_write_status"))
				h.tick(3000)
				assert.True(h, strings.HasPrefix(h.do(`INCR n`), "-MISCONF "), policy)
				disk.Set(false)
				h.recovered()
				h.expect(`GET k => "ran"`)
				h.reopen()
				h.expect(`GET k => "ran"`, `GET probe => "1"`, `FLUSHALL => OK`)
				h.close()
			}
		}
	}},
	{"a failed sync: the tail is never trusted again, a fresh base ends it", func(h *harness) {
		fs := h.faulty("appendfsync", "always")
		h.expect(`SET k before => OK`)
		fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}).Where(ofLog))
		assert.True(h, strings.HasPrefix(h.do(`SET k ran`), "-NOTDURABLE "))
		h.recovered()
		h.close()
		files := h.files()
		assert.NotContains(h, files, "appendonly.aof.1.incr.aof")
		h.open()
		h.expect(`GET k => "ran"`, `GET probe => "1"`)
	}},
	{"everysec: a failed background sync stops writes until a fresh base", func(h *harness) {
		fs := h.faulty("appendfsync", "everysec")
		disk := faultfs.NewSwitch(faultfs.Sync|faultfs.Replace|faultfs.Create, faultfs.Fault{})
		fs.Inject(disk)
		disk.Set(true)
		reply := h.do(`SET k v`) // a sync that fails in this very turn is told at once
		assert.True(h, reply == "+OK\r\n" || strings.HasPrefix(reply, "-NOTDURABLE "), reply)
		h.until("MISCONF", func() bool { return strings.HasPrefix(h.do(`SET j v`), "-MISCONF ") })
		h.expect(`GET k => "v"`)
		disk.Set(false)
		h.recovered()
		h.reopen()
		h.expect(`GET k => "v"`)
	}},
	{"a transaction whose block fails is answered as one", func(h *harness) {
		fs := h.faulty("appendfsync", "always")
		fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}).Where(ofLog))
		h.expect(`MULTI => OK`, `SET a 1 => QUEUED`, `INCR a => QUEUED`)
		reply := h.do(`EXEC`)
		assert.True(h, strings.HasPrefix(reply, "-NOTDURABLE ") && strings.Count(reply, "\r\n") == 1, reply)
		h.recovered()
		h.reopen()
		h.expect(`GET a => "2"`)
	}},
	{"replies in one batch: only those that changed something are taken back", func(h *harness) {
		fs := h.faulty("appendfsync", "always")
		h.expect(`SET k v => OK`)
		fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}).Where(ofLog))
		h.turn(0, append(append(request(h, `GET k`), request(h, `SET k w`)...), request(h, `GET k`)...))
		require.True(h, h.settle(0))
		out := strings.Split(h.take(0), "\r\n")
		require.Len(h, out, 6)
		assert.Equal(h, []string{"$1", "v"}, out[:2])
		assert.True(h, strings.HasPrefix(out[2], "-NOTDURABLE "))
		assert.Equal(h, []string{"$1", "w"}, out[3:5])
	}},
	{"a full disk: the ballast lets DEL through, not SET, until there is room", func(h *harness) {
		fs := h.faulty("appendfsync", "always")
		h.expect(`SET k v => OK`, `SET j v => OK`)
		h.until("there to be a ballast", func() bool { return h.info("aof_ballast") != "0" })
		full := faultfs.NewSwitch(faultfs.Append|faultfs.Create, faultfs.Fault{Err: storage.ErrQuota})
		given := false // the ballast's room: a little fits then, but no new ballast
		fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
			ballast := strings.HasSuffix(c.Name, ".ballast")
			given = given || c.Op == faultfs.Remove && ballast
			if given && !ballast {
				return nil
			}
			return full.Fault(c)
		}))
		full.Set(true)
		assert.True(h, strings.HasPrefix(h.do(`SET k ran`), "-NOTDURABLE "))
		h.until("DEL to go on", func() bool { return h.do(`DEL k`) == ":1\r\n" })
		assert.True(h, strings.HasPrefix(h.do(`SET k w`), "-MISCONF Errors writing to the AOF file: No space left: "))
		h.expect(`EXPIRE j 100 => 1`)
		full.Set(false)
		h.until("SET to go on", func() bool { return h.do(`SET k w`) == "+OK\r\n" })
		h.reopen()
		h.expect(`GET k => "w"`, `TTL j => `+short(h.do(`TTL j`)))
	}},
	{"a read that finds its key past its time reads on", func(h *harness) {
		fs := h.faulty("appendfsync", "always")
		h.expect(`SET k v PX 100 => OK`)
		disk := faultfs.NewSwitch(faultfs.Append, faultfs.Fault{})
		fs.Inject(disk)
		disk.Set(true)
		h.now += 200
		h.expect(`GET k => nil`)
		assert.True(h, strings.HasPrefix(h.do(`SET k v`), "-MISCONF "))
		disk.Set(false)
		h.recovered()
	}},
	{"what cannot be read is refused, not taken for empty", func(h *harness) {
		h.open()
		h.expect(`SET k v => OK`)
		h.close()
		h.wrap = func(inner storage.FS) storage.FS {
			return faultfs.Wrap(inner, faultfs.From(0, faultfs.Read, faultfs.Fault{}))
		}
		require.ErrorIs(h, h.tryOpen(), faultfs.ErrInjected)
		h.wrap = nil
		h.open()
		h.expect(`GET k => "v"`)
	}},
}
