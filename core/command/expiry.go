package command

import (
	"math"
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// setFlag is a set of the options of SET and GETEX.
type setFlag uint16

const (
	setNX setFlag = 1 << iota
	setXX
	setGet
	setKeepTTL
	setPersist
	setEX
	setPX
	setEXAT
	setPXAT

	setExpiry = setEX | setPX | setEXAT | setPXAT
)

// setOptions reads the options of SET (forGetex false) or GETEX from word i on. at is the word that holds the time, 0
// when there is none. A time may be given again, the last one counts; two kinds of time exclude each other.
func (c *Call) setOptions(i int, forGetex bool) (f setFlag, at int, ok bool) {
	for ; i < len(c.Args); i++ {
		word, last := c.Args[i], i == len(c.Args)-1
		var kind setFlag
		switch {
		case is(word, "nx") && f&setXX == 0 && !forGetex:
			f |= setNX
			continue
		case is(word, "xx") && f&setNX == 0 && !forGetex:
			f |= setXX
			continue
		case is(word, "get") && !forGetex:
			f |= setGet
			continue
		case is(word, "keepttl") && f&setExpiry == 0 && !forGetex:
			f |= setKeepTTL
			continue
		case is(word, "persist") && f&setExpiry == 0 && forGetex:
			f |= setPersist
			continue
		case is(word, "ex"):
			kind = setEX
		case is(word, "px"):
			kind = setPX
		case is(word, "exat"):
			kind = setEXAT
		case is(word, "pxat"):
			kind = setPXAT
		}
		if kind == 0 || last || f&(setExpiry|setKeepTTL|setPersist)&^kind != 0 {
			c.W.Error(resp.ErrSyntax)
			return f, 0, false
		}
		f |= kind
		i++
		at = i
	}
	return f, at, true
}

// deadline is the Unix time in ms that word i means under f (EX, PX, EXAT or PXAT); without f's kinds of time it is
// keyspace.NoExpiry. It must be positive and must not overflow.
func (c *Call) deadline(i int, f setFlag) (at int64, ok bool) {
	if f&setExpiry == 0 {
		return keyspace.NoExpiry, true
	}
	at, ok = c.intArg(i)
	if !ok {
		return 0, false
	}
	inSeconds := f&(setEX|setEXAT) != 0
	if at <= 0 || inSeconds && at > math.MaxInt64/1000 {
		c.errExpireTime()
		return 0, false
	}
	if inSeconds {
		at *= 1000
	}
	if f&(setEX|setPX) != 0 {
		if at > math.MaxInt64-c.Now {
			c.errExpireTime()
			return 0, false
		}
		at += c.Now
	}
	return at, true
}

func (c *Call) errExpireTime() {
	c.W.Error(resp.Error("ERR invalid expire time in '" + c.Cmd.FullName() + "' command"))
}

// past tells whether a key with this time is to be removed at once rather than given it. While the log is replayed nothing expires:
// the DEL that says so follows in the log.
func (c *Call) past(at int64) bool { return at <= c.Now && !c.Server.Loading() }

// scratchInt is the decimal text of n, good until the end of the call.
func (c *Call) scratchInt(n int64) []byte {
	return strconv.AppendInt(c.Scratch(20)[:0], n, 10)
}

// Words that propagation writes, so that no slice is made for each.
var (
	wordDel       = []byte("DEL")
	wordHset      = []byte("HSET")
	wordKeepTTL   = []byte("KEEPTTL")
	wordLmove     = []byte("LMOVE")
	wordLpop      = []byte("LPOP")
	wordPersist   = []byte("PERSIST")
	wordPexpireat = []byte("PEXPIREAT")
	wordPxat      = []byte("PXAT")
	wordRpop      = []byte("RPOP")
	wordRpoplpush = []byte("RPOPLPUSH")
	wordSet       = []byte("SET")
	wordZpopmax   = []byte("ZPOPMAX")
	wordZpopmin   = []byte("ZPOPMIN")
)
