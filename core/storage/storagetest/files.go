package storagetest

import (
	"io"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

var files = []test{
	{"append and read", func(h *handle) {
		f := h.create("a", nil)
		assert.EqualValues(h, 0, f.Size())
		require.NoError(h, f.Append([]byte("hello ")))
		assert.EqualValues(h, 6, f.Size())
		require.NoError(h, f.Append(nil))
		require.NoError(h, f.Append([]byte("world\x00\xff\r\n")))
		assert.EqualValues(h, 15, f.Size())
		assert.Equal(h, "hello world\x00\xff\r\n", string(h.content(f)), "what was appended is readable at once")
		require.NoError(h, h.sync(f, true))
		h.reopen()
		assert.Equal(h, "hello world\x00\xff\r\n", string(h.read("a")))
	}},
	{"append does not keep the caller's buffer", func(h *handle) {
		f := h.create("a", nil)
		buf := []byte("first-")
		require.NoError(h, f.Append(buf))
		copy(buf, "second")
		require.NoError(h, f.Append(buf))
		copy(buf, "xxxxxx")
		require.NoError(h, h.sync(f, true))
		assert.Equal(h, "first-second", string(h.content(f)))
	}},
	{"append behind the end after opening", func(h *handle) {
		want := ""
		for _, s := range []string{"one", "two", "three"} {
			var f storage.File
			if want == "" {
				f = h.create("a", nil)
			} else {
				f = h.openFile("a")
			}
			assert.EqualValues(h, len(want), f.Size())
			require.NoError(h, f.Append([]byte(s)))
			require.NoError(h, h.sync(f, true))
			require.NoError(h, f.Close())
			want += s
			assert.Equal(h, want, string(h.read("a")))
			h.reopen()
		}
		assert.Equal(h, want, string(h.read("a")))
	}},
	{"a clean close loses nothing that was not synced", func(h *handle) {
		f := h.create("a", pattern(1, 10_000))
		require.NoError(h, f.Append(pattern(2, 10_000)))
		require.NoError(h, f.Close())
		h.create("b", pattern(3, 10_000))
		h.reopen()
		h.same(append(pattern(1, 10_000), pattern(2, 10_000)...), h.read("a"), "the file closed")
		h.same(pattern(3, 10_000), h.read("b"), "the file closed with the store")
	}},
	{"large appends", func(h *handle) {
		first, second := pattern(1, 5<<20+7), pattern(2, 3<<20)
		f := h.create("a", first)
		require.NoError(h, f.Append(second))
		want := append(first, second...)
		assert.EqualValues(h, len(want), f.Size())
		h.same(want, h.content(f), "the file before the sync")
		require.NoError(h, h.sync(f, true))
		require.NoError(h, f.Append([]byte("end")))
		require.NoError(h, h.sync(f, true))
		h.reopen()
		h.same(append(want, "end"...), h.read("a"), "the file")
	}},
	{"many small appends", func(h *handle) {
		f := h.create("a", nil)
		var want []byte
		for i := range 1000 {
			p := pattern(i, i%97)
			require.NoError(h, f.Append(p))
			want = append(want, p...)
			require.EqualValues(h, len(want), f.Size())
			if i%250 == 0 {
				require.NoError(h, h.sync(f, i%500 == 0))
			}
		}
		h.same(want, h.content(f), "the file")
		require.NoError(h, h.sync(f, false))
		h.reopen()
		h.same(want, h.read("a"), "the file")
	}},
	{"reads at the edges", func(h *handle) {
		f := h.create("a", []byte("0123456789"))
		for _, c := range []struct {
			off  int64
			n    int
			want string
			eof  bool
		}{
			{0, 4, "0123", false}, {3, 4, "3456", false}, {6, 5, "6789", true}, {10, 1, "", true}, {11, 1, "", true}, {1 << 40, 3, "", true},
			{0, 11, "0123456789", true}, {4, 0, "", false},
		} {
			p := make([]byte, c.n)
			n, err := f.ReadAt(p, c.off)
			assert.Equal(h, c.want, string(p[:n]), "read %d at %d", c.n, c.off)
			if c.eof {
				assert.Equal(h, io.EOF, err, "read %d at %d", c.n, c.off)
			} else {
				assert.NoError(h, err, "read %d at %d", c.n, c.off)
			}
		}
		n, err := f.ReadAt(make([]byte, 10), 0)
		assert.Equal(h, 10, n)
		assert.True(h, err == nil || err == io.EOF, "a read up to the very end: %v", err)
		_, err = f.ReadAt(make([]byte, 1), -1)
		assert.Error(h, err)
		assert.NotEqual(h, io.EOF, err, "a negative offset is not an end")
	}},
	{"reads across pieces", func(h *handle) {
		var want []byte
		f := h.create("a", nil)
		for i := range 8 {
			require.NoError(h, f.Append(pattern(i, 40_000)))
			want = append(want, pattern(i, 40_000)...)
			if i == 3 {
				require.NoError(h, h.sync(f, true))
			}
		}
		for _, off := range []int{0, 1, 39_999, 40_000, 65_535, 65_536, 159_990, 200_001, 319_000} {
			p := make([]byte, min(90_001, len(want)-off))
			n, err := f.ReadAt(p, int64(off))
			require.True(h, err == nil || err == io.EOF, "%v", err)
			h.same(want[off:off+n], p, "a piece")
		}
	}},
	{"truncate", func(h *handle) {
		want := pattern(1, 20_000)
		f := h.create("a", want)
		require.NoError(h, h.sync(f, true))
		for _, n := range []int{20_000, 19_999, 8192, 8191, 100} {
			require.NoError(h, f.Truncate(ctx, int64(n)))
			require.EqualValues(h, n, f.Size())
			h.same(want[:n], h.content(f), "the file")
		}
		_, err := f.ReadAt(make([]byte, 1), 100)
		assert.Equal(h, io.EOF, err, "nothing is left behind the cut")
		require.NoError(h, f.Append([]byte("tail")))
		require.NoError(h, h.sync(f, true))
		h.reopen()
		h.same(append(want[:100:100], "tail"...), h.read("a"), "the file")
		f = h.openFile("a")
		require.NoError(h, f.Truncate(ctx, 0))
		require.NoError(h, h.sync(f, false))
		h.reopen()
		assert.Empty(h, h.read("a"))
	}},
	{"truncate of bytes that were not synced", func(h *handle) {
		f := h.create("a", []byte("good"))
		require.NoError(h, f.Append(pattern(1, 70_000)))
		require.NoError(h, f.Truncate(ctx, 4))
		require.NoError(h, f.Append([]byte("-more")))
		require.NoError(h, h.sync(f, true))
		assert.Equal(h, "good-more", string(h.content(f)))
		h.reopen()
		assert.Equal(h, "good-more", string(h.read("a")))
	}},
	{"truncate past the end is refused", func(h *handle) {
		f := h.create("a", []byte("data"))
		assert.Error(h, f.Truncate(ctx, 5))
		assert.Error(h, f.Truncate(ctx, -1))
		assert.Equal(h, "data", string(h.content(f)))
		require.NoError(h, f.Append([]byte("+")))
		require.NoError(h, h.sync(f, true))
		assert.Equal(h, "data+", string(h.content(f)))
	}},
	{"truncate in the turn, where there is one", func(h *handle) {
		f := h.create("a", pattern(1, 9000))
		if now, ok := f.(storage.Truncater); ok {
			require.NoError(h, now.TruncateNow(5000))
			require.NoError(h, f.Append([]byte("tail")))
			assert.Error(h, now.TruncateNow(6000))
		} else {
			require.NoError(h, f.Truncate(ctx, 5000))
			require.NoError(h, f.Append([]byte("tail")))
		}
		require.NoError(h, h.sync(f, true))
		h.reopen()
		h.same(append(pattern(1, 9000)[:5000], "tail"...), h.read("a"), "the file")
	}},
	{"a closed file", func(h *handle) {
		f := h.create("a", []byte("data"))
		require.NoError(h, f.Close())
		assert.ErrorIs(h, f.Append([]byte("more")), storage.ErrClosed, "append")
		assert.ErrorIs(h, h.sync(f, true), storage.ErrClosed, "sync")
		assert.ErrorIs(h, h.sync(f, false), storage.ErrClosed, "sync later")
		_, err := f.ReadAt(make([]byte, 1), 0)
		assert.ErrorIs(h, err, storage.ErrClosed, "read")
		assert.ErrorIs(h, f.Truncate(ctx, 0), storage.ErrClosed, "truncate")
		assert.ErrorIs(h, f.Harden(ctx, 0), storage.ErrClosed, "harden")
		assert.Equal(h, "data", string(h.read("a")), "it can be opened again")
	}},
	{"an open file is not opened, removed or replaced", func(h *handle) {
		f := h.create("a", []byte("data"))
		_, err := h.fs.Open(ctx, "a")
		assert.ErrorIs(h, err, storage.ErrOpen, "open")
		assert.ErrorIs(h, h.fs.Remove(ctx, "a"), storage.ErrOpen, "remove")
		assert.ErrorIs(h, h.fs.Replace(ctx, "a", nil), storage.ErrOpen, "replace")
		require.NoError(h, f.Append([]byte("+")))
		assert.Equal(h, "data+", string(h.content(f)))
		require.NoError(h, f.Close())
		require.NoError(h, h.fs.Remove(ctx, "a"))
	}},
}
