package storagetest

import (
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

var names = []test{
	{"a new store is empty", func(h *handle) {
		assert.Empty(h, h.list())
		h.reopen()
		assert.Empty(h, h.list())
	}},
	{"a second opener is refused while the first is there", func(h *handle) {
		h.create("a", []byte("first"))
		for range 2 {
			second, err := h.store.Open()
			require.ErrorIs(h, err, storage.ErrLocked)
			require.Nil(h, second)
		}
		assert.Equal(h, []string{"a"}, h.list())
		h.reopen()
		assert.Equal(h, "first", string(h.read("a")))
	}},
	{"list is sorted", func(h *handle) {
		for _, name := range []string{"b.10", "b.9", "a", "B", "a-1", "a_1"} {
			require.NoError(h, h.create(name, nil).Close())
		}
		want := []string{"B", "a", "a-1", "a_1", "b.10", "b.9"}
		assert.Equal(h, want, h.list())
		h.reopen()
		assert.Equal(h, want, h.list())
	}},
	{"open of a missing file", func(h *handle) {
		_, err := h.fs.Open(ctx, "missing")
		require.ErrorIs(h, err, storage.ErrNotExist)
		assert.Contains(h, err.Error(), "missing", "an error names the file")
		assert.Empty(h, h.list(), "open does not create")
	}},
	{"create of an existing file", func(h *handle) {
		f := h.create("a", []byte("data"))
		_, err := h.fs.Create(ctx, "a")
		require.ErrorIs(h, err, storage.ErrExist, "open")
		require.NoError(h, f.Close())
		_, err = h.fs.Create(ctx, "a")
		require.ErrorIs(h, err, storage.ErrExist, "closed")
		assert.Equal(h, "data", string(h.read("a")))
		h.reopen()
		_, err = h.fs.Create(ctx, "a")
		require.ErrorIs(h, err, storage.ErrExist, "re-opened")
		assert.Equal(h, "data", string(h.read("a")))
	}},
	{"remove", func(h *handle) {
		for _, name := range []string{"a", "b", "c"} {
			require.NoError(h, h.create(name, []byte(name)).Close())
		}
		require.NoError(h, h.fs.Remove(ctx, "b"))
		assert.Equal(h, []string{"a", "c"}, h.list())
		require.ErrorIs(h, h.fs.Remove(ctx, "b"), storage.ErrNotExist)
		_, err := h.fs.Open(ctx, "b")
		require.ErrorIs(h, err, storage.ErrNotExist)
		h.reopen()
		assert.Equal(h, []string{"a", "c"}, h.list())
		assert.Equal(h, "c", string(h.read("c")))
	}},
	{"a name used again begins empty", func(h *handle) {
		f := h.create("a", pattern(1, 100_000))
		require.NoError(h, h.sync(f, true))
		require.NoError(h, f.Close())
		require.NoError(h, h.fs.Remove(ctx, "a"))
		f = h.create("a", []byte("new"))
		assert.EqualValues(h, 3, f.Size())
		require.NoError(h, h.sync(f, true))
		h.reopen()
		assert.Equal(h, "new", string(h.read("a")))
	}},
	{"invalid names are refused", func(h *handle) {
		for _, name := range []string{"", ".", "..", ".hidden", "a/b", "../a", `a\b`, "a b", "a\x00b", "ä", strings.Repeat("x", storage.MaxName+1)} {
			_, err := h.fs.Create(ctx, name)
			assert.ErrorIs(h, err, storage.ErrName, "create %q", name)
			_, err = h.fs.Open(ctx, name)
			assert.ErrorIs(h, err, storage.ErrName, "open %q", name)
			assert.ErrorIs(h, h.fs.Remove(ctx, name), storage.ErrName, "remove %q", name)
			assert.ErrorIs(h, h.fs.Replace(ctx, name, nil), storage.ErrName, "replace %q", name)
		}
		assert.Empty(h, h.list())
	}},
	{"the longest name", func(h *handle) {
		name := strings.Repeat("x", storage.MaxName)
		h.create(name, []byte("data"))
		require.NoError(h, h.fs.Replace(ctx, name[1:], []byte("content")))
		h.reopen()
		assert.Equal(h, "data", string(h.read(name)))
		assert.Equal(h, "content", string(h.read(name[1:])))
	}},
	{"a closed store", func(h *handle) {
		fs := h.fs
		f := h.create("a", []byte("data"))
		require.NoError(h, h.sync(f, true))
		h.close()
		_, err := fs.Create(ctx, "b")
		assert.ErrorIs(h, err, storage.ErrClosed, "create")
		_, err = fs.Open(ctx, "a")
		assert.ErrorIs(h, err, storage.ErrClosed, "open")
		_, err = fs.List(ctx)
		assert.ErrorIs(h, err, storage.ErrClosed, "list")
		assert.ErrorIs(h, fs.Remove(ctx, "a"), storage.ErrClosed, "remove")
		assert.ErrorIs(h, fs.Replace(ctx, "a", nil), storage.ErrClosed, "replace")
		assert.ErrorIs(h, f.Append([]byte("more")), storage.ErrClosed, "append: the store closes its files")
		h.open()
		assert.Equal(h, "data", string(h.read("a")))
		assert.Equal(h, []string{"a"}, h.list())
	}},
	{"many files at once", func(h *handle) {
		open := []storage.File{}
		for i := range 12 {
			open = append(open, h.create("f"+string(rune('a'+i)), nil))
		}
		for round := range 5 {
			for i, f := range open {
				require.NoError(h, f.Append(pattern(i*10+round, 100)))
			}
		}
		for i, f := range open {
			require.NoError(h, h.sync(f, i%2 == 0))
		}
		h.reopen()
		for i := range open {
			var want []byte
			for round := range 5 {
				want = append(want, pattern(i*10+round, 100)...)
			}
			h.same(want, h.read("f"+string(rune('a'+i))), "file")
		}
	}},
}
