//go:build !js

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The load of the rewrite row: clients that write and read the keys, and four collections of so many members.
const (
	rewriteClients = 32
	rewriteMembers = 200_000
	rewritePhase   = 3 * time.Second // with and without rewrites, each round
	rewritePoll    = 20 * time.Millisecond
	rewriteSettle  = 200 * time.Millisecond
)

// rewriteSide is a server under test.
type rewriteSide struct {
	name string
	addr string
	pid  int
	stop func()
	data int64 // bytes that it grew by

	calm, busy []phase
	took       []float64 // seconds of each rewrite
}

// phase is what the clients saw.
type phase struct {
	perSecond     float64
	p50, p99, max float64 // ms of a batch
	peak          int64   // bytes resident at most
}

// rewrite prints what clients see while the log is rewritten over and over, and without that, of both servers and both forms of a base.
func rewrite() error {
	bin, err := os.MkdirTemp("", "tabdis-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	program := filepath.Join(bin, "tabdis")
	if out, err := exec.Command("go", "build", "-o", program, "tabdis/core/cmd/tabdis").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	var sides []*rewriteSide
	for _, form := range []string{"no", "yes"} {
		name := map[string]string{"no": "tabdis, commands", "yes": "tabdis, RDB"}[form]
		s, err := startSide(name, program, "serve", "--port", "0", "--appendonly", "yes", "--aof-use-rdb-preamble", form, "--auto-aof-rewrite-percentage", "0")
		if err != nil {
			return err
		}
		defer s.stop()
		sides = append(sides, s)
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	s, err := startSide("redis-server, RDB", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--auto-aof-rewrite-percentage", "0")
	if err != nil {
		return err
	}
	defer s.stop()
	s.addr = "127.0.0.1:" + port
	sides = append(sides, s)
	for _, s := range sides {
		if err := s.fill(); err != nil {
			return err
		}
	}
	for _, depth := range []int{1, 16} {
		if err := rewriteUnder(sides, depth); err != nil {
			return err
		}
	}
	return nil
}

func startSide(name, program string, args ...string) (*rewriteSide, error) {
	s := &rewriteSide{name: name}
	rest, stop, pid, err := startServerPID("Ready to accept connections", program, args...)
	if err != nil {
		return nil, err
	}
	s.addr, s.stop, s.pid = strings.TrimPrefix(rest, "tcp "), stop, pid
	return s, nil
}

// rewriteUnder measures all sides in turn, in each round without and with rewrites.
func rewriteUnder(sides []*rewriteSide, depth int) error {
	fmt.Printf("BGREWRITEAOF over and over under %d clients with a pipeline of %d (SET, GET; HSET, ZADD, LSET, SADD to collections of %d), %d keys;\nmedians of %d rounds of %v each; memory not in use is given back before each\n\n",
		rewriteClients, depth, rewriteMembers, *keys, *rounds, rewritePhase)
	for _, s := range sides {
		s.calm, s.busy, s.took = nil, nil, nil
	}
	for range *rounds {
		for _, s := range sides {
			for _, busy := range []bool{false, true} {
				if err := s.phase(depth, busy); err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
			}
		}
	}
	fmt.Printf("%-20s %22s %26s %26s %26s %10s %s\n", "", "throughput, ratio", "p50 ms, ratio", "p99 ms, ratio (≤ 2 ×)", "max ms, ratio", "rewrite", "memory on top (≤ 10 % of the data)")
	for _, s := range sides {
		s.print()
	}
	fmt.Println()
	return nil
}

func (s *rewriteSide) print() {
	of := func(get func(p phase) float64) (a, b float64) {
		var calm, busy []float64
		for i := range s.calm {
			calm, busy = append(calm, get(s.calm[i])), append(busy, get(s.busy[i]))
		}
		return median(calm), median(busy)
	}
	cell := func(get func(p phase) float64) string {
		a, b := of(get)
		return fmt.Sprintf("%.2f → %.2f  %.2f ×", a, b, b/a)
	}
	rateBefore, rate := of(func(p phase) float64 { return p.perSecond })
	before, peak := of(func(p phase) float64 { return float64(p.peak) })
	fmt.Printf("%-20s %22s %26s %26s %26s %8.2f s %s, %.1f %% of %s\n", s.name,
		fmt.Sprintf("%.0f → %.0f k/s  %.2f", rateBefore/1000, rate/1000, rate/rateBefore),
		cell(func(p phase) float64 { return p.p50 }), cell(func(p phase) float64 { return p.p99 }), cell(func(p phase) float64 { return p.max }),
		median(s.took), mb(int64(peak-before)), 100*(peak-before)/float64(s.data), mb(s.data))
}

// settle lets the server give back the memory that it does not use, so that what comes next begins from the data alone.
func (s *rewriteSide) settle() error {
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := ask(c, bufio.NewReader(c), "MEMORY PURGE"); err != nil {
		return err
	}
	for last := int64(-1); ; { // it does so behind its reply
		time.Sleep(rewriteSettle)
		now, err := status(s.pid, "VmRSS")
		if err != nil || now == last {
			return err
		}
		last = now
	}
}

// phase lets the clients work for a time, and with busy rewrites meanwhile.
func (s *rewriteSide) phase(depth int, busy bool) error {
	if err := s.settle(); err != nil {
		return err
	}
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.pid), []byte("5"), 0); err != nil { // the peak begins anew
		return err
	}
	var stop atomic.Bool
	var wg sync.WaitGroup
	all := make([][]float64, rewriteClients)
	errs := make([]error, rewriteClients)
	for i := range rewriteClients {
		wg.Go(func() { all[i], errs[i] = batches(s.addr, depth, &stop) })
	}
	from := time.Now()
	err := s.wait(from.Add(rewritePhase), busy)
	spent := time.Since(from).Seconds()
	stop.Store(true)
	wg.Wait()
	for _, e := range append(errs, err) {
		if e != nil {
			return e
		}
	}
	took := slices.Concat(all...)
	slices.Sort(took)
	p := phase{perSecond: float64(len(took)*depth) / spent, p50: took[len(took)/2], p99: took[len(took)*99/100], max: took[len(took)-1]}
	if p.peak, err = status(s.pid, "VmHWM"); err != nil {
		return err
	}
	if busy {
		s.busy = append(s.busy, p)
	} else {
		s.calm = append(s.calm, p)
	}
	return nil
}

// wait waits until then, and with busy for the end of the rewrites that it starts one behind the other.
func (s *rewriteSide) wait(until time.Time, busy bool) error {
	if !busy {
		time.Sleep(time.Until(until))
		return nil
	}
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for time.Now().Before(until) {
		from := time.Now()
		if _, err := ask(c, r, "BGREWRITEAOF"); err != nil {
			return err
		}
		for {
			info, err := ask(c, r, "INFO persistence")
			if err != nil {
				return err
			}
			if strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0") {
				break
			}
			if time.Since(from) > 5*time.Minute {
				return fmt.Errorf("a rewrite does not end")
			}
			time.Sleep(rewritePoll)
		}
		s.took = append(s.took, time.Since(from).Seconds())
	}
	return nil
}

func ask(c net.Conn, r *bufio.Reader, line string) (string, error) {
	if _, err := c.Write([]byte(line + "\r\n")); err != nil {
		return "", err
	}
	return reply(r)
}

// reply reads a status, an integer or a bulk string.
func reply(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	switch line[0] {
	case '+', ':':
		return string(line), nil
	case '$':
		n, err := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
		if err != nil || n < 0 {
			return "", err
		}
		b := make([]byte, n+2)
		for at := 0; at < len(b); {
			k, err := r.Read(b[at:])
			if err != nil {
				return "", err
			}
			at += k
		}
		return string(b[:n]), nil
	}
	return "", fmt.Errorf("%s", bytes.TrimSpace(line))
}

// batches sends batches of commands until stop, and gives how many ms each took.
func batches(addr string, depth int, stop *atomic.Bool) (took []float64, err error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	r, b := bufio.NewReaderSize(c, 64<<10), []byte(nil)
	value := strings.Repeat("w", 32)
	for !stop.Load() {
		b = b[:0]
		for range depth {
			key, member := rand.IntN(*keys), rand.IntN(rewriteMembers)
			switch rand.IntN(10) {
			case 0:
				b = fmt.Appendf(b, "*4\r\n$4\r\nHSET\r\n$1\r\nH\r\n$7\r\n%07d\r\n$5\r\nvalue\r\n", member)
			case 1:
				b = fmt.Appendf(b, "*4\r\n$4\r\nZADD\r\n$1\r\nZ\r\n$3\r\n%03d\r\n$7\r\n%07d\r\n", 100+rand.IntN(900), member)
			case 2:
				b = fmt.Appendf(b, "*4\r\n$4\r\nLSET\r\n$1\r\nL\r\n$4\r\n%04d\r\n$5\r\nvalue\r\n", 1000+member%1000)
			case 3:
				b = fmt.Appendf(b, "*3\r\n$4\r\nSADD\r\n$1\r\nT\r\n$7\r\n%07d\r\n", member)
			case 4, 5, 6:
				b = fmt.Appendf(b, "*3\r\n$3\r\nSET\r\n$10\r\nkey%07d\r\n$32\r\n%s\r\n", key, value)
			default:
				b = fmt.Appendf(b, "*2\r\n$3\r\nGET\r\n$10\r\nkey%07d\r\n", key)
			}
		}
		from := time.Now()
		if _, err := c.Write(b); err != nil {
			return nil, err
		}
		for range depth {
			if _, err := reply(r); err != nil {
				return nil, err
			}
		}
		took = append(took, float64(time.Since(from).Microseconds())/1000)
	}
	return took, nil
}

// fill writes the keys and the collections, and notes by how much the server grew.
func (s *rewriteSide) fill() error {
	before, err := status(s.pid, "VmRSS")
	if err != nil {
		return err
	}
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	r, b, n := bufio.NewReader(c), []byte(nil), 0
	send := func() error {
		if _, err := c.Write(b); err != nil {
			return err
		}
		for ; n > 0; n-- {
			if _, err := reply(r); err != nil {
				return err
			}
		}
		b = b[:0]
		return nil
	}
	value := strings.Repeat("v", 32)
	for i := range max(*keys, rewriteMembers) {
		if i < *keys {
			b, n = fmt.Appendf(b, "*3\r\n$3\r\nSET\r\n$10\r\nkey%07d\r\n$32\r\n%s\r\n", i, value), n+1
		}
		if i < rewriteMembers {
			b = fmt.Appendf(b, "HSET H %07d value\r\nZADD Z %d %07d\r\nRPUSH L element%07d\r\nSADD T %07d\r\n", i, i, i, i, i)
			n += 4
		}
		if n >= 1000 {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := send(); err != nil {
		return err
	}
	if err := s.settle(); err != nil {
		return err
	}
	after, err := status(s.pid, "VmRSS")
	s.data = after - before
	return err
}

// status is a size of a process, in bytes.
func status(pid int, field string) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(b), field+":")
	words := strings.Fields(rest)
	if !ok || len(words) == 0 {
		return 0, fmt.Errorf("no %s of process %d", field, pid)
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	return n << 10, err
}
