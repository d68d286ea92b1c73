package enginetest

import (
	"fmt"

	"github.com/stretchr/testify/assert"
)

var expiry = []enginetest{
	{"a key goes at its time", func(h *harness) {
		h.open()
		h.expect(`SET k v PX 100 => OK`, `PTTL k => 100`)
		h.now += 99
		h.expect(`GET k => "v"`, `PTTL k => 1`)
		h.now++
		h.expect(`GET k => nil`, `TTL k => -2`, `DBSIZE => 0`)
	}},
	{"expired keys are removed without being asked for", func(h *harness) {
		h.open("appendfsync", "no")
		for i := range 500 {
			h.do(fmt.Sprintf("SET k%d v PX %d", i, 100+i))
		}
		h.expect(`DBSIZE => 500`)
		h.tick(1000)
		h.expect(`DBSIZE => 0`)
		assert.Equal(h, "500", h.info("expired_keys"))
	}},
	{"DEBUG SET-ACTIVE-EXPIRE 0 leaves them", func(h *harness) {
		h.open()
		h.expect(`DEBUG SET-ACTIVE-EXPIRE 0 => OK`, `SET k v PX 10 => OK`)
		h.tick(1000)
		h.expect(`DBSIZE => 1`, `DEBUG SET-ACTIVE-EXPIRE 1 => OK`)
		h.tick(1000)
		h.expect(`DBSIZE => 0`)
	}},
	{"times survive a reload, in absolute terms", func(h *harness) {
		h.open()
		h.expect(`SET a v EX 10 => OK`, `SET b v => OK`, `EXPIRE b 20 => 1`, `SETEX c 5 v => OK`, `SET d v PXAT 1700000003000 => OK`)
		h.now += 4000
		h.reopen()
		h.expect(`PTTL a => 6000`, `PTTL b => 16000`, `PTTL c => 1000`, `EXISTS d => 0`)
	}},
	{"PERSIST and friends", func(h *harness) {
		h.open()
		h.expect(`SET k v EX 10 => OK`, `PERSIST k => 1`, `TTL k => -1`, `EXPIRE k 100 NX => 1`, `EXPIRE k 50 GT => 0`, `EXPIRE k 50 LT => 1`,
			`EXPIRETIME k => 1700000050`, `GETEX k PERSIST => "v"`, `TTL k => -1`, `EXPIRE k -1 => 1`, `EXISTS k => 0`)
	}},
	{"an expired watched key breaks the transaction", func(h *harness) {
		h.open()
		h.expect(`SET k v PX 100 => OK`, `WATCH k => OK`, `MULTI => OK`, `SET x 1 => QUEUED`)
		h.now += 200
		h.expect(`EXEC => nil`)
	}},
}

var transactions = []enginetest{
	{"EXEC runs what was queued, as one", func(h *harness) {
		h.open()
		h.expect(`MULTI => OK`, `SET a 1 => QUEUED`, `INCR a => QUEUED`, `LPUSH a x => QUEUED`, `GET a => QUEUED`)
		assert.Equal(h, "nil", short(h.on(1, `GET a`)))
		h.expect(`EXEC => [OK 2 WRONGTYPE Operation against a key holding the wrong kind of value "2"]`, `EXEC => ERR EXEC without MULTI`)
	}},
	{"DISCARD", func(h *harness) {
		h.open()
		h.expect(`MULTI => OK`, `SET a 1 => QUEUED`, `DISCARD => OK`, `EXISTS a => 0`, `DISCARD => ERR DISCARD without MULTI`)
	}},
	{"a refused command aborts EXEC", func(h *harness) {
		h.open()
		h.expect(`MULTI => OK`, `NOSUCH a => ERR unknown command 'NOSUCH', with args beginning with: 'a' `, `SET a 1 => QUEUED`,
			`EXEC => EXECABORT Transaction discarded because of previous errors.`, `EXISTS a => 0`)
	}},
	{"WATCH sees another session's change", func(h *harness) {
		h.open()
		h.expect(`WATCH a b => OK`, `MULTI => OK`, `SET x 1 => QUEUED`)
		h.on(1, `SET b 1`)
		h.expect(`EXEC => nil`, `MULTI => OK`, `SET x 1 => QUEUED`, `EXEC => [OK]`)
	}},
	{"WATCH and FLUSHALL", func(h *harness) {
		h.open()
		h.do(`SET a 1`)
		h.expect(`WATCH a => OK`, `MULTI => OK`, `PING => QUEUED`)
		h.on(1, `FLUSHALL`)
		h.expect(`EXEC => nil`)
	}},
	{"sessions are apart", func(h *harness) {
		h.open()
		h.expect(`SELECT 1 => OK`, `CLIENT SETNAME one => OK`)
		assert.Equal(h, "nil", short(h.on(1, `CLIENT GETNAME`)))
		h.on(1, `SET k other`)
		h.expect(`GET k => nil`, `CLIENT GETNAME => "one"`, `RESET => RESET`, `GET k => "other"`)
	}},
}
