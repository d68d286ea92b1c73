//go:build !js

package main

import (
	"encoding/csv"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Each test of redis-benchmark runs for some tens of thousands of requests, so that a round takes about a second.
var (
	throughputTests = []string{"set", "get", "incr", "lpush", "rpop", "sadd", "hset", "zadd", "mset", "lrange_100"}
	pipelines       = []struct {
		depth, requests int
		reach           float64 // of Redis's throughput
	}{{1, 40_000, 0.8}, {16, 320_000, 1}, {50, 500_000, 1}}
)

const tailReach = 1.5 // of Redis's p99

// A sample is one run of a test of redis-benchmark.
type sample struct{ perSecond, p99 float64 } // p99 in ms

// throughput prints what tabdis serve and redis-server answer to redis-benchmark's 50 clients over loopback, in turn, and the 99th percentile of
// the latency. One row stands for all the tests: the median of their ratios, with the worst by name.
func throughput() error {
	bin, err := os.MkdirTemp("", "tabdis-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	program := filepath.Join(bin, "tabdis")
	if out, err := exec.Command("go", "build", "-o", program, "tabdis/core/cmd/tabdis").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	fmt.Printf("redis-benchmark, 50 clients, %s; medians of %d rounds, then of the tests\n\n", strings.Join(throughputTests, ", "), *rounds)
	fmt.Printf("%-46s %14s %14s %8s   %-9s %-22s %s\n", "what", "tabdis", "redis-server", "ratio", "reach", "worst", "p99, ratio (reach 1.5 ×)")
	for _, policy := range []string{"everysec", "always"} {
		if err := throughputUnder(program, policy); err != nil {
			return err
		}
	}
	return nil
}

func throughputUnder(program, policy string) error {
	ours, stop, err := startServer("Ready to accept connections tcp ", program, "serve", "--port", "0", "--appendonly", "yes", "--appendfsync", policy)
	if err != nil {
		return err
	}
	defer stop()
	port, stop, err := startRedis("--appendonly", "yes", "--appendfsync", policy)
	if err != nil {
		return err
	}
	defer stop()
	_, ourPort, err := net.SplitHostPort(ours)
	if err != nil {
		return err
	}
	for _, p := range pipelines {
		var o, t, ratios, tails []float64
		worst, worstTest := 0.0, ""
		for _, test := range throughputTests {
			a, b, err := compare(test, p.depth, p.requests, ourPort, port)
			if err != nil {
				return err
			}
			ratio := a.perSecond / b.perSecond
			o, t = append(o, a.perSecond), append(t, b.perSecond)
			ratios, tails = append(ratios, ratio), append(tails, a.p99/b.p99)
			if worstTest == "" || ratio < worst {
				worst, worstTest = ratio, test
			}
		}
		fmt.Printf("%-46s %14s %14s %8.2f   %-9s %-22s %.2f\n", fmt.Sprintf("appendfsync %s, pipeline of %d", policy, p.depth), thousands(median(o)), thousands(median(t)),
			median(ratios), fmt.Sprintf("≥ %.1f ×", p.reach), fmt.Sprintf("%s %.2f", worstTest, worst), median(tails))
	}
	return nil
}

func thousands(perSecond float64) string { return fmt.Sprintf("%.0f k/s", perSecond/1000) }

// compare gives the medians of both sides, measured in turn.
func compare(test string, depth, requests int, ours, theirs string) (a, b sample, err error) {
	if strings.HasPrefix(test, "lrange") || test == "mset" {
		requests /= 4 // each does the work of many
	}
	var sides [2][]sample
	for range *rounds {
		for side, port := range []string{ours, theirs} {
			s, err := benchmark(port, test, depth, requests)
			if err != nil {
				return a, b, err
			}
			sides[side] = append(sides[side], s)
		}
	}
	mid := func(all []sample) sample {
		var rate, tail []float64
		for _, s := range all {
			rate, tail = append(rate, s.perSecond), append(tail, s.p99)
		}
		return sample{median(rate), median(tail)}
	}
	return mid(sides[0]), mid(sides[1]), nil
}

// benchmark runs one test of redis-benchmark.
func benchmark(port, test string, depth, requests int) (sample, error) {
	out, err := exec.Command("redis-benchmark", "-p", port, "-t", test, "-P", strconv.Itoa(depth), "-n", strconv.Itoa(requests), "-r", "100000", "--csv").Output()
	if err != nil {
		return sample{}, fmt.Errorf("redis-benchmark %s: %w", test, err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil || len(rows) < 2 || len(rows[0]) < 7 {
		return sample{}, fmt.Errorf("redis-benchmark %s: unexpected output %q", test, out)
	}
	last := rows[len(rows)-1] // behind what it prepared
	rate, err := strconv.ParseFloat(last[1], 64)
	if err != nil {
		return sample{}, err
	}
	p99, err := strconv.ParseFloat(last[6], 64)
	return sample{rate, p99}, err
}
