package storage

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestErrorTellsWhatAndWhere(t *testing.T) {
	for _, c := range []struct {
		err  error
		text string
	}{
		{&Error{Op: "append", Name: "a.aof", Off: 12, Err: ErrQuota}, "append a.aof at 12: no space left"},
		{&Error{Op: "sync", Name: "a.aof", Off: -1, Err: io.ErrShortWrite}, "sync a.aof: short write"},
		{&Error{Op: "list", Off: -1, Err: ErrClosed}, "list: closed"},
		{Wrap("read", "b", 0, ErrCorrupt), "read b at 0: damaged"},
		{Wrap("outer", "c", -1, Wrap("inner", "b", 3, ErrCorrupt)), "inner b at 3: damaged"},
		{CheckName("open", "a/b"), `open "a/b": invalid file name`},
	} {
		assert.EqualError(t, c.err, c.text)
	}
	assert.ErrorIs(t, Wrap("append", "a", 1, ErrQuota), ErrQuota)
	assert.NoError(t, Wrap("append", "a", 1, nil))
	var e *Error
	assert.True(t, errors.As(CheckName("open", ""), &e))
}

func TestNamesAreThoseOfRedissFiles(t *testing.T) {
	for _, name := range []string{"appendonly.aof.1.incr.aof", "appendonly.aof.manifest", "a", "A-b_9", strings.Repeat("x", MaxName)} {
		assert.NoError(t, CheckName("create", name), name)
	}
	for _, name := range []string{"", ".", "..", ".lock", "a/b", `a\b`, "a b", "a\x00", "ä", "a:b", strings.Repeat("x", MaxName+1)} {
		assert.ErrorIs(t, CheckName("create", name), ErrName, name)
	}
}
