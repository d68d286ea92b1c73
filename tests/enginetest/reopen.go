package enginetest

import (
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

var reopens = []enginetest{
	{"what was written is there, many times over", func(h *harness) {
		h.open()
		for i := range 5 {
			h.expect(`INCR n => ` + string(rune('1'+i)))
			h.reopen()
		}
		h.expect(`GET n => "5"`)
	}},
	{"a second opener is refused, never given another store", func(h *harness) {
		h.open()
		_, err := h.store.Open()
		require.ErrorIs(h, err, storage.ErrLocked)
		h.expect(`PING => PONG`)
	}},
	{"the manifest names what is there, sealed", func(h *harness) {
		h.open()
		h.do(`SET k v`)
		h.close()
		files := h.files()
		manifest := files["appendonly.aof.manifest"]
		assert.Regexp(h, `(?m)^file appendonly\.aof\.1\.incr\.aof seq 1 type i id [0-9a-f]{16}`, manifest)
		assert.Regexp(h, `(?m)^# tabdis v1 epoch \d+ sealed [1-9]\d* xxh64 [0-9a-f]{16}$`, manifest)
		for name := range files {
			assert.True(h, strings.HasPrefix(name, "appendonly.aof") || name == "ballast", name)
		}
	}},
	{"appendfilename", func(h *harness) {
		h.open("appendfilename", "mine.aof")
		h.do(`SET k v`)
		h.close()
		assert.Contains(h, h.files(), "mine.aof.manifest")
		h.open("appendfilename", "mine.aof")
		h.expect(`GET k => "v"`)
	}},
	{"DEBUG LOADAOF", func(h *harness) {
		h.open()
		h.expect(`SET k v => OK`, `RPUSH l a b => 2`, `DEBUG LOADAOF => OK`, `GET k => "v"`, `LLEN l => 2`, `SET k w => OK`)
		h.reopen()
		h.expect(`GET k => "w"`)
	}},
	{"CONFIG SET appendonly no, then yes", func(h *harness) {
		h.open()
		h.expect(`SET k before => OK`, `CONFIG SET appendonly no => OK`, `SET k off => OK`)
		assert.Equal(h, "0", h.info("aof_enabled"))
		h.expect(`SET j off => OK`, `CONFIG SET appendonly yes => OK`)
		h.until("the log to be on", func() bool { return h.info("aof_enabled") == "1" && h.info("aof_rewrite_in_progress") == "0" })
		h.expect(`SET l on => OK`)
		h.reopen()
		h.expect(`MGET k j l => ["off" "off" "on"]`)
	}},
}
