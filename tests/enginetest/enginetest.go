// Package enginetest is the one suite that the engine passes wherever it runs: natively over memory and real files, under GOOS=js in
// Node, and in a browser's Worker over OPFS and over IndexedDB.
//
//	func TestEngine(t *testing.T) {
//		enginetest.Run(t, func(t *testing.T) storagetest.Store { … })
//	}
//
// The clock is the test's: nothing expires, syncs or is retried unless the test lets time pass.
package enginetest

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/resp"
	"tabdis/core/storage"
	"tabdis/core/storage/storagetest"
)

// Run runs the suite. newStore makes a new, empty store, different from all others. Tests run one after another.
func Run(t *testing.T, newStore func(t *testing.T) storagetest.Store) {
	for _, group := range []struct {
		name  string
		tests []enginetest
	}{
		{"types", types}, {"expiry", expiry}, {"transactions", transactions}, {"propagation", propagation},
		{"policies", policies}, {"failures", failures}, {"rewrite", rewrites}, {"reopen", reopens}, {"limits", limits}, {"hostile", hostile},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.tests {
				t.Run(c.name, func(t *testing.T) {
					h := &harness{T: t, store: newStore(t), now: start}
					t.Cleanup(h.cleanup)
					c.run(h)
				})
			}
		})
	}
}

type enginetest struct {
	name string
	run  func(h *harness)
}

// stride is how many faults a test that goes through many of them moves on at a time: natively it tries each, in a browser, where
// opening a store takes its time, some.
var stride = 1

func init() {
	if runtime.GOOS == "js" {
		stride = 6
	}
}

// start is the time at which every test begins, Unix ms.
const start = 1_700_000_000_000

// harness is one store with an engine on it and a clock.
type harness struct {
	*testing.T
	store   storagetest.Store
	wrap    func(storage.FS) storage.FS // faults, if the test wants some
	fs      storage.FS
	engine  *core.Engine
	clients []*core.Session
	now     int64
	logged  []string
}

// open opens the engine with these parameters: name, value, name, value …
func (h *harness) open(params ...string) {
	h.Helper()
	require.NoError(h, h.tryOpen(params...))
}

func (h *harness) tryOpen(params ...string) error {
	h.Helper()
	fs, err := h.store.Open()
	require.NoError(h, err, "open the store")
	h.fs = fs
	if h.wrap != nil {
		fs = h.wrap(fs)
	}
	config := map[string]string{"enable-debug-command": "yes"}
	for i := 0; i+1 < len(params); i += 2 {
		config[params[i]] = params[i+1]
	}
	h.engine, err = core.Open(context.Background(), core.Options{FS: fs, Config: config, Now: h.now, Seed: 7,
		Log: func(_ aof.Level, msg string) { h.logged = append(h.logged, msg) }})
	h.clients = nil
	if err != nil {
		h.engine = nil
		require.NoError(h, h.fs.Close())
		h.fs = nil
	}
	return err
}

// close ends the engine cleanly.
func (h *harness) close() {
	h.Helper()
	require.NoError(h, h.engine.Close(context.Background()))
	require.NoError(h, h.fs.Close())
	h.engine, h.fs = nil, nil
}

// reopen closes and opens.
func (h *harness) reopen(params ...string) {
	h.Helper()
	h.close()
	h.open(params...)
}

func (h *harness) cleanup() {
	if h.engine != nil {
		_ = h.engine.Close(context.Background()) // a test with faults may leave a log that cannot be closed
	}
	if h.fs != nil {
		_ = h.fs.Close()
	}
}

// client is session i, opened when first used.
func (h *harness) client(i int) *core.Session {
	for len(h.clients) <= i {
		h.clients = append(h.clients, h.engine.NewSession(core.SessionOptions{}))
	}
	return h.clients[i]
}

// turn is one turn of the engine, feeding session i.
func (h *harness) turn(i int, input []byte) {
	s := h.client(i)
	h.engine.Turn(h.now)
	s.Feed(input)
	h.engine.EndTurn()
}

// settle turns until the replies of session i may leave, or gives up.
func (h *harness) settle(i int) bool {
	for n := 0; h.client(i).Waiting() > 0 || h.engine.Stalled(); n++ {
		if n == 2000 {
			return false
		}
		time.Sleep(time.Millisecond) // what completes by itself completes meanwhile
		h.engine.Turn(h.now)
		h.engine.EndTurn()
	}
	return true
}

// do runs a command line on session 0 and gives the reply as RESP.
func (h *harness) do(line string) string { h.Helper(); return h.on(0, line) }

// on runs a command line, quoted as in redis-cli, on session i.
func (h *harness) on(i int, line string) string {
	h.Helper()
	h.turn(i, request(h, line))
	require.True(h, h.settle(i), "the reply to %q is held back for ever", line)
	return h.take(i)
}

func (h *harness) take(i int) string {
	out := string(h.client(i).Output())
	h.client(i).Take(len(out))
	return out
}

func request(h *harness, line string) []byte {
	h.Helper()
	words, ok := resp.SplitWords([]byte(line))
	require.True(h, ok, "quotes of %q", line)
	b := []byte("*" + strconv.Itoa(len(words)) + "\r\n")
	for _, w := range words {
		b = append(b, "$"+strconv.Itoa(len(w))+"\r\n"+string(w)+"\r\n"...)
	}
	return b
}

// expect runs lines of "command => reply", the reply in short: OK, 1, "text", nil, [..], or an error's text.
func (h *harness) expect(lines ...string) {
	h.Helper()
	for _, line := range lines {
		command, want, ok := strings.Cut(line, " => ")
		require.True(h, ok, line)
		assert.Equal(h, want, short(h.do(command)), command)
	}
}

// tick lets so many ms pass, in steps as a host would tick.
func (h *harness) tick(ms int64) {
	for end := h.now + ms; ; {
		next := int64(h.engine.Tick(h.now))
		time.Sleep(100 * time.Microsecond) // control-plane work and background syncs get their turn
		if h.now >= end {
			return
		}
		h.now = min(end, h.now+max(1, min(next, 100)))
	}
}

// until ticks until done, or fails.
func (h *harness) until(what string, done func() bool) {
	h.Helper()
	for n := 0; !done(); n++ {
		require.Less(h, n, 5000, "waiting for: %s", what)
		h.tick(50)
	}
}

// info is a field of INFO.
func (h *harness) info(field string) string {
	h.Helper()
	for _, line := range strings.Split(h.do("INFO everything"), "\r\n") {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			return v
		}
	}
	return ""
}

// short makes a reply readable: see expect.
func short(reply string) string {
	s, _ := shortOne(reply)
	return s
}

func shortOne(r string) (text, rest string) {
	end := strings.Index(r, "\r\n")
	if end < 0 {
		return "(no reply)", ""
	}
	line, rest := r[:end], r[end+2:]
	n, _ := strconv.Atoi(line[1:])
	switch line[0] {
	case '$', '=':
		if n < 0 {
			return "nil", rest
		}
		return strconv.Quote(rest[:n]), rest[n+2:]
	case '*', '~', '>', '%':
		if n < 0 {
			return "nil", rest
		}
		if line[0] == '%' {
			n *= 2
		}
		parts := make([]string, n)
		for i := range parts {
			parts[i], rest = shortOne(rest)
		}
		return "[" + strings.Join(parts, " ") + "]", rest
	case '_':
		return "nil", rest
	}
	return line[1:], rest
}

// files gives the store's files by name; the engine must be closed.
func (h *harness) files() map[string]string {
	h.Helper()
	require.Nil(h, h.engine)
	ctx := context.Background()
	fs, err := h.store.Open()
	require.NoError(h, err)
	defer fs.Close()
	names, err := fs.List(ctx)
	require.NoError(h, err)
	all := map[string]string{}
	for _, name := range names {
		f, err := fs.Open(ctx, name)
		require.NoError(h, err)
		b := make([]byte, f.Size())
		if len(b) > 0 {
			_, err = f.ReadAt(b, 0)
			require.NoError(h, err)
		}
		require.NoError(h, f.Close())
		all[name] = string(b)
	}
	return all
}

// commands gives the commands in the log's files of one kind ("base", "incr"), in order, as "SET k v".
func (h *harness) commands(kind string) []string {
	h.Helper()
	files := h.files()
	var got []string
	for seq := 1; seq < 100; seq++ {
		data, ok := files["appendonly.aof."+strconv.Itoa(seq)+"."+kind+".aof"]
		if !ok {
			continue
		}
		var p resp.Parser
		for _, line := range splitAnnotations(data) {
			p.Feed([]byte(line))
			for {
				words, err := p.Next()
				require.NoError(h, err)
				if words == nil {
					break
				}
				parts := make([]string, len(words))
				for i, w := range words {
					parts[i] = string(w)
				}
				got = append(got, strings.Join(parts, " "))
			}
		}
	}
	return got
}

// splitAnnotations gives what stands between the lines that begin with '#'. The logs of these tests hold no value with such a line.
func splitAnnotations(data string) []string {
	var parts []string
	for len(data) > 0 {
		if data[0] == '#' {
			end := strings.Index(data, "\r\n")
			data = data[end+2:]
			continue
		}
		end := strings.Index(data, "\r\n#")
		if end < 0 {
			return append(parts, data)
		}
		parts = append(parts, data[:end+2])
		data = data[end+2:]
	}
	return parts
}
