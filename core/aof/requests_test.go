package aof

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// numbered is a log whose requests have numbers.
func numbered() Config {
	cfg := config()
	cfg.Requests = &Requests{}
	return cfg
}

// execute executes a command that a client has numbered.
func (s *store) execute(client, number uint64, reply, command string) {
	s.do(0, command)
	kept := s.cfg.Requests.Client(client).Executed(number, []byte(reply))
	s.log.Name(Request{client, number, kept})
}

// text is all that a table knows.
func (t *Requests) text() string {
	var b strings.Builder
	for _, c := range t.Clients {
		fmt.Fprintf(&b, "%x:%d", c.ID, c.Highest)
		for _, q := range c.Open {
			if fmt.Fprintf(&b, " %d", q.Number); q.Reply != nil {
				fmt.Fprintf(&b, "=%q", q.Reply)
			}
		}
		b.WriteString("; ")
	}
	return b.String()
}

// knownAt is the table after an opening.
func knownAt(t *testing.T, disk *memfs.Store) string {
	s := mustOpen(t, disk, numbered())
	defer s.close()
	return s.cfg.Requests.text()
}

// bodies are those of the blocks in a file.
func bodies(t *testing.T, text []byte) (all []string) {
	for at := 0; at < len(text); {
		h, n, state := parseHeader(text[at:])
		require.Equal(t, headerOK, state)
		all = append(all, string(text[at+n:at+n+int(h.len)]))
		at += n + int(h.len)
	}
	return all
}

func TestABlockNamesTheRequestsWhoseEffectsItHolds(t *testing.T) {
	disk := memfs.New()
	cfg := numbered()
	cfg.Timestamps = true
	s := mustOpen(t, disk, cfg)
	s.execute(0xa1, 1, "+OK\r\n", "SET a 1")
	s.execute(0xb2, 7, ":3\r\n", "SET b 2")
	s.execute(0xa1, 2, strings.Repeat("x", 65), "SET c 3")
	s.do(0, "SET d 4")
	s.turn()
	s.do(0, "SET e 5")
	s.turn()
	s.execute(0xa1, 4, "", "SET f 6")
	s.turn()
	require.NoError(t, s.close())
	all := bodies(t, files(t, disk)[firstIncr])
	assert.Equal(t, "#TS:1700000000\r\n#REQ:00000000000000a1=1,K09LDQo=;00000000000000b2=7,OjMNCg==;00000000000000a1=2;\r\n"+
		line("SELECT 0")+line("SET a 1")+line("SET b 2")+line("SET c 3")+line("SET d 4"), all[1])
	assert.Equal(t, line("SET e 5"), all[2])
	assert.Equal(t, "#REQ:00000000000000a1=4,;\r\n"+line("SET f 6"), all[3])
	assert.Equal(t, `a1:4 1="+OK\r\n" 2 4=""; b2:7 7=":3\r\n"; `, knownAt(t, disk))
}

func TestAnnotationsOfManyRequestsAreShortLines(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, numbered())
	for i := range uint64(200) {
		s.execute(1<<63+i%3, 1<<62+i, strings.Repeat("r", int(i)%(keptReply+3)), "APPEND a x")
	}
	s.turn()
	want := s.cfg.Requests.text()
	require.NoError(t, s.close())
	all := bodies(t, files(t, disk)[firstIncr])
	lines := strings.SplitAfter(all[1][:strings.Index(all[1], "*")], "\r\n")
	assert.Greater(t, len(lines), 10)
	for _, l := range lines[:len(lines)-1] {
		assert.LessOrEqual(t, len(l), maxLine)
		assert.True(t, strings.HasPrefix(l, requestMark) && strings.HasSuffix(l, ";\r\n"), "%q", l)
	}
	assert.Greater(t, len(lines[0]), maxLine-requestEntry, "none is shorter than need be")
	assert.Equal(t, want, knownAt(t, disk))
}

// What could not be written is written again, and what came meanwhile with it.
func TestABlockThatIsTriedAgainNamesItsRequests(t *testing.T) {
	for _, fault := range []faultfs.Fault{{}, {Short: 30}, {Short: 200}} {
		disk := memfs.New()
		s := mustOpen(t, disk, numbered())
		s.fs.Inject(faultfs.At(0, faultfs.Append, fault))
		s.execute(1, 1, "one", "SET a 1")
		s.turn()
		require.Equal(t, unwritten, s.log.state)
		s.execute(1, 2, "two", "SET b 2")
		s.turn()
		s.tick(2000)
		s.execute(1, 3, "three", "SET c 3")
		s.turn()
		data := maps.Clone(s.data)
		require.NoError(t, s.close())
		all := bodies(t, files(t, disk)[firstIncr])
		assert.Equal(t, "#REQ:0000000000000001=1,b25l;0000000000000001=2,dHdv;\r\n"+line("SELECT 0")+line("SET a 1")+line("SET b 2"), all[1])
		assert.Equal(t, `1:3 1="one" 2="two" 3="three"; `, knownAt(t, disk))
		assert.Equal(t, data, mustOpen(t, disk, numbered()).data)
	}
}

// Behind a base the files before it are gone: the first block there names all that is known.
func TestAFreshBaseIsFollowedByTheWholeTable(t *testing.T) {
	const table = `1:3 1="one" 2 3="three"; 2:9 9; `
	for name, way := range map[string]func(s *store){
		"rewrite": func(s *store) {
			s.log.Rewrite(false)
			s.rewriteAll()
		},
		"failed sync": func(s *store) {
			s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
			s.do(0, "SET z 1")
			s.turn()
			require.Equal(s.t, broken, s.log.state)
			for i := 0; s.log.state != healthy; i++ {
				require.Less(s.t, i, 100)
				s.tick(1000)
			}
		},
		"off and on": func(s *store) {
			s.log.Disable()
			s.posted()
			require.NoError(s.t, s.log.Enable())
			for i := 0; s.log.state != healthy; i++ {
				require.Less(s.t, i, 100)
				s.tick(1000)
			}
		},
		"on, and closed at once": func(s *store) {
			s.log.Disable()
			s.posted()
			require.NoError(s.t, s.log.Enable())
		},
	} {
		for _, timestamps := range []bool{false, true} {
			disk := memfs.New()
			cfg := numbered()
			cfg.Timestamps = timestamps
			s := mustOpen(t, disk, cfg)
			s.execute(1, 1, "one", "SET a 1")
			s.execute(1, 2, strings.Repeat("x", 100), "SET a 2")
			s.execute(1, 3, "three", "SET a 3")
			s.execute(2, 9, strings.Repeat("x", 100), "SET a 9")
			s.turn()
			way(s)
			data := maps.Clone(s.data)
			require.NoError(t, s.close(), name)
			all := files(t, disk)
			require.NotContains(t, all, firstIncr, name)
			first := ""
			for file, text := range all {
				if isIncr(file) {
					first = bodies(t, text)[0]
				}
			}
			assert.Equal(t, timestamps, stampOf([]byte(first)) > 0, "%s: %q", name, first)
			again := mustOpen(t, disk, numbered())
			assert.Equal(t, table, again.cfg.Requests.text(), name)
			assert.Equal(t, data, again.data)
			require.NoError(t, again.close())
		}
	}
}

// A Redis that wrote to the log makes the opening write a fresh base.
func TestTheOpeningsFreshBaseIsFollowedByTheWholeTable(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, numbered())
	s.execute(1, 5, "five", "SET a 1")
	s.turn()
	require.NoError(t, s.close())
	all := files(t, disk)
	all[firstIncr] = append(all[firstIncr], line("SELECT 0")+line("SET b 2")...)
	disk = diskOf(t, all)
	for range 3 {
		s = mustOpen(t, disk, numbered())
		assert.Equal(t, `1:5 5="five"; `, s.cfg.Requests.text())
		assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, s.data)
		require.NoError(t, s.close())
	}
	assert.NotContains(t, files(t, disk), firstIncr)
}

// A rewrite that does not come to its end leaves both: the blocks before the cut, and the table behind it.
func TestWhatIsNamedTwiceIsKnownOnce(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, numbered())
	s.execute(1, 1, "one", "SET a 1")
	s.execute(1, 2, "two", "SET a 2")
	s.turn()
	s.cfg.Requests.Client(1).Acknowledged(1)
	s.fs.Inject(faultfs.From(0, faultfs.Append, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return c.Name == firstBase }))
	s.log.Rewrite(false)
	s.rewriteAll()
	s.execute(1, 3, "three", "SET a 3")
	s.turn()
	require.NoError(t, s.close())
	require.Contains(t, files(t, disk), firstIncr)
	assert.Equal(t, "#REQ:0000000000000001=2,dHdv;\r\n"+line("SELECT 0"), bodies(t, files(t, disk)[secondIncr])[0])
	assert.Equal(t, `1:3 1="one" 2="two" 3="three"; `, knownAt(t, disk))
}

// A block that is whole and names requests in another way is of a version that knows more, or of a fault of ours: to pass over a number would
// execute its request twice.
func TestABrokenAnnotationIsRefused(t *testing.T) {
	for _, broken := range []string{
		"", "1", "000000000000000a", "000000000000000a=", "000000000000000a=;", "000000000000000a=1", "000000000000000a=0;", "000000000000000a=01;",
		"000000000000000A=1;", "00000000000000a=1;", "0000000000000000a=1;", "000000000000000a=9223372036854775808;", "000000000000000a=-1;",
		"000000000000000a=1,;;", "000000000000000a=1,QQ;", "000000000000000a=1,QQ=;", "000000000000000a=1,QR==;", "000000000000000a=1,QUI;",
		"000000000000000a=1,QQ==QQ==;", "000000000000000a=1,====;", "000000000000000a=1,Q===;", "000000000000000a=1,Q=Q=;", "000000000000000a=1,QQ==",
		"000000000000000a=1," + base64.StdEncoding.EncodeToString(make([]byte, keptReply+1)) + ";", "000000000000000a=1;x",
		"000000000000000a=1; ", " 000000000000000a=1;", strings.Repeat("000000000000000a=1;", 60),
	} {
		for _, end := range []string{"\r\n", "\n"} {
			if _, ok := (*Requests)(nil).read([]byte(requestMark + broken + end)); !assert.False(t, ok, "%q", broken) {
				continue
			}
			man := manifest{native: true, epoch: 3, incrs: []entry{{name: firstIncr, seq: 1, id: 7}}}
			all := map[string][]byte{manName: man.encode(),
				firstIncr: blocksOf(7, 0, 0, []string{"", line("SET a 1"), "#REQ:" + broken + end + line("SET a 2"), line("SET a 3")})}
			disk := diskOf(t, all)
			_, err := openKeys(t, disk, nil, nil)
			require.ErrorIs(t, err, ErrCorrupt, "%q", broken)
			var why *LoadError
			require.ErrorAs(t, err, &why)
			assert.EqualValues(t, 3, why.LSN)
			assert.True(t, maps.EqualFunc(all, files(t, disk), bytes.Equal), "nothing was changed")
		}
	}
	_, ok := (*Requests)(nil).read([]byte("#REQ:000000000000000a=1;"))
	assert.False(t, ok, "without its end")
	n, ok := (*Requests)(nil).read([]byte("#TS:1\r\n#REQ:000000000000000a=1;000000000000000a=2,;\r\n#later:\r\n#REQ:000000000000000a=3,QUI=;\r\n*1\r\n"))
	assert.True(t, ok)
	assert.Equal(t, 3, n)
}

// Nothing is cut of a log whose block is whole, and which this version cannot read.
func TestACheckCutsNoBlockForItsAnnotation(t *testing.T) {
	man := manifest{native: true, epoch: 3, incrs: []entry{{name: firstIncr, seq: 1, id: 7}}}
	c, _ := agree(t, map[string][]byte{manName: man.encode(),
		firstIncr: blocksOf(7, 0, 0, []string{"", line("SET a 1"), "#REQ:000000000000000a=01;\r\n" + line("SET b 1"), line("SET c 1")})}, "a broken annotation")
	assert.Equal(t, VerdictDamaged, c.Verdict)
	assert.EqualValues(t, 3, c.Problem.LSN)
	assert.Equal(t, FixNothing, c.Repair)
	assert.Contains(t, c.NoRepair, "the block is whole")
}

func TestWhatIsNotAcknowledgedIsKnown(t *testing.T) {
	var table Requests
	c := table.Client(7)
	find := func(number uint64) string {
		switch reply, known := c.Find(number); {
		case !known:
			return "no effect"
		case reply == nil:
			return "lost"
		default:
			return string(reply)
		}
	}
	require.Equal(t, "no effect", find(1))
	for i := uint64(2); i < 20; i += 2 {
		c.Executed(i, []byte(strings.Repeat("r", int(i%12)*8)))
	}
	assert.Equal(t, []string{"no effect", strings.Repeat("r", 16), "no effect", "", "lost", "no effect"}, []string{find(1), find(2), find(3), find(12), find(10), find(17)})
	c.Acknowledged(3)
	assert.Equal(t, []string{"lost", "lost", "lost", strings.Repeat("r", 32), "no effect"}, []string{find(1), find(2), find(3), find(4), find(5)})
	c.Acknowledged(2)
	assert.Len(t, c.Open, 8)
	c.Acknowledged(1 << 40)
	assert.Empty(t, c.Open)
	assert.Equal(t, "7:18; ", table.text())

	table.Client(8)
	table.Forget(7)
	table.Forget(9)
	assert.Len(t, table.Clients, 1)
	assert.Zero(t, table.Client(7).Highest)
}

func TestWhatIsKnownOfAClientIsBounded(t *testing.T) {
	var table Requests
	c := table.Client(7)
	const all = 3 * keptOpen
	for i := range uint64(all) {
		reply := make([]byte, map[bool]int{true: 65, false: int(i % 65)}[i%5 == 0])
		require.Equal(t, i%5 != 0, c.Executed(2*i+2, reply) != nil)
	}
	require.Len(t, c.Open, keptOpen)
	for _, q := range c.Open {
		require.Equal(t, (q.Number/2-1)%5 != 0, q.Reply != nil)
	}
	first := c.Open[0].Number
	assert.EqualValues(t, 2*(all-keptOpen)+2, first)
	reply, known := c.Find(first - 1)
	assert.True(t, known && reply == nil, "it may have been executed")
	_, known = c.Find(first + 1)
	assert.False(t, known, "it was not")

	var w requestLines
	w.all(&table)
	var again Requests
	_, ok := again.read(w.b)
	require.True(t, ok)
	require.Equal(t, table.text(), again.text())
	reply, known = again.Client(7).Find(first - 1)
	assert.True(t, known && reply == nil, "nor does a later leader take it for not executed")
	c.Acknowledged(first + 1)
	_, known = c.Find(first + 3)
	assert.False(t, known)
	c.Acknowledged(2*all - 200)
	assert.Len(t, c.Open, 100)
}

func TestBase64IsThatOfAnybody(t *testing.T) {
	for n := range keptReply + 1 {
		text := bytes.Repeat([]byte{0, 255, 16, 250, 130, 77, 1}, 10)[:n]
		want := base64.StdEncoding.EncodeToString(text)
		require.Equal(t, want, string(appendBase64(nil, text)))
		got := decodeBase64(new([keptReply]byte), []byte(want))
		require.NotNil(t, got)
		require.Equal(t, text, got)
		for i := range want { // another last digit may stand for the same bytes, and is refused
			for _, digit := range base64Digits + "=\n" {
				other := want[:i] + string(digit) + want[i+1:]
				plain, err := base64.StdEncoding.Strict().DecodeString(other)
				got := decodeBase64(new([keptReply]byte), []byte(other))
				if require.Equal(t, err == nil && digit != '\n' && len(plain) <= keptReply, got != nil, "%q", other); got != nil {
					require.Equal(t, plain, got)
				}
			}
		}
	}
}

// FuzzRequests: annotations that are read are those that would be written of what they say.
func FuzzRequests(f *testing.F) {
	for _, text := range []string{"#REQ:00000000000000a1=1,K09LDQo=;00000000000000b2=7,OjMNCg==;00000000000000a1=2;\r\n*1\r\n", "#TS:1\r\n#REQ:0000000000000001=4,;\r\n",
		"#REQ:0000000000000001=4,QQ==;0000000000000001=4,QUI=;0000000000000001=3;\r\n", "#x\r\n#REQ:ffffffffffffffff=9223372036854775807;\r\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var table, again Requests
		before := allocated()
		n, ok := table.read(body)
		require.LessOrEqual(t, allocated()-before, uint64(32*len(body)+1<<20), "memory")
		alone, same := (*Requests)(nil).read(body)
		require.Equal(t, ok, same)
		if !ok {
			return
		}
		require.Equal(t, n, alone)
		var w requestLines
		w.all(&table)
		for _, l := range bytes.SplitAfter(w.b, []byte("\n")) {
			require.LessOrEqual(t, len(l), maxLine)
		}
		_, ok = again.read(w.b)
		require.True(t, ok)
		require.Equal(t, table.text(), again.text())
	})
}
