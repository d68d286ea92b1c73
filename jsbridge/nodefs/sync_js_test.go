//go:build js && wasm

package nodefs_test

import (
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/jsbridge/nodefs"
)

// kernelJS puts a kernel in the place of Node's fdatasync that tells of a lost page once for each descriptor, in the order in which syncs
// end. A sync on the thread ends when release is called. The text is the body of a function.
const kernelJS = `
const fs = process.getBuiltinModule('node:fs'), { syncBuiltinESMExports } = process.getBuiltinModule('node:module');
const real = { fdatasync: fs.fdatasync, fdatasyncSync: fs.fdatasyncSync };
let lost = 0;
const told = new Map(), held = [];
const kernel = { now: 0, threads: 0 };
const result = (fd) => {
	const error = (told.get(fd) ?? 0) < lost ? Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }) : null;
	told.set(fd, lost);
	return error;
};
kernel.lose = () => { lost++; };
kernel.release = () => held.splice(0).forEach((end) => end());
fs.fdatasyncSync = (fd) => {
	kernel.now++;
	const error = result(fd);
	if (error) {
		throw error;
	}
};
fs.fdatasync = (fd, done) => {
	kernel.threads++;
	held.push(() => done(result(fd)));
};
syncBuiltinESMExports();
kernel.uninstall = () => {
	Object.assign(fs, real);
	syncBuiltinESMExports();
};
return kernel;`

func kernel(t *testing.T) js.Value {
	k := js.Global().Get("Function").New(kernelJS).Invoke()
	t.Cleanup(func() { k.Call("uninstall") })
	return k
}

// A page is lost while a sync is under way on the thread, and one is made in the call: neither says that all is durable, in whatever order
// they end, and none does ever after.
func TestALostPageFailsEachSyncThatCoversIt(t *testing.T) {
	for name, order := range map[string][2]string{"the thread's first": {"thread", "now"}, "the call's first": {"now", "thread"}} {
		t.Run(name, func(t *testing.T) {
			k := kernel(t)
			fs, err := nodefs.Open(ctx, t.TempDir())
			require.NoError(t, err)
			f, err := fs.Create(ctx, "log")
			require.NoError(t, err)
			require.NoError(t, f.Append([]byte("x")))
			results := map[string]chan error{"thread": make(chan error, 1), "now": make(chan error, 1)}
			f.Sync(false, func(err error) { results["thread"] <- err })
			second := make(chan error, 1)
			f.Sync(false, func(err error) { second <- err })
			assert.Equal(t, 1, k.Get("threads").Int(), "one at a time")
			k.Call("lose")
			for _, who := range order {
				if who == "now" {
					f.Sync(true, func(err error) { results["now"] <- err })
				} else {
					k.Call("release")
				}
			}
			for who, result := range results {
				require.ErrorContains(t, <-result, "EIO", who)
			}
			require.ErrorContains(t, <-second, "EIO", "it had been asked for before")
			made := k.Get("now").Int() + k.Get("threads").Int()
			for _, now := range []bool{true, false} {
				again := make(chan error, 1)
				f.Sync(now, func(err error) { again <- err })
				require.ErrorContains(t, <-again, "EIO", "a failed sync is the last")
			}
			assert.Equal(t, made, k.Get("now").Int()+k.Get("threads").Int(), "no other is made")
			require.NoError(t, fs.Close())
		})
	}
}

// What was asked for while a sync was under way is served by the next one, all of it at once.
func TestSyncsOfTheThreadFollowEachOther(t *testing.T) {
	k := kernel(t)
	fs, err := nodefs.Open(ctx, t.TempDir())
	require.NoError(t, err)
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	done := make(chan error, 3)
	for range 3 {
		require.NoError(t, f.Append([]byte("x")))
		f.Sync(false, func(err error) { done <- err })
	}
	k.Call("release")
	require.NoError(t, <-done)
	assert.Empty(t, done)
	for k.Get("threads").Int() < 2 {
		time.Sleep(time.Millisecond)
	}
	k.Call("release")
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	assert.Equal(t, 2, k.Get("threads").Int())
	require.NoError(t, fs.Close())
}

func TestSpaceIsTheDisks(t *testing.T) {
	fs, err := nodefs.Open(ctx, t.TempDir())
	require.NoError(t, err)
	used, free, limit, err := fs.(storage.Spacer).Space(ctx)
	require.NoError(t, err)
	if limit >= 0 {
		assert.Positive(t, used)
		assert.GreaterOrEqual(t, limit, used)
		assert.GreaterOrEqual(t, limit, free)
	}
	require.NoError(t, fs.Close())
	_, _, _, err = fs.(storage.Spacer).Space(ctx)
	require.ErrorIs(t, err, storage.ErrClosed)
}
