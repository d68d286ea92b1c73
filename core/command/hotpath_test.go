package command_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"tabdis/core/resp"
)

// batch is n requests made by request, in RESP.
func batch(n int, request func(i int) string) []byte {
	var b []byte
	for i := range n {
		words, _ := resp.SplitWords([]byte(request(i)))
		b = fmt.Appendf(b, "*%d\r\n", len(words))
		for _, w := range words {
			b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(w), w)
		}
	}
	return b
}

func (x *engine) run(b []byte) []byte {
	x.e.Turn(1_700_000_000_000)
	x.s.Feed(b)
	x.e.EndTurn()
	out := x.s.Output()
	x.s.Take(len(out))
	return out
}

var hotPath = []struct {
	name    string
	request func(i int) string
}{
	{"SET", func(i int) string { return fmt.Sprintf("SET key:%06d 0123456789abcdef0123456789abcdef", i%1000) }},
	{"GET", func(i int) string { return fmt.Sprintf("GET key:%06d", i%1000) }},
	{"INCR", func(i int) string { return fmt.Sprintf("INCR n:%06d", i%1000) }},
	{"SETEX", func(i int) string { return fmt.Sprintf("SETEX v:%06d 100 abcdef", i%1000) }},
	{"HGET", func(i int) string { return "HGET hash field" }},
}

func TestHotCommandsDoNotAllocate(t *testing.T) {
	for _, c := range hotPath {
		x := newEngine(t)
		x.do("HSET hash field value")
		b := batch(1000, c.request)
		out := x.run(b)
		assert.NotContains(t, string(out), "-ERR")
		perBatch := testing.AllocsPerRun(20, func() { x.run(b) })
		assert.Less(t, perBatch, 10.0, "allocations in 1000 %s", c.name) // the batch itself may cost some
	}
}

func BenchmarkCommands(b *testing.B) {
	for _, c := range hotPath {
		b.Run(c.name, func(b *testing.B) {
			x := newEngine(b)
			x.do("HSET hash field value")
			requests := batch(1000, c.request)
			b.ReportAllocs()
			for b.Loop() {
				x.run(requests)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/command")
		})
	}
}
