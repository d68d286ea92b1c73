package resp

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parseAll feeds the input in pieces of the given size and joins what comes out.
func parseAll(input string, size int) (got []string, err error) {
	var p Parser
	for len(input) > 0 {
		n := min(size, len(input))
		piece := []byte(input[:n])
		input = input[n:]
		p.Feed(piece)
		for {
			words, err := p.Next()
			if err != nil {
				return got, err
			}
			if words == nil {
				break
			}
			parts := make([]string, len(words))
			for i, w := range words {
				parts[i] = string(w)
			}
			got = append(got, strings.Join(parts, "|"))
		}
		for i := range piece {
			piece[i] = '?' // the parser must have kept what it needs
		}
	}
	return got, nil
}

func TestParserTakesCommandsInAnyPieces(t *testing.T) {
	input := "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n" +
		"*0\r\n*-1\r\n\r\nPING\r\n  set  \"a b\\x41\\n\" 'it\\'s'\n" +
		"*1\r\n$0\r\n\r\n*2\r\n$4\r\nECHO\r\n$100\r\n" + strings.Repeat("x", 100) + "\r\n"
	want := []string{"SET|k|a\r\nbc", "PING", "set|a bA\n|it's", "", "ECHO|" + strings.Repeat("x", 100)}
	for size := 1; size <= len(input); size++ {
		got, err := parseAll(input, size)
		require.NoError(t, err)
		require.Equal(t, want, got, "pieces of %d", size)
	}
}

func TestParserTakesShortCommandsApartAhead(t *testing.T) {
	get, long := "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "*2\r\n$4\r\nECHO\r\n$100000\r\n"+strings.Repeat("x", 100_000)+"\r\n"
	var p Parser
	p.Feed([]byte(get + "*1\r\n$4\r\nPING\r\n" + get + long + strings.Repeat(get, Window+1) + get[:9]))
	keys := func() int { return len(p.Ahead()) }
	next := func(n int) {
		for ; n > 0; n-- {
			words, err := p.Next()
			require.NoError(t, err)
			require.NotNil(t, words)
		}
	}
	assert.Equal(t, 2, keys())
	assert.Zero(t, keys(), "they are told once")
	next(1)
	assert.Equal(t, get, string(p.Plain()))
	assert.Equal(t, len(get), p.Size())
	assert.Zero(t, keys())
	next(2)
	assert.Zero(t, keys(), "a long command has its own way")
	next(1)
	assert.Nil(t, p.Plain())
	assert.Equal(t, Window, keys())
	next(3)
	// What is left when the caller stops here stays, and is taken apart again.
	p.Keep()
	assert.Equal(t, (Window+1-3)*len(get)+9, p.Buffered())
	assert.Equal(t, Window+1-3, keys())
	next(Window + 1 - 3)
	words, err := p.Next()
	require.NoError(t, err)
	require.Nil(t, words)
	p.Feed([]byte(get[9:]))
	next(1)
	assert.Equal(t, len(get), p.Buffered(), "the command under way counts")
	p.Keep()
	assert.Zero(t, p.Buffered())
}

func TestParserRefusesWhatRedisRefuses(t *testing.T) {
	long := strings.Repeat("1", 70_000)
	for _, c := range []struct{ in, want string }{
		{"*x\r\n", "invalid multibulk length"},
		{"*2147483648\r\n", "invalid multibulk length"},
		{"*99999999999999999999\r\n", "invalid multibulk length"},
		{"*01\r\n", "invalid multibulk length"},
		{"*" + long, "too big mbulk count string"},
		{"*1\r\n:1\r\n", "expected '$', got ':'"},
		{"*1\r\n$-1\r\n", "invalid bulk length"},
		{"*1\r\n$536870913\r\n", "invalid bulk length"},
		{"*1\r\n$a\r\n", "invalid bulk length"},
		{"*1\r\n$" + long, "too big bulk count string"},
		{"SET \"a\r\n", "unbalanced quotes in request"},
		{"SET \"a\"b\r\n", "unbalanced quotes in request"},
		{strings.Repeat("x", 70_000), "too big inline request"},
		{"NUL \x00 hides the end\r\n" + long, "too big inline request"},
		{"*\x00\r\n" + long, "too big mbulk count string"},
	} {
		_, err := parseAll(c.in, len(c.in))
		assert.EqualError(t, err, "Protocol error: "+c.want, "%.20q", c.in)
	}
}

func TestParserReservesNothingForAnnouncedBytes(t *testing.T) {
	var p Parser
	p.Feed([]byte("*2147483647\r\n$536870912\r\nabc"))
	words, err := p.Next()
	require.NoError(t, err)
	require.Nil(t, words)
	assert.Less(t, cap(p.kept)+cap(p.spans)*16+cap(p.words)*24, 4096)
}

func TestParserKeepsNothingAliveThatIsUsedUp(t *testing.T) {
	var p Parser
	get := "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
	for _, piece := range []string{strings.Repeat(get, 40) + get[:9], get[9:], get} {
		p.Feed([]byte(piece))
		for {
			words, err := p.Next()
			require.NoError(t, err)
			if words == nil {
				break
			}
		}
		for _, c := range p.ahead.commands {
			assert.Zero(t, c)
		}
		for _, key := range p.ahead.keys[:cap(p.ahead.keys)] {
			assert.Nil(t, key)
		}
	}
}

func FuzzParserInPieces(f *testing.F) {
	f.Add("*1\r\n$4\r\nPING\r\nSET a 'b'\r\n*0\r\n", 3)
	f.Fuzz(func(t *testing.T, input string, size int) {
		size = max(1, min(size, len(input)))
		whole, errWhole := parseAll(input, len(input)+1)
		pieces, errPieces := parseAll(input, size)
		if len(input) < maxInline { // past it the pieces decide when a line is too long
			require.Equal(t, whole, pieces)
			require.Equal(t, errWhole, errPieces)
		}
	})
}

func TestDoublesAsRedisPrintsThem(t *testing.T) {
	for _, c := range []struct {
		f        float64
		v72, v70 string
	}{
		{0, "0", "0"}, {math.Copysign(0, -1), "-0", "-0"}, {1, "1", "1"}, {-3.5, "-3.5", "-3.5"},
		{0.1, "0.1", "0.10000000000000001"}, {3.0e15, "3000000000000000", "3000000000000000"},
		{1e17, "100000000000000000", "1e+17"}, {1e19, "1e+19", "1e+19"}, {1.5e300, "1.5e+300", "1.5000000000000001e+300"},
		{1e-5, "0.00001", "1.0000000000000001e-05"}, {1e-7, "1e-7", "9.9999999999999995e-08"},
		{0.001234, "0.001234", "0.0012340000000000001"}, {123456.789, "123456.789", "123456.789"},
		{math.Inf(1), "inf", "inf"}, {math.Inf(-1), "-inf", "-inf"}, {math.NaN(), "nan", "nan"},
		{5e-324, "5e-324", "4.9406564584124654e-324"}, {math.MaxFloat64, "1.7976931348623157e+308", "1.7976931348623157e+308"},
	} {
		assert.Equal(t, c.v72, string(AppendDouble(nil, c.f)))
		assert.Equal(t, c.v70, string(AppendDouble17(nil, c.f)))
	}
}

func TestWriterSpeaksBothProtocols(t *testing.T) {
	write := func(w *Writer) {
		w.Null()
		w.NullArray()
		w.Bool(true)
		w.Double(1.5)
		w.Map(1)
		w.Set(2)
		w.Push(1)
		w.Verbatim("txt", "hi")
		w.BigNumber("12")
		m := w.Mark()
		w.Int(7)
		w.Int(-12)
		w.InsertMap(m, 1)
		w.Error("ERR a\r\nb")
	}
	var w2, w3 Writer
	w3.SetProto(3)
	write(&w2)
	write(&w3)
	assert.Equal(t, "$-1\r\n*-1\r\n:1\r\n$3\r\n1.5\r\n*2\r\n*2\r\n*1\r\n$2\r\nhi\r\n$2\r\n12\r\n*2\r\n:7\r\n:-12\r\n-ERR a  b\r\n", string(w2.Bytes()))
	assert.Equal(t, "_\r\n_\r\n#t\r\n,1.5\r\n%1\r\n~2\r\n>1\r\n=6\r\ntxt:hi\r\n(12\r\n%1\r\n:7\r\n:-12\r\n-ERR a  b\r\n", string(w3.Bytes()))
}

func TestWriterReplacesInPlace(t *testing.T) {
	for _, with := range []string{"", "x", "longer than what was there"} {
		var w Writer
		w.Raw([]byte("abcdef"))
		w.Replace(2, 4, []byte(with))
		assert.Equal(t, "ab"+with+"ef", string(w.Bytes()))
	}
}

func TestParserKeepsLittleForGuests(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"*11\r\n", "unauthenticated multibulk length"},
		{"*2\r\n$4\r\nAUTH\r\n$16385\r\n", "unauthenticated bulk length"},
		{"*2\r\n$4\r\nAUTH\r\n$16385\r\n" + strings.Repeat("x", 16385) + "\r\n", "unauthenticated bulk length"},
	} {
		p := Parser{Guest: true}
		p.Feed([]byte(c.in))
		_, err := p.Next()
		assert.EqualError(t, err, "Protocol error: "+c.want, c.in)
		p = Parser{}
		p.Feed([]byte(c.in))
		_, err = p.Next()
		assert.NoError(t, err, c.in)
	}
	p := Parser{Guest: true}
	p.Feed([]byte("*2\r\n$4\r\nAUTH\r\n$16384\r\n" + strings.Repeat("x", 16384) + "\r\n"))
	words, err := p.Next()
	assert.NoError(t, err)
	assert.Len(t, words, 2)
}
