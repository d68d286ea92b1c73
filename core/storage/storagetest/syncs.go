package storagetest

import (
	"sync/atomic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

var syncs = []test{
	{"each sync is done once", func(h *handle) {
		const n = 20
		f := h.create("a", nil)
		var counts [n]atomic.Int32
		results := make(chan error, 2*n)
		for i := range n {
			require.NoError(h, f.Append(pattern(i, 500)))
			f.Sync(i%3 == 0, func(err error) {
				counts[i].Add(1)
				results <- err
			})
		}
		for range n {
			require.NoError(h, <-results)
		}
		require.NoError(h, h.sync(f, true))
		h.close()
		for i := range counts {
			assert.EqualValues(h, 1, counts[i].Load(), "sync %d", i)
		}
		h.open()
		assert.EqualValues(h, n*500, len(h.read("a")))
	}},
	{"sync with nothing to do", func(h *handle) {
		f := h.create("a", nil)
		require.NoError(h, h.sync(f, true))
		require.NoError(h, h.sync(f, false))
		require.NoError(h, f.Append([]byte("x")))
		for i := range 4 {
			require.NoError(h, h.sync(f, i%2 == 0))
		}
		h.reopen()
		f = h.openFile("a")
		require.NoError(h, h.sync(f, true), "a file that was only opened")
		require.NoError(h, h.sync(f, false))
	}},
	{"appends go on while a sync runs", func(h *handle) {
		f := h.create("a", pattern(0, 200_000))
		results := make(chan error, 16)
		want := pattern(0, 200_000)
		for i := range 8 {
			f.Sync(false, func(err error) { results <- err })
			p := pattern(i+1, 1000)
			require.NoError(h, f.Append(p))
			want = append(want, p...)
			require.EqualValues(h, len(want), f.Size())
		}
		for range 8 {
			require.NoError(h, <-results)
		}
		h.same(want, h.content(f), "the file")
		require.NoError(h, h.sync(f, true))
		h.reopen()
		h.same(want, h.read("a"), "the file")
	}},
	{"a sync that runs while its file closes is settled", func(h *handle) {
		f := h.create("a", pattern(1, 100_000))
		result := make(chan error, 2)
		f.Sync(false, func(err error) { result <- err })
		require.NoError(h, f.Close())
		if err := <-result; err != nil {
			assert.ErrorIs(h, err, storage.ErrClosed)
		}
		h.reopen()
		h.same(pattern(1, 100_000), h.read("a"), "the file")
		assert.Empty(h, result, "done ran once")
	}},
	{"written tells, where there is a late writer", func(h *handle) {
		f := h.create("a", nil)
		late, ok := f.(storage.LateWriter)
		for i := range 4 {
			require.NoError(h, f.Append(pattern(i, 3000)))
			if ok {
				result := make(chan error, 2)
				late.Written(func(err error) { result <- err })
				require.NoError(h, <-result)
				assert.Empty(h, result)
			}
		}
		require.NoError(h, h.sync(f, true))
		h.reopen()
		assert.EqualValues(h, 12_000, len(h.read("a")))
	}},
	{"harden changes nothing", func(h *handle) {
		want := pattern(1, 300_000)
		require.NoError(h, h.create("a", want).Close())
		for _, from := range []int64{0, 1, 4096, 150_001, 299_999, 300_000} {
			h.reopen()
			f := h.openFile("a")
			require.NoError(h, f.Harden(ctx, from), "from %d", from)
			require.EqualValues(h, len(want), f.Size())
			require.NoError(h, f.Append([]byte{byte(from)}))
			want = append(want, byte(from))
			require.NoError(h, h.sync(f, true))
			h.same(want, h.content(f), "the file")
		}
		f := h.create("empty", nil)
		require.NoError(h, f.Harden(ctx, 0))
		assert.Error(h, f.Harden(ctx, 1), "past the end")
		h.reopen()
		h.same(want, h.read("a"), "the file")
		assert.Empty(h, h.read("empty"))
	}},
	{"harden after truncate and append", func(h *handle) {
		f := h.create("a", pattern(1, 50_000))
		require.NoError(h, h.sync(f, true))
		require.NoError(h, f.Truncate(ctx, 30_000))
		require.NoError(h, f.Append([]byte("tail")))
		require.NoError(h, f.Harden(ctx, 29_000))
		h.reopen()
		h.same(append(pattern(1, 50_000)[:30_000], "tail"...), h.read("a"), "the file")
	}},
}

var replaces = []test{
	{"replace makes and replaces", func(h *handle) {
		for i, content := range []string{"", "one", "a longer second content", "3", ""} {
			require.NoError(h, h.fs.Replace(ctx, "manifest", []byte(content)))
			assert.Equal(h, []string{"manifest"}, h.list())
			assert.Equal(h, content, string(h.read("manifest")), "content %d", i)
			h.reopen()
			assert.Equal(h, []string{"manifest"}, h.list())
			assert.Equal(h, content, string(h.read("manifest")), "content %d, re-opened", i)
		}
	}},
	{"replace does not keep the caller's buffer", func(h *handle) {
		content := []byte("content")
		require.NoError(h, h.fs.Replace(ctx, "manifest", content))
		copy(content, "xxxxxxx")
		assert.Equal(h, "content", string(h.read("manifest")))
	}},
	{"many replaces between appends", func(h *handle) {
		f := h.create("a", nil)
		var content []byte
		for i := range 12 {
			content = pattern(i, 50*i)
			require.NoError(h, h.fs.Replace(ctx, "manifest", content))
			require.NoError(h, f.Append([]byte("x")))
		}
		require.NoError(h, h.sync(f, true))
		h.reopen()
		h.same(content, h.read("manifest"), "the manifest")
		assert.Equal(h, "xxxxxxxxxxxx", string(h.read("a")))
	}},
	{"two replaced files", func(h *handle) {
		require.NoError(h, h.fs.Replace(ctx, "one", []byte("1")))
		require.NoError(h, h.fs.Replace(ctx, "two", []byte("2")))
		require.NoError(h, h.fs.Replace(ctx, "one", []byte("1 again")))
		h.reopen()
		assert.Equal(h, []string{"one", "two"}, h.list())
		assert.Equal(h, "1 again", string(h.read("one")))
		assert.Equal(h, "2", string(h.read("two")))
	}},
	{"a replaced file is removed like any other", func(h *handle) {
		require.NoError(h, h.fs.Replace(ctx, "manifest", []byte("content")))
		require.NoError(h, h.fs.Remove(ctx, "manifest"))
		assert.Empty(h, h.list())
		_, err := h.fs.Open(ctx, "manifest")
		require.ErrorIs(h, err, storage.ErrNotExist)
		h.reopen()
		assert.Empty(h, h.list())
		require.NoError(h, h.create("manifest", []byte("an ordinary file")).Close())
		assert.Equal(h, "an ordinary file", string(h.read("manifest")))
	}},
	{"replace of an appended file", func(h *handle) {
		require.NoError(h, h.create("a", pattern(1, 9000)).Close())
		require.NoError(h, h.fs.Replace(ctx, "a", []byte("short")))
		assert.Equal(h, "short", string(h.read("a")))
		h.reopen()
		assert.Equal(h, "short", string(h.read("a")))
	}},
	{"create of a replaced file's name", func(h *handle) {
		require.NoError(h, h.fs.Replace(ctx, "manifest", []byte("content")))
		_, err := h.fs.Create(ctx, "manifest")
		require.ErrorIs(h, err, storage.ErrExist)
		assert.Equal(h, "content", string(h.read("manifest")))
	}},
}
