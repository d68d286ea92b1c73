//go:build !js

// Command native measures the engine natively, beside a real redis-server in the same run, and prints the rows of the benchmark table
// that need no browser. Medians of several rounds; the ratio is what counts, the machines are noisy.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"tabdis/core"
	"tabdis/core/storage/osfs"
)

var (
	keys   = flag.Int("n", 1_000_000, "keys of 10 bytes with values of 32 bytes")
	rounds = flag.Int("rounds", 5, "rounds of each side; the median is printed")
)

// sections are the parts of the table, in order; ROWS names those that are wanted, else all are.
var sections = []struct {
	name    string
	measure func() error
}{{"memory", memory}, {"load", load}, {"pauses", pauses}, {"throughput", throughput}, {"checksum", checksum}, {"rewrite", rewrite}}

func main() {
	flag.Parse()
	if err := run(strings.FieldsFunc(os.Getenv("ROWS"), func(r rune) bool { return r == ',' })); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(wanted []string) error {
	if *memoryRow != "" {
		return memoryHere(*memoryRow)
	}
	for _, s := range sections {
		if len(wanted) > 0 && !slices.Contains(wanted, s.name) {
			continue
		}
		if err := s.measure(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Println()
	}
	return nil
}

// load prints how long opening a log of the keys takes.
func load() error {
	fmt.Printf("%d keys of 10 + 32 bytes, medians of %d rounds\n\n", *keys, *rounds)
	row("load", "tabdis", "redis-server", "ratio", "reach")
	dir, err := os.MkdirTemp("", "tabdis-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := fillLog(dir); err != nil {
		return err
	}
	var ours, theirs []float64
	for range *rounds { // side by side, in turn
		o, err := loadOurs(dir)
		if err != nil {
			return err
		}
		t, err := loadRedis(dir)
		if err != nil {
			return err
		}
		ours, theirs = append(ours, o), append(theirs, t)
	}
	o, t := median(ours), median(theirs)
	row("a log of them", fmt.Sprintf("%.3f s", o), fmt.Sprintf("%.3f s", t), fmt.Sprintf("%.2f", o/t), "≤ 0.70 ×")
	return nil
}

func row(what, ours, theirs, ratio, reach string) {
	fmt.Printf("%-46s %14s %14s %8s   %s\n", what, ours, theirs, ratio, reach)
}

func mb(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// fill sets the keys through a session, in batches, calling each before every batch.
func fill(e *core.Engine, each func()) {
	s := e.NewSession(core.SessionOptions{})
	value := strings.Repeat("v", 32)
	var batch []byte
	for i := 0; i < *keys; {
		batch = batch[:0]
		for n := 0; n < 1000 && i < *keys; n++ {
			batch = fmt.Appendf(batch, "*3\r\n$3\r\nSET\r\n$10\r\nkey%07d\r\n$32\r\n%s\r\n", i, value)
			i++
		}
		each()
		turn(e, s, batch)
	}
	s.Close()
}

func turn(e *core.Engine, s *core.Session, batch []byte) {
	e.Turn(time.Now().UnixMilli())
	s.Feed(batch)
	e.EndTurn()
	s.Take(len(s.Output()))
}

// heapInUse is what live objects take of Go's heap.
func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func openDir(dir string) (*core.Engine, func() error, error) {
	fs, err := osfs.Open(filepath.Join(dir, "appendonlydir"))
	if err != nil {
		return nil, nil, err
	}
	e, err := core.Open(context.Background(), core.Options{FS: fs, Now: time.Now().UnixMilli(),
		Config: map[string]string{"appendfsync": "no", "auto-aof-rewrite-percentage": "0"}})
	if err != nil {
		return nil, nil, err
	}
	return e, func() error {
		if err := e.Close(context.Background()); err != nil {
			return err
		}
		return fs.Close()
	}, nil
}

func fillLog(dir string) error {
	e, done, err := openDir(dir)
	if err != nil {
		return err
	}
	fill(e, func() {})
	return done()
}

func loadOurs(dir string) (seconds float64, err error) {
	runtime.GC()
	from := time.Now()
	e, done, err := openDir(dir)
	if err != nil {
		return 0, err
	}
	seconds = time.Since(from).Seconds()
	if n := e.Keyspace().DB(0).Len(); n != *keys {
		return 0, fmt.Errorf("loaded %d keys of %d", n, *keys)
	}
	return seconds, done()
}

// loadRedis starts a real redis-server on a copy of the directory and takes the time from its own log.
func loadRedis(dir string) (float64, error) {
	copied, err := os.MkdirTemp("", "tabdis-bench-redis-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(copied)
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		return 0, err
	}
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", filepath.Join(copied, "sock"), "--dir", copied, "--save", "", "--appendonly", "yes")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("redis-server is needed (apt-get install redis-server): %w", err)
	}
	defer func() {
		_ = cmd.Process.Kill() // it has told what was asked of it
		_ = cmd.Wait()
	}()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, rest, ok := strings.Cut(lines.Text(), "DB loaded from append only file: "); ok {
			return strconv.ParseFloat(strings.Fields(rest)[0], 64)
		}
	}
	return 0, fmt.Errorf("redis-server did not load the log")
}
