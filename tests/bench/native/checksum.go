//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"tabdis/core"
)

// checksum prints what the checksum of the log's blocks costs: turns of the engine over real files with appendfsync everysec, and, in
// turn with them, the checksum alone of the blocks that they wrote. Without it a turn would take the difference.
func checksum() error {
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
	turn(e, s, []byte("CONFIG SET appendfsync everysec\r\n"))
	fmt.Printf("The checksum of the log, SETs of 10 + 32 bytes to %d keys; medians of %d rounds\n\n", *keys, *rounds)
	row("SETs a block", "a turn", "its checksum", "cost", "reach")
	for _, n := range []int{1, 16, 100, 1000} {
		whole, sum, err := checksumOf(e, s, dir, n)
		if err != nil {
			return err
		}
		row(fmt.Sprint(n), fmt.Sprintf("%.2f µs", whole), fmt.Sprintf("%.3f µs", sum), fmt.Sprintf("%.1f %%", 100*sum/(whole-sum)), "≤ 5 %")
	}
	return done()
}

// checksumOf gives the µs of a turn of n SETs, and of the checksum of its block.
func checksumOf(e *core.Engine, s *core.Session, dir string, n int) (whole, sum float64, err error) {
	value := strings.Repeat("v", 32)
	var batches [][]byte
	for i := 0; i < *keys; {
		var b []byte
		for range n {
			b = fmt.Appendf(b, "*3\r\n$3\r\nSET\r\n$10\r\nkey%07d\r\n$32\r\n%s\r\n", (i*7919)%*keys, value)
			i++
		}
		if batches = append(batches, b); len(batches)*n >= 100_000 {
			break
		}
	}
	log := filepath.Join(dir, "appendonlydir", "appendonly.aof.1.incr.aof")
	before, err := os.Stat(log)
	if err != nil {
		return 0, 0, err
	}
	var wholes, sums []float64
	for range *rounds {
		from := time.Now()
		for _, b := range batches {
			turn(e, s, b)
		}
		wholes = append(wholes, float64(time.Since(from).Nanoseconds())/1000/float64(len(batches)))
		after, err := os.Stat(log)
		if err != nil {
			return 0, 0, err
		}
		block := make([]byte, (after.Size()-before.Size())/int64(len(batches)))
		before = after
		head := min(len(block), 150)
		var sink uint64
		from = time.Now()
		for range batches {
			var d xxhash.Digest
			d.Reset()
			d.Write(block[:head])
			d.Write(block[head:])
			sink ^= d.Sum64()
		}
		sums = append(sums, float64(time.Since(from).Nanoseconds())/1000/float64(len(batches)))
		if sink == 1 { // it is used
			fmt.Print()
		}
	}
	return median(wholes), median(sums), nil
}
