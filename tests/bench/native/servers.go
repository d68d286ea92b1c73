//go:build !js

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// startRedis starts a redis-server without RDB files on a free port of the loopback address.
func startRedis(args ...string) (port string, stop func(), err error) {
	if port, err = freePort(); err != nil {
		return "", nil, err
	}
	_, stop, err = startServer("Ready to accept connections", "redis-server", append([]string{"--port", port, "--bind", "127.0.0.1", "--save", ""}, args...)...)
	if err != nil {
		err = fmt.Errorf("redis-server is needed (apt-get install redis-server): %w", err)
	}
	return port, stop, err
}

// startServer starts a server in a directory of its own and waits until it prints the line that says it is ready; it gives what follows there.
func startServer(ready, program string, args ...string) (rest string, stop func(), err error) {
	rest, stop, _, err = startServerPID(ready, program, args...)
	return rest, stop, err
}

// startServerPID also gives the process.
func startServerPID(ready, program string, args ...string) (rest string, stop func(), pid int, err error) {
	dir, err := os.MkdirTemp("", "tabdis-bench-")
	if err != nil {
		return "", nil, 0, err
	}
	cmd := exec.Command(program, append(args, "--dir", dir)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, 0, err
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // its end is what counts
		os.RemoveAll(dir)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), ready); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return strings.TrimSpace(rest), stop, cmd.Process.Pid, nil
		}
	}
	stop()
	return "", nil, 0, errors.New(program + " did not say that it is ready")
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
