package aof

import (
	"context"
	"testing"

	"tabdis/core/storage/memfs"
)

// nullFile takes everything and keeps nothing.
type nullFile struct{ size int64 }

func (f *nullFile) Append(p []byte) error                 { f.size += int64(len(p)); return nil }
func (f *nullFile) Sync(_ bool, done func(error))         { done(nil) }
func (f *nullFile) Size() int64                           { return f.size }
func (f *nullFile) ReadAt([]byte, int64) (int, error)     { return 0, nil }
func (f *nullFile) Truncate(context.Context, int64) error { return nil }
func (f *nullFile) Harden(context.Context, int64) error   { return nil }
func (f *nullFile) Close() error                          { return nil }

func BenchmarkFeedAndFlush(b *testing.B) {
	for _, bench := range []struct {
		name     string
		commands int
	}{{"1", 1}, {"1000", 1000}} {
		b.Run(bench.name, func(b *testing.B) {
			s := mustOpen(b, memfs.New(), config())
			s.log.chain[0].File = &nullFile{size: s.log.chain[0].size}
			args := words("SET key:123456 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
			b.ReportAllocs()
			for b.Loop() {
				for range bench.commands {
					s.log.Begin()
					s.log.Feed(0, args)
					s.log.End()
				}
				s.log.Flush()
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	disk := memfs.New()
	s := mustOpen(b, disk, config())
	args := words("SET key:123456 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
	for range 1000 {
		for range 100 {
			s.log.Begin()
			s.log.Feed(0, args)
			s.log.End()
		}
		s.log.Flush()
	}
	if err := s.close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(100000)
	for b.Loop() {
		fs, err := disk.Open()
		if err != nil {
			b.Fatal(err)
		}
		l := New(fs, nil, &s.cfg, s.host)
		n := 0
		if _, err := l.Load(context.Background(), replay(func([][]byte) error { n++; return nil }), nil); err != nil || n < 100000 {
			b.Fatal(n, err)
		}
		fs.Close()
	}
}
