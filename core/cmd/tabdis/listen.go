//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
)

const (
	tooManyClients = "-ERR max number of clients reached\r\n"
	// protectedDenied is Redis's text, which its clients and their documentation know.
	protectedDenied = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. " +
		"In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt " +
		"one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface " +
		"by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. " +
		"Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, " +
		"and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it " +
		"with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above things " +
		"in order for the server to start accepting connections from the outside.\r\n"
)

const maxAddresses = 16

// checkBind: each word is an address, a name or a star; a dash before it lets it be missing.
func checkBind(v string) string {
	if len(strings.Fields(v)) > maxAddresses {
		return "Too many bind addresses specified."
	}
	return ""
}

func (p *program) setBind(v string) error {
	p.bind = strings.Fields(v)
	return nil
}

// listen is what a new value of port or bind does: listeners take the place of the old ones, or those stay.
func (p *program) listen(name string) func() error {
	return func() error {
		if p.loop == nil {
			return nil
		}
		fresh, err := p.openTCP()
		if err != nil {
			p.engine.Log(aof.Warning, "CONFIG SET "+name+": "+err.Error())
			if name == "port" {
				return errors.New("Unable to listen on this port. Check server logs.")
			}
			return errors.New("Failed to bind to specified addresses.")
		}
		p.loop.listenTCP(fresh)
		return nil
	}
}

// openTCP listens on all addresses; those that are in use by this program already are kept.
func (p *program) openTCP() (all []net.Listener, err error) {
	if p.port == 0 {
		return nil, nil
	}
	return p.openAddresses(p.port)
}

// openAddresses listens on each address of bind, on the same port; 0 takes a free one.
func (p *program) openAddresses(port int64) (all []net.Listener, err error) {
	opened := map[net.Listener]bool{}
	for _, name := range p.bind {
		address, optional := strings.CutPrefix(name, "-")
		network, host := "tcp", address
		switch address {
		case "*":
			network, host = "tcp4", "0.0.0.0"
		case "::*":
			network, host = "tcp6", "::"
		}
		at := net.JoinHostPort(host, strconv.FormatInt(port, 10))
		l := p.loop.listening(name, port)
		if l == nil {
			l, err = p.openAddress(name, network, at)
		}
		switch {
		case err == nil:
			opened[l] = true
			all = append(all, l)
			port = int64(l.Addr().(*net.TCPAddr).Port)
		case optional && missing(err):
			p.log.line(aof.Notice, "Not listening on "+at+": "+err.Error())
			err = nil
		default:
			for l := range opened {
				if p.loop.listening(l.(*listener).name, l.(*listener).port) != l {
					l.Close()
				}
			}
			return nil, err
		}
	}
	return all, nil
}

// listener knows by which word of bind it was asked for.
type listener struct {
	net.Listener
	name string
	port int64
}

func (p *program) openAddress(name, network, at string) (net.Listener, error) {
	config := net.ListenConfig{KeepAlive: -1} // each connection gets tcp-keepalive's
	l, err := config.Listen(context.Background(), network, at)
	if err != nil {
		return nil, err
	}
	if raw, err := l.(*net.TCPListener).SyscallConn(); err == nil {
		var failed error
		if err := errors.Join(raw.Control(func(fd uintptr) { failed = setBacklog(fd, int(p.backlog)) }), failed); err != nil {
			p.log.line(aof.Warning, "tcp-backlog is not in force: "+err.Error())
		}
	}
	return &listener{l, name, int64(l.Addr().(*net.TCPAddr).Port)}, nil
}

// missing tells whether an address is not there on this machine, as against one that is in use or forbidden.
func missing(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}

// openUnix listens on the socket's path. What a server that was killed left there is removed.
func (p *program) openUnix() (net.Listener, error) {
	if p.unixSocket == "" {
		return nil, nil
	}
	if info, err := os.Lstat(p.unixSocket); err == nil && info.Mode()&os.ModeSocket != 0 {
		if c, err := net.Dial("unix", p.unixSocket); err == nil {
			c.Close()
			return nil, fmt.Errorf("unixsocket %s: another server listens there", p.unixSocket)
		}
		if err := os.Remove(p.unixSocket); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", p.unixSocket)
	if err == nil && p.unixPerm != 0 {
		if err = os.Chmod(p.unixSocket, os.FileMode(p.unixPerm)); err != nil {
			l.Close()
		}
	}
	return l, err
}

// open opens all listeners at the start. Port 0 is none where there is a Unix socket, and else a free one.
func (p *program) open() (all []net.Listener, err error) {
	unix, err := p.openUnix()
	if err != nil {
		return nil, err
	}
	if p.port != 0 || unix == nil {
		if all, err = p.openAddresses(p.port); err != nil {
			if unix != nil {
				unix.Close()
			}
			return nil, err
		}
	}
	if len(all) > 0 {
		if free := p.port == 0; free {
			p.freePort = all[0].(*listener).port
		}
		p.port = all[0].(*listener).port
	}
	if unix != nil {
		all = append(all, unix)
	}
	if len(all) == 0 {
		return nil, errors.New("Configured to not listen anywhere, exiting.")
	}
	return all, nil
}

// listening finds the listener that serves a word of bind already.
func (l *loop) listening(name string, port int64) net.Listener {
	if l != nil && port != 0 {
		for _, have := range l.listeners {
			if tcp, ok := have.(*listener); ok && tcp.name == name && tcp.port == port {
				return have
			}
		}
	}
	return nil
}

// listenTCP puts TCP listeners in the place of those there are.
func (l *loop) listenTCP(fresh []net.Listener) {
	keep := map[net.Listener]bool{}
	for _, f := range fresh {
		keep[f] = true
	}
	before := l.listeners
	l.listeners = fresh
	for _, old := range before {
		if _, tcp := old.(*listener); !tcp {
			l.listeners = append(l.listeners, old)
		} else if !keep[old] {
			old.Close()
		}
		delete(keep, old)
	}
	for f := range keep {
		go l.accept(f)
	}
}

func (l *loop) closeListeners() {
	for _, x := range l.listeners {
		x.Close()
	}
}

// welcome takes in the connections that were accepted, in the owner's turn: who may not stay is told why.
func (l *loop) welcome(e *core.Engine) {
	for {
		select {
		case c := <-l.fresh:
			l.admit(e, c)
		default:
			return
		}
	}
}

func (l *loop) admit(e *core.Engine, c *conn) {
	switch {
	case int64(len(l.conns)) >= l.p.maxClients:
		l.turnAway(c, tooManyClients)
		return
	case l.p.protected && e.ACL().OpenDefault() && !fromHere(c.RemoteAddr()):
		l.turnAway(c, protectedDenied)
		return
	}
	o := core.SessionOptions{Addr: c.RemoteAddr().String(), LocalAddr: c.LocalAddr().String(), FD: descriptor(c.Conn),
		Queued: func() int { return int(c.queued.Load()) }}
	if c.LocalAddr().Network() == "unix" {
		o.Unix, o.Addr, o.LocalAddr = true, l.p.unixSocket+":0", l.p.unixSocket+":0"
	}
	if tcp, ok := c.Conn.(*net.TCPConn); ok && l.p.keepAlive > 0 {
		period := time.Duration(l.p.keepAlive) * time.Second
		// A connection that was closed meanwhile takes none, and its reader will tell.
		_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: period, Interval: max(period/3, time.Second), Count: 3})
	}
	c.session = e.NewSession(o)
	c.session.Tag = c
	c.session.SetOutputLimit(l.p.brim())
	l.conns[c] = true
	e.Log(aof.Verbose, "Accepted "+o.Addr)
	l.start(c)
}

// notAccepted tells the operator, once a second.
func (l *loop) notAccepted(err error) {
	now := time.Now().Unix()
	if before := l.complained.Swap(now); before != now {
		l.p.log.line(aof.Warning, "A connection could not be accepted: "+err.Error())
	}
}

// turnAway tells why and closes. A socket that was just accepted has room for the text.
func (l *loop) turnAway(c *conn, why string) {
	l.stats.rejected++
	_ = c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond)) // who cannot be told is closed all the same
	_, _ = c.Conn.Write([]byte(why))
	c.Conn.Close()
}

// fromHere tells whether an address is one that protected mode lets in.
func fromHere(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}

// descriptor is the number of the connection's file.
func descriptor(c net.Conn) (n int) {
	if s, ok := c.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { n = int(fd) }) // it may be closed; then it has none
		}
	}
	return n
}
