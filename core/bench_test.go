package core

import (
	"context"
	"runtime"
	"strconv"
	"testing"

	"tabdis/core/storage"
)

// nullFS takes a log and keeps nothing of it: what is measured is the engine.
type nullFS struct{ storage.FS }

type nullFile struct {
	storage.File
	size int64
}

func (nullFS) Create(context.Context, string) (storage.File, error) { return &nullFile{}, nil }
func (nullFS) Open(context.Context, string) (storage.File, error)   { return nil, storage.ErrNotExist }
func (nullFS) Remove(context.Context, string) error                 { return nil }
func (nullFS) List(context.Context) ([]string, error)               { return nil, nil }
func (nullFS) Replace(context.Context, string, []byte) error        { return nil }
func (nullFS) Close() error                                         { return nil }
func (f *nullFile) Append(p []byte) error                           { f.size += int64(len(p)); return nil }
func (f *nullFile) Sync(_ bool, done func(error))                   { done(nil) }
func (f *nullFile) Size() int64                                     { return f.size }
func (f *nullFile) ReadAt([]byte, int64) (int, error)               { return 0, nil }
func (f *nullFile) Harden(context.Context, int64) error             { return nil }
func (f *nullFile) Truncate(context.Context, int64) error           { return nil }
func (f *nullFile) Close() error                                    { return nil }

const (
	benchKeys  = 1_000_000
	benchBatch = 1000
)

// benchmarkBatches runs batches of 1,000 commands over keys of 10 bytes with values of 32: 1 M of them, and as many as stay in the
// processor's cache. ns/op is for one command.
func benchmarkBatches(b *testing.B, fs storage.FS, command func(batch []byte, key int) []byte) {
	b.Run("1M", func(b *testing.B) { benchmarkKeys(b, fs, benchKeys, command) })
	b.Run("1k", func(b *testing.B) { benchmarkKeys(b, fs, 1000, command) })
}

func benchmarkKeys(b *testing.B, fs storage.FS, keys int, command func(batch []byte, key int) []byte) {
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	s := e.NewSession(SessionOptions{})
	run := func(batch []byte) {
		e.Turn(start)
		s.Feed(batch)
		e.EndTurn()
		s.Take(len(s.Output()))
		runtime.Gosched() // as the bridge does: else a cycle of the collector never ends
	}
	var batch []byte
	for i := 0; i < keys; i += benchBatch {
		batch = batch[:0]
		for k := range benchBatch {
			batch = set(batch, i+k)
		}
		run(batch)
	}
	batches := make([][]byte, 256)
	key := 1
	for i := range batches {
		for range benchBatch {
			key = (key*7919 + 13) % keys
			batches[i] = command(batches[i], key)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += benchBatch {
		run(batches[i/benchBatch%len(batches)])
	}
}

// BenchmarkFill sets keys that are new, up to 1 M of them.
func BenchmarkFill(b *testing.B) {
	var e *Engine
	var s *Session
	var batch []byte
	b.ReportAllocs()
	for i := 0; i < b.N; i += benchBatch {
		b.StopTimer()
		if i%1_000_000 == 0 {
			e, _ = Open(context.Background(), Options{FS: nullFS{}, Now: start, Seed: 1})
			s = e.NewSession(SessionOptions{})
		}
		batch = batch[:0]
		for k := range benchBatch {
			batch = set(batch, i%1_000_000+k)
		}
		b.StartTimer()
		e.Turn(start)
		s.Feed(batch)
		e.EndTurn()
		s.Take(len(s.Output()))
		runtime.Gosched()
	}
}

func appendKey(b []byte, key int) []byte {
	b = append(b, "$10\r\nkey"...)
	return append(strconv.AppendInt(b, int64(key+1_000_000), 10), "\r\n"...)
}

func set(b []byte, key int) []byte {
	b = appendKey(append(b, "*3\r\n$3\r\nSET\r\n"...), key)
	return append(b, "$32\r\n0123456789abcdef0123456789abcdef\r\n"...)
}

func get(b []byte, key int) []byte { return appendKey(append(b, "*2\r\n$3\r\nGET\r\n"...), key) }

func BenchmarkSet(b *testing.B)       { benchmarkBatches(b, nil, set) }
func BenchmarkSetLogged(b *testing.B) { benchmarkBatches(b, nullFS{}, set) }
func BenchmarkGet(b *testing.B)       { benchmarkBatches(b, nil, get) }
