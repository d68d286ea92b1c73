package core

import (
	"context"
	"testing"

	"tabdis/core/storage/memfs"
)

// BenchmarkLoad opens a log of SETs of so many keys; ns/op is for one of them. As a browser runs it before it has optimized anything: compile
// the test with GOOS=js GOARCH=wasm go test -c, and run it by node --stack-size=8192 --liftoff-only $(go env GOROOT)/lib/wasm/wasm_exec_node.js.
func BenchmarkLoad(b *testing.B) {
	b.Run("1M", func(b *testing.B) { benchmarkLoad(b, benchKeys) })
	b.Run("100k", func(b *testing.B) { benchmarkLoad(b, benchKeys/10) })
}

func benchmarkLoad(b *testing.B, keys int) {
	store := memfs.New()
	open := func() (e *Engine, done func()) {
		fs, err := store.Open()
		if err != nil {
			b.Fatal(err)
		}
		e, err = Open(context.Background(), Options{FS: fs, Now: start, Seed: 1,
			Config: map[string]string{"appendfsync": "no", "auto-aof-rewrite-percentage": "0"}})
		if err != nil {
			b.Fatal(err)
		}
		return e, func() { _, _ = e.Close(context.Background()), fs.Close() } // memory: nothing to lose
	}
	e, done := open()
	s := e.NewSession(SessionOptions{})
	var batch []byte
	for i := 0; i < keys; i += benchBatch {
		batch = batch[:0]
		for k := range benchBatch {
			batch = set(batch, i+k)
		}
		e.Turn(start)
		s.Feed(batch)
		e.EndTurn()
		s.Take(len(s.Output()))
	}
	done()
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += keys {
		_, done := open()
		b.StopTimer()
		done()
		b.StartTimer()
	}
}
