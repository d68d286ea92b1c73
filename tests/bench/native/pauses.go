//go:build !js

package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"tabdis/core"
)

// histogram counts durations by powers of two of a ms.
type histogram struct {
	name  string
	count [8]int // ≤ 0.125, 0.25, 0.5, 1, 2, 4, 8, more ms
	most  time.Duration
}

func (h *histogram) time(f func()) {
	from := time.Now()
	f()
	d := time.Since(from)
	h.most = max(h.most, d)
	i := 0
	for limit := 125 * time.Microsecond; i < len(h.count)-1 && d > limit; limit *= 2 {
		i++
	}
	h.count[i]++
}

func (h *histogram) print() {
	cells := make([]string, len(h.count))
	for i, n := range h.count {
		cells[i] = fmt.Sprintf("%8d", n)
	}
	fmt.Printf("%-34s %s %9.2f ms\n", h.name, strings.Join(cells, ""), float64(h.most.Microseconds())/1000)
}

// pauses prints how long single turns and ticks take while the table grows, 100 k keys expire and a rewrite runs; garbage collection
// falls into them as it comes.
func pauses() error {
	dir, err := os.MkdirTemp("", "tabdis-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, done, err := openDir(dir)
	if err != nil {
		return err
	}
	s := e.NewSession(core.SessionOptions{})
	grow := &histogram{name: "100 SETs, table growing to 1 M"}
	value := strings.Repeat("v", 32)
	var batch []byte
	for i := 0; i < *keys; {
		batch = batch[:0]
		for range 100 {
			batch = fmt.Appendf(batch, "*3\r\n$3\r\nSET\r\n$10\r\nkey%07d\r\n$32\r\n%s\r\n", i, value)
			i++
		}
		grow.time(func() { turn(e, s, batch) })
	}
	for i := range 100_000 {
		turn(e, s, fmt.Appendf(nil, "*5\r\n$3\r\nSET\r\n$10\r\nttl%07d\r\n$1\r\nv\r\n$2\r\nPX\r\n$3\r\n100\r\n", i))
	}
	expire := &histogram{name: "tick, 100 k keys due"}
	now := time.Now().UnixMilli() + 200
	for e.Keyspace().DB(0).Len() > *keys {
		expire.time(func() { e.Tick(now) })
		now++
	}
	during := []*histogram{grow, expire}
	for _, form := range []string{"no", "yes"} {
		during = append(during, rewritePauses(e, s, form, &now)...)
	}
	fmt.Printf("Pauses, single calls by duration (reach: ≤ 10 ms each)\n%-34s %8s%8s%8s%8s%8s%8s%8s%8s %12s\n", "", "≤0.125", "0.25", "0.5", "1", "2", "4", "8", ">8 ms", "longest")
	for _, h := range during {
		h.print()
	}
	return done()
}

// rewritePauses are those of a rewrite under batches of writes to as many segments as there are writes: each of them emits a record first.
func rewritePauses(e *core.Engine, s *core.Session, preamble string, now *int64) []*histogram {
	form := map[string]string{"no": "commands", "yes": "RDB"}[preamble]
	tick, write := &histogram{name: "tick of a rewrite, " + form}, &histogram{name: "1,000 SETs at random during it"}
	turn(e, s, []byte("CONFIG SET aof-use-rdb-preamble "+preamble+"\r\nBGREWRITEAOF\r\n"))
	value := strings.Repeat("w", 32)
	for i := 0; rewriting(e); {
		var batch []byte
		for range 1000 {
			batch = fmt.Appendf(batch, "*3\r\n$3\r\nSET\r\n$10\r\nkey%07d\r\n$32\r\n%s\r\n", i*7919%*keys, value)
			i++
		}
		tick.time(func() { e.Tick(*now) })
		write.time(func() { turn(e, s, batch) })
		*now++
	}
	return []*histogram{tick, write}
}

func rewriting(e *core.Engine) bool {
	return strings.Contains(string(e.Info(nil, []string{"persistence"})), "aof_rewrite_in_progress:1")
}
