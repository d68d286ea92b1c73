//go:build !js

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
)

// loadConf gives the program and the configuration that a text makes.
func loadConf(t testing.TB, text string) (*program, *configuration, error) {
	t.Helper()
	p := newProgram()
	c := &configuration{p: p, values: map[string]string{}}
	return p, c, c.load(text)
}

func TestDirectives(t *testing.T) {
	p, c, err := loadConf(t, strings.Join([]string{
		"# comment", "", "   # another", "  PORT\t7000  ", `maxmemory "100mb"`, "bind 127.0.0.1 -::1", "timeout 5", "TIMEOUT 6",
		"client-output-buffer-limit normal 1mb 2mb 3", `client-output-buffer-limit "replica 1 2 3 pubsub 4 5 6"`, "user bob on ~* +@all", `user "a b" off`,
		`requirepass "\x41\n'\"" `, "replicaof no one", "oom-score-adj-values 1 2 3", "unixsocketperm 770\r",
	}, "\n"))
	require.NoError(t, err)
	assert.Equal(t, int64(7000), p.port)
	assert.Equal(t, int64(6), p.timeout)
	assert.Equal(t, int64(0o770), p.unixPerm)
	assert.Equal(t, []string{"127.0.0.1", "-::1"}, p.bind)
	assert.Equal(t, [classes]outputLimit{{1 << 20, 2 << 20, 3}, {1, 2, 3}, {4, 5, 6}}, p.outputLimits)
	assert.Equal(t, map[string]string{"maxmemory": "100mb", "requirepass": "A\n'\""}, c.values)
	assert.Equal(t, [][]string{{"bob", "on", "~*", "+@all"}, {"a b", "off"}}, c.users)
	assert.Equal(t, []string{"oom-score-adj-values (" + noFork + ")"}, p.idleUsed())
}

func TestSavePointsOfSeveralLinesAreOneValue(t *testing.T) {
	value := ""
	for _, line := range []string{"3600 1", "", "300 100", "60 10000"} {
		value = morePoints(value, line)
	}
	assert.Equal(t, "300 100 60 10000", value)
}

func TestWrongDirectivesAreToldWithTheirLine(t *testing.T) {
	for text, want := range map[string]struct {
		line  int
		text  string
		wrong string
	}{
		"port 1\nnosuch 1":                       {2, "nosuch 1", badDirective},
		"\n\n  port  ":                           {3, "port", wrongNumber},
		"port 1 2":                               {1, "port 1 2", wrongNumber},
		"maxmemory 1 2":                          {1, "maxmemory 1 2", wrongNumber},
		"maxmemory":                              {1, "maxmemory", wrongNumber},
		`maxmemory "1`:                           {1, `maxmemory "1`, unbalanced},
		`maxmemory "1"x`:                         {1, `maxmemory "1"x`, unbalanced},
		"timeout 1\nmaxmemory '":                 {2, "maxmemory '", unbalanced},
		"maxmemory 5x":                           {1, "maxmemory 5x", "argument must be a memory value"},
		"timeout x":                              {1, "timeout x", "argument couldn't be parsed into an integer"},
		"include":                                {1, "include", badDirective},
		"user":                                   {1, "user", badDirective},
		"client-output-buffer-limit normal 1 2":  {1, "client-output-buffer-limit normal 1 2", "Wrong number of arguments in buffer limit configuration."},
		"client-output-buffer-limit no 1 2 3":    {1, "client-output-buffer-limit no 1 2 3", "Invalid client class specified in buffer limit configuration."},
		"client-output-buffer-limit pubsub 1 2x": {1, "client-output-buffer-limit pubsub 1 2x", "Wrong number of arguments in buffer limit configuration."},
		"tls-port 0\ntls-port 7":                 {2, "tls-port 7", "tabdis speaks no TLS: put a proxy that does in front of it"},
		"cluster-enabled yes":                    {1, "cluster-enabled yes", "tabdis is no part of a cluster"},
		"loadmodule x.so":                        {1, "loadmodule x.so", "tabdis loads no modules"},
		"shutdown-on-sigterm save nosave":        {1, "shutdown-on-sigterm save nosave", "shutdown options SAVE and NOSAVE can't be used simultaneously"},
		"dir /no/such/place":                     {1, "dir /no/such/place", "No such file or directory"},
		"logfile /no/such/place/log":             {1, "logfile /no/such/place/log", "Can't open the log file: No such file or directory"},
	} {
		_, _, err := loadConf(t, text)
		var broken *confError
		require.ErrorAs(t, err, &broken, "%q", text)
		assert.Equal(t, confError{want.line, want.text, want.wrong}, *broken, "%q", text)
	}
}

func TestIncludedFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("1.part", "timeout 1\nmaxclients 11\n")
	write("2.part", "timeout 2\n")
	self := filepath.Join(dir, "self.conf")
	write("self.conf", "include "+self)
	bad := write("bad.conf", "# ok\nmaxclients 0")
	p, _, err := loadConf(t, "timeout 9\ninclude "+filepath.Join(dir, "*.part")+"\ninclude "+filepath.Join(dir, "none*.part"))
	require.NoError(t, err)
	assert.Equal(t, int64(2), p.timeout)
	assert.Equal(t, int64(11), p.maxClients)
	_, _, err = loadConf(t, "include "+filepath.Join(dir, "none"))
	assert.ErrorContains(t, err, "can't open config file")
	_, _, err = loadConf(t, "include "+self)
	assert.ErrorContains(t, err, "include one another")
	_, _, err = loadConf(t, "\n\n\ninclude "+bad)
	var broken *confError
	require.ErrorAs(t, err, &broken)
	assert.Equal(t, 2, broken.line, "of the file that has it")
}

func TestFlagsAreFurtherLines(t *testing.T) {
	for _, c := range []struct {
		args []string
		want commandLine
	}{
		{nil, commandLine{}},
		{[]string{"/a/b.conf"}, commandLine{file: "/a/b.conf"}},
		{[]string{"/a/b.conf", "--port", "7"}, commandLine{file: "/a/b.conf", flags: `port "7" `}},
		{[]string{"--save", "--port", "7"}, commandLine{flags: "save \"\"\nport \"7\" "}},
		{[]string{"--port", "7", "--SAVE"}, commandLine{flags: "port \"7\" \nSAVE \"\""}},
		{[]string{"--save", ""}, commandLine{flags: `save "" `}},
		{[]string{"--save", "1", "2", "--x", "3"}, commandLine{flags: "save \"1\" \"2\" \nx \"3\" "}},
		{[]string{"--requirepass", "--secret", "--x"}, commandLine{flags: "requirepass \"--secret\" \nx "}},
		{[]string{"--port 7", "--x", "1"}, commandLine{flags: "port 7 \nx \"1\" "}},
		{[]string{"-", "--port", "7"}, commandLine{stdin: true, flags: `port "7" `}},
		{[]string{"/a", "--port", "7", "-"}, commandLine{file: "/a", stdin: true, flags: `port "7" `}},
		{[]string{"/a", "b"}, commandLine{file: "/a", flags: `"b" `}},
		{[]string{"--x", "a\"\\\n\x00é"}, commandLine{flags: `x "a\"\\\n\x00\xc3\xa9" `}},
	} {
		got, err := parseArgs(c.args)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%q", c.args)
	}
}

// stateOf is what is in force of a program without an engine.
func stateOf(p *program) (state core.ConfigState) {
	for _, s := range p.params {
		state.Values = append(state.Values, core.ConfigValue{Name: s.Name, Alias: s.Alias, Value: s.Get(), Default: s.Default, Form: s.Form})
	}
	return state
}

func TestRewrittenFile(t *testing.T) {
	const old = "# mine\n  port 7000 \n\n\n# twice\ntimeout 5\nunknown thing\ntimeout 6\nmin-slaves-max-lag 7\nclient-output-buffer-limit normal 1mb 0 0\nuser a on\nuser b on\nbroken \"\n"
	p, _, err := loadConf(t, "port 7000\ntimeout 0\nmin-slaves-max-lag 7\nmaxclients 50\nclient-output-buffer-limit normal 3mb 0 0 pubsub 1500 0 0\nclient-query-buffer-limit 2gb\nunixsocket \"/a b\"")
	require.NoError(t, err)
	state := stateOf(p)
	state.Users = []string{"user b on +@all", "user c off"}
	state.Values = slices.DeleteFunc(state.Values, func(v core.ConfigValue) bool { return v.Name == "dir" })
	want := "# mine\nport 7000\n\n# twice\ntimeout 0\nunknown thing\nmin-replicas-max-lag 7\nclient-output-buffer-limit normal 3mb 0 0\n" +
		"client-output-buffer-limit pubsub 1500 0 0\nuser b on +@all\nuser c off\n# ??? broken \"\n\n# Generated by CONFIG REWRITE\n" +
		"client-query-buffer-limit 2gb\nmaxclients 50\nunixsocket \"/a b\"\n"
	got := p.rewritten(old, state)
	assert.Equal(t, want, got)
	assert.Equal(t, want, p.rewritten(got, state), "once more, and nothing changes")
	p.freePort = 7000
	assert.Contains(t, p.rewritten(old, state), "\nport 0\n", "what was a free port stays one")
}

func FuzzConfiguration(f *testing.F) {
	for _, text := range []string{"", "port 1", "a \"b\\x41\\n\" 'c\\'d'", "# x\n\n\ntimeout 5\r\n\tuser a b\n\"", "save 1 2\nsave \"\"", "x \"\x00\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, ok := splitLine("x " + quote(text))
		require.True(t, ok)
		require.Equal(t, []string{"x", text}, words, "what was quoted is read back")
		p := newProgram()
		state := stateOf(p)
		once := p.rewritten(text, state)
		require.Equal(t, once, p.rewritten(once, state), "once more, and nothing changes")
		for _, line := range strings.Split(once, "\n") {
			_, ok := splitLine(line)
			require.True(t, ok, "every line can be read: %q", line)
		}
	})
}
