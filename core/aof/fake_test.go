package aof

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// fakeHost is an engine whose clock and control plane the test drives. Jobs run at once, unless parked.
type fakeHost struct {
	now     int64
	parked  bool
	jobs    []func(context.Context)
	posts   chan func()
	logs    []string
	settled []settledTicket
	expired []string
	crowded bool // somebody else takes a snapshot
}

type settledTicket struct {
	ticket uint64
	err    error
}

func (h *fakeHost) Go(job func(context.Context)) {
	if h.parked {
		h.jobs = append(h.jobs, job)
		return
	}
	job(context.Background())
}
func (h *fakeHost) Post(fn func())            { h.posts <- fn }
func (h *fakeHost) Log(_ Level, msg string)   { h.logs = append(h.logs, msg) }
func (h *fakeHost) Expire(db int, key []byte) { h.expired = append(h.expired, string(key)) }
func (h *fakeHost) Settled(ticket uint64, err error) {
	h.settled = append(h.settled, settledTicket{ticket, err})
}
func (h *fakeHost) Now() int64            { return h.now }
func (h *fakeHost) Room(urgent bool) bool { return urgent || !h.crowded }

func (h *fakeHost) logged(part string) bool {
	return strings.Contains(strings.Join(h.logs, "\n"), part)
}

// settledTo is the highest ticket that was settled well.
func (h *fakeHost) settledTo() (n uint64) {
	for _, s := range h.settled {
		if s.err == nil {
			n = max(n, s.ticket)
		}
	}
	return n
}

// store is a store of strings over a log: database and key → value.
type store struct {
	t    testing.TB
	log  *Log
	fs   *faultfs.FS
	host *fakeHost
	cfg  Config
	data map[string]string
	rep  Report
}

func config() Config {
	return Config{Filename: "appendonly.aof", Policy: Always, LoadTruncated: true, RewriteIncrementalSync: true, Importer: NewImporter(nil)}
}

// open opens the disk and the log on it.
func open(t testing.TB, disk *memfs.Store, cfg Config, injector faultfs.Injector) (*store, error) {
	inner, err := disk.Open()
	require.NoError(t, err)
	s := &store{t: t, fs: faultfs.Wrap(inner, injector), cfg: cfg, data: map[string]string{},
		host: &fakeHost{now: 1_700_000_000_000, posts: make(chan func(), 1000)}}
	s.newLog()
	s.rep, err = s.log.Load(context.Background(), s.apply(), nil)
	if err != nil {
		disk.Kill()
		return s, err
	}
	s.turn()
	return s, nil
}

func (s *store) newLog() {
	s.log = New(s.fs, nil, &s.cfg, s.host)
	s.log.ballast.busy = true // a test that wants it says so
	next := uint64(s.host.now) + uint64(len(s.t.Name()))<<40
	s.log.id = func() uint64 { next += 0x9e3779b97f4a7c15; return next | 1 }
	s.log.cut = func(to keyspace.SnapshotWriter, now func() int64) snapshot {
		return newModelSnapshot(s.data, to)
	}
}

func mustOpen(t testing.TB, disk *memfs.Store, cfg Config) *store {
	s, err := open(t, disk, cfg, nil)
	require.NoError(t, err)
	return s
}

// replay is a Replayer of one function.
type replay func(args [][]byte) error

func (r replay) Replay(args [][]byte) error { return r(args) }
func (replay) Ahead([][]byte)               {}

func (s *store) apply() replay {
	db := "0"
	return func(args [][]byte) error {
		switch strings.ToUpper(string(args[0])) {
		case "SELECT":
			db = string(args[1])
		case "SET":
			s.data[db+"/"+string(args[1])] = string(args[2])
		case "DEL":
			delete(s.data, db+"/"+string(args[1]))
		case "APPEND":
			s.data[db+"/"+string(args[1])] += string(args[2])
		default:
			return &LoadError{Err: ErrCorrupt, File: "?", Why: "unknown command " + string(args[0])}
		}
		return nil
	}
}

func words(text string) (args [][]byte) {
	for _, w := range strings.Fields(text) {
		args = append(args, []byte(w))
	}
	return args
}

// do executes commands of database db as one unit.
func (s *store) do(db int, commands ...string) {
	apply := s.apply()
	s.log.Begin()
	for _, c := range commands {
		require.NoError(s.t, apply(words("SELECT "+strconv.Itoa(db))))
		require.NoError(s.t, apply(words(c)))
		s.log.Feed(db, words(c))
	}
	s.log.End()
}

// turn takes what was posted, and flushes.
func (s *store) turn() (uint64, error) {
	s.posted()
	return s.log.Flush()
}

func (s *store) posted() {
	for len(s.host.posts) > 0 {
		(<-s.host.posts)()
	}
}

// tick lets ms pass, then ticks.
func (s *store) tick(ms int64) {
	s.host.now += ms
	s.turn()
	s.log.Tick()
	s.turn()
}

// rewriteAll ticks until no rewrite is under way.
func (s *store) rewriteAll() {
	for i := 0; s.log.rw != nil; i++ {
		require.Less(s.t, i, 10000, "a rewrite without end")
		s.tick(1)
	}
}

func (s *store) close() error {
	err := s.log.Close(context.Background())
	s.fs.Close()
	return err
}

// modelSnapshot is a copy of the data, emitted key by key.
type modelSnapshot struct {
	to        keyspace.SnapshotWriter
	keys      []string
	data      map[string]string
	cancelled bool
}

func newModelSnapshot(data map[string]string, to keyspace.SnapshotWriter) *modelSnapshot {
	m := &modelSnapshot{to: to, data: map[string]string{}}
	for k, v := range data {
		m.data[k] = v
		m.keys = append(m.keys, k)
	}
	sort.Strings(m.keys)
	return m
}

func (m *modelSnapshot) Step(more func() bool) bool {
	for len(m.keys) > 0 && more() {
		k := m.keys[0]
		m.keys = m.keys[1:]
		db, key, _ := strings.Cut(k, "/")
		n, _ := strconv.Atoi(db)
		m.to.String(n, []byte(key), []byte(m.data[k]), keyspace.NoExpiry)
	}
	return len(m.keys) == 0
}
func (m *modelSnapshot) Cancel()           { m.cancelled = true }
func (m *modelSnapshot) Copied() int64     { return 7 }
func (m *modelSnapshot) Progress() float64 { return 1 - float64(len(m.keys))/float64(len(m.data)+1) }

// files reads a disk.
func files(t testing.TB, disk *memfs.Store) map[string][]byte {
	disk.Kill()
	fs, err := disk.Open()
	require.NoError(t, err)
	defer fs.Close()
	names, err := fs.List(context.Background())
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, name := range names {
		f, err := fs.Open(context.Background(), name)
		require.NoError(t, err)
		b := make([]byte, f.Size())
		if len(b) > 0 {
			_, err = f.ReadAt(b, 0)
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
		all[name] = b
	}
	return all
}

// diskOf makes a disk that holds these files, durably.
func diskOf(t testing.TB, all map[string][]byte) *memfs.Store {
	disk := memfs.New()
	fs, err := disk.Open()
	require.NoError(t, err)
	for name, b := range all {
		if strings.HasSuffix(name, ".ballast") {
			continue
		}
		require.NoError(t, fs.Replace(context.Background(), name, b))
	}
	require.NoError(t, fs.Close())
	return disk
}

const (
	firstIncr = "appendonly.aof.1.incr.aof"
	manName   = "appendonly.aof.manifest"
)

var _ storage.FS = (*faultfs.FS)(nil)
