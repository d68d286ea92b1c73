//go:build !js

package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"tabdis/core"
)

var memoryRow = flag.String("memory", "", "print what this data set takes, as a process of its own does for each row")

// A dataset is a keyspace to be measured: commands that make it, and one that counts what was made.
type dataset struct {
	name   string
	aim    float64 // of Redis's memory
	n      int     // commands
	add    func(b []byte, i int) []byte
	count  []string
	expect int // what count answers
}

const (
	members = 1_000_000
	smalls  = 100_000 // small collections …
	each    = 10      // … of so many elements
)

// shuffled is a permutation of 0 … n-1, for an n that is no multiple of the prime.
func shuffled(i, n int) int { return int(uint64(i) * 2_654_435_761 % uint64(n)) }

func command(b []byte, words ...string) []byte {
	b = fmt.Appendf(b, "*%d\r\n", len(words))
	for _, w := range words {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(w), w)
	}
	return b
}

// value is 32 bytes that look like no other.
func value(i int) string {
	return fmt.Sprintf("%016x%016x", uint64(i)*0x9e3779b97f4a7c15, uint64(i)*0xbf58476d1ce4e5b9)
}

func number(i int) string { return strconv.Itoa(i) }

func named(prefix string, i int) string { return fmt.Sprintf("%s%07d", prefix, i) }

// reading is a stream's entry: three fields, as a sensor would tell them.
func reading(b []byte, key string, at, i int) []byte {
	return command(b, "XADD", key, fmt.Sprintf("%d-0", 1_700_000_000_000+at*7), "sensor", named("s", i%1000), "celsius", fmt.Sprintf("%d.%d", i%40, i%10), "humidity", number(i%100))
}

func datasets() []dataset {
	one := func(add func(b []byte, k int) []byte) func([]byte, int) []byte {
		return func(b []byte, i int) []byte { return add(b, shuffled(i, members)) }
	}
	// Element by element, over all keys: so they grow as they do in use.
	many := func(add func(b []byte, key string, element, i int) []byte) func([]byte, int) []byte {
		return func(b []byte, i int) []byte {
			return add(b, named("key", shuffled(i%smalls, smalls)), i/smalls, i)
		}
	}
	size := []string{"DBSIZE"}
	return []dataset{
		{"1 M strings of 10 + 32 bytes", 0.8, members, one(func(b []byte, k int) []byte { return command(b, "SET", named("key", k), value(k)) }), size, members},
		{"set of 1 M strings", 0.8, members, one(func(b []byte, k int) []byte { return command(b, "SADD", "key", named("member:", k)) }), []string{"SCARD", "key"}, members},
		{"set of 1 M integers", 0.8, members, one(func(b []byte, k int) []byte { return command(b, "SADD", "key", number(k)) }), []string{"SCARD", "key"}, members},
		{"hash of 1 M fields, 10 + 32 bytes", 0.8, members, one(func(b []byte, k int) []byte { return command(b, "HSET", "key", named("fld", k), value(k)) }), []string{"HLEN", "key"}, members},
		{"sorted set of 1 M members", 0.8, members, one(func(b []byte, k int) []byte { return command(b, "ZADD", "key", number(k*3), named("member:", k)) }), []string{"ZCARD", "key"}, members},
		{"list of 1 M elements of 32 bytes", 1.05, members, one(func(b []byte, k int) []byte { return command(b, "RPUSH", "key", value(k)) }), []string{"LLEN", "key"}, members},
		{"stream of 1 M entries of 3 fields", 1.05, members, func(b []byte, i int) []byte { return reading(b, "key", i, shuffled(i, members)) }, []string{"XLEN", "key"}, members},
		{"2,000 intsets of 500", 1.05, members, one(func(b []byte, k int) []byte { return command(b, "SADD", named("key", k%2000), number(k)) }), size, 2000},
		{"100 k hashes of 10 fields", 1.05, smalls * each, many(func(b []byte, key string, e, i int) []byte {
			return command(b, "HSET", key, "field"+number(e), value(i)[:10])
		}), size, smalls},
		{"100 k sets of 10 integers", 1.05, smalls * each, many(func(b []byte, key string, _, i int) []byte { return command(b, "SADD", key, number(i)) }), size, smalls},
		{"100 k sets of 10 strings (7.0: hash tables)", 1.05, smalls * each, many(func(b []byte, key string, _, i int) []byte { return command(b, "SADD", key, named("m", i)) }), size, smalls},
		{"100 k sorted sets of 10 members", 1.05, smalls * each, many(func(b []byte, key string, _, i int) []byte {
			return command(b, "ZADD", key, number(i%1000), named("m", i))
		}), size, smalls},
		{"100 k lists of 10 elements", 1.05, smalls * each, many(func(b []byte, key string, _, i int) []byte { return command(b, "RPUSH", key, value(i)[:16]) }), size, smalls},
		{"100 k streams of 10 entries", 1.05, smalls * each, many(func(b []byte, key string, e, i int) []byte { return reading(b, key, e, i) }), size, smalls},
	}
}

// footprint is what a dataset takes, in bytes.
type footprint struct {
	used      int64 // as the allocator counts what was asked of it: without gaps between
	accounted int64 // ours: what the keyspace tells maxmemory
	resident  int64 // of the process, with all gaps
}

// memory prints what each dataset takes: the growth of Go's heap, live objects only, beside that of Redis's used_memory, which counts the same
// of its allocator; and the growth of resident memory, in which the gaps of either allocator show. Each is measured in processes of its own.
func memory() error {
	fmt.Printf("%-46s %14s %14s %8s   %-9s %12s %12s %12s\n", "memory", "tabdis", "redis-server", "ratio", "reach", "accounted", "RSS", "Redis's RSS")
	for i, d := range datasets() {
		o, err := memoryApart(i)
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		t, err := memoryOfRedis(&d)
		if err != nil {
			return fmt.Errorf("%s: redis-server: %w", d.name, err)
		}
		row(d.name, mb(o.used), mb(t.used), fmt.Sprintf("%.2f", float64(o.used)/float64(t.used)),
			fmt.Sprintf("%-9s %12s %12s %12s", fmt.Sprintf("≤ %.2f ×", d.aim), fmt.Sprintf("%+.1f %%", 100*float64(o.accounted-o.used)/float64(o.used)), mb(o.resident), mb(t.resident)))
	}
	return nil
}

// memoryApart measures our side of dataset i in a process of its own.
func memoryApart(i int) (f footprint, err error) {
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	cmd := exec.Command(self, "-memory", strconv.Itoa(i))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return f, err
	}
	_, err = fmt.Sscan(string(out), &f.used, &f.resident, &f.accounted)
	return f, err
}

// memoryHere fills an engine with a dataset and prints what that takes.
func memoryHere(row string) error {
	i, err := strconv.Atoi(row)
	if err != nil {
		return err
	}
	d := datasets()[i]
	e, err := core.Open(context.Background(), core.Options{Now: time.Now().UnixMilli()})
	if err != nil {
		return err
	}
	s := e.NewSession(core.SessionOptions{})
	batch := make([]byte, 0, 1<<20)
	heap, held := heapInUse(), resident()
	for i := 0; i < d.n; {
		batch = batch[:0]
		for end := min(i+1000, d.n); i < end; i++ {
			batch = d.add(batch, i)
		}
		turn(e, s, batch)
	}
	e.Turn(time.Now().UnixMilli())
	s.Feed(command(nil, d.count...))
	e.EndTurn()
	if got := string(s.Output()); got != fmt.Sprintf(":%d\r\n", d.expect) {
		return fmt.Errorf("%s: %q elements, not %d", d.name, got, d.expect)
	}
	s.Close()
	for range 10 { // a second of ticks; the other side has its cron
		e.Tick(time.Now().UnixMilli())
	}
	used := heapInUse() - heap
	fmt.Println(used, resident()-held, e.Keyspace().Memory())
	runtime.KeepAlive(e)
	runtime.KeepAlive(batch)
	return nil
}

// resident is this process's resident memory, without what only waits to be given back.
func resident() int64 {
	debug.FreeOSMemory()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	return n * int64(os.Getpagesize())
}

// memoryOfRedis measures the other side in a redis-server of its own.
func memoryOfRedis(d *dataset) (f footprint, err error) {
	port, stop, err := startRedis("--appendonly", "no")
	if err != nil {
		return f, err
	}
	defer stop()
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return f, err
	}
	defer conn.Close()
	r := redisConn{conn, bufio.NewReader(conn)}
	before, err := r.memory()
	if err != nil {
		return f, err
	}
	if err := r.fill(d); err != nil {
		return f, err
	}
	after, err := r.memory()
	return footprint{used: after.used - before.used, resident: after.resident - before.resident}, err
}

type redisConn struct {
	net.Conn
	in *bufio.Reader
}

// ask sends a command and gives the first line of its reply.
func (r *redisConn) ask(words ...string) (string, error) {
	if _, err := r.Write(command(nil, words...)); err != nil {
		return "", err
	}
	line, err := r.in.ReadString('\n')
	return strings.TrimSpace(line), err
}

func (r *redisConn) fill(d *dataset) error {
	w := bufio.NewWriterSize(r, 1<<16)
	_, _ = w.Write(command(nil, "CLIENT", "REPLY", "OFF")) // an error stays with w
	var b []byte
	for i := range d.n {
		b = d.add(b[:0], i)
		_, _ = w.Write(b)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if reply, err := r.ask("CLIENT", "REPLY", "ON"); err != nil || reply != "+OK" {
		return fmt.Errorf("%q, %w", reply, err)
	}
	if reply, err := r.ask(d.count...); err != nil || reply != fmt.Sprintf(":%d", d.expect) {
		return fmt.Errorf("%q elements, not %d, %w", reply, d.expect, err)
	}
	return nil
}

// memory reads INFO memory.
func (r *redisConn) memory() (f footprint, err error) {
	time.Sleep(300 * time.Millisecond) // its cron measures the RSS, and ends a table's growth
	head, err := r.ask("INFO", "memory")
	if err != nil {
		return f, err
	}
	n, err := strconv.Atoi(strings.TrimPrefix(head, "$"))
	if err != nil {
		return f, err
	}
	text := make([]byte, n+2)
	if _, err := io.ReadFull(r.in, text); err != nil {
		return f, err
	}
	for line := range strings.Lines(string(text)) {
		name, n, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "used_memory":
			f.used, err = strconv.ParseInt(n, 10, 64)
		case "used_memory_rss":
			f.resident, err = strconv.ParseInt(n, 10, 64)
		}
		if err != nil {
			return f, err
		}
	}
	return f, nil
}
