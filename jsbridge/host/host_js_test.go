//go:build js && wasm

package host_test

import (
	"context"
	"errors"
	"io"
	"syscall/js"
	"testing"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

// fake makes a file in JavaScript: bytes in memory, and whatever its state says goes wrong.
const fake = `
	let bytes = new Uint8Array(0);
	const file = {
		fail: '', count: undefined, flushes: 0, later: [],
		check() {
			if (this.fail !== '') {
				throw Object.assign(new DOMException('as the test wants', this.fail));
			}
		},
		write(p, { at }) {
			this.check();
			const n = this.count === undefined ? p.length : Math.min(p.length, this.count);
			if (at + n > bytes.length) {
				const longer = new Uint8Array(at + n);
				longer.set(bytes);
				bytes = longer;
			}
			bytes.set(p.subarray(0, n), at);
			return this.count ?? n;
		},
		read(p, { at }) {
			this.check();
			const part = bytes.subarray(at, at + p.length);
			p.set(part);
			return part.length;
		},
		flush() { this.check(); this.flushes++; },
		truncate(n) { this.check(); if (!this.stuck) { bytes = bytes.slice(0, n); } },
		getSize() { return bytes.length; },
		close() { this.closed = true; },
	};
	return file;`

func newFake(t *testing.T) (js.Value, *host.File) {
	t.Helper()
	value := js.Global().Get("Function").New(fake).Invoke()
	h, err := host.Register(safejs.Safe(value), nil)
	require.NoError(t, err)
	return value, host.NewFile("log", h, 0, h.Close)
}

func TestAppendAndRead(t *testing.T) {
	value, f := newFake(t)
	require.NoError(t, f.Append([]byte("hello ")))
	require.NoError(t, f.Append([]byte("world")))
	assert.EqualValues(t, 11, f.Size())
	got := make([]byte, 20)
	n, err := f.ReadAt(got, 4)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, "o world", string(got[:n]))
	require.NoError(t, f.Close())
	assert.True(t, value.Get("closed").Bool())
}

func TestMemoryMayGrowBetweenCalls(t *testing.T) {
	_, f := newFake(t)
	var keep [][]byte
	for i := range 8 {
		keep = append(keep, make([]byte, 8<<20))
		require.NoError(t, f.Append([]byte{byte(i)}))
	}
	got := make([]byte, len(keep))
	_, err := f.ReadAt(got, 0)
	require.NoError(t, err)
	assert.Equal(t, []byte{0, 1, 2, 3, 4, 5, 6, 7}, got)
}

func TestAStrangeCountIsAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		count float64
		quota bool
	}{
		"short":                       {count: 3},
		"nothing":                     {count: 0},
		"Chromium's no space":         {count: 4294967288, quota: true},
		"Chromium's no space, signed": {count: -8, quota: true},
		"Chromium's I/O error":        {count: 4294967280},
	} {
		t.Run(name, func(t *testing.T) {
			value, f := newFake(t)
			require.NoError(t, f.Append([]byte("good")))
			value.Set("count", c.count)
			err := f.Append([]byte("hello"))
			require.Error(t, err)
			assert.Equal(t, c.quota, errors.Is(err, storage.ErrQuota), "%v", err)
			value.Set("count", js.Undefined())
			require.Error(t, f.Append([]byte("more")), "it sticks")
			f.Sync(true, func(err error) { require.Error(t, err) })
			assert.EqualValues(t, 4, f.Size())
			require.NoError(t, f.TruncateNow(4))
			require.NoError(t, f.Append([]byte("!")))
			got := make([]byte, 5)
			_, err = f.ReadAt(got, 0)
			require.NoError(t, err)
			assert.Equal(t, "good!", string(got))
		})
	}
}

func TestExceptionsBecomeStorageErrorsAndKeepTheirNames(t *testing.T) {
	for name, want := range map[string]error{
		"QuotaExceededError":         storage.ErrQuota,
		"NoModificationAllowedError": nil,
		"NotFoundError":              nil,
		"NotReadableError":           nil,
	} {
		t.Run(name, func(t *testing.T) {
			value, f := newFake(t)
			require.NoError(t, f.Append([]byte("x")))
			value.Set("fail", name)
			_, readErr := f.ReadAt(make([]byte, 1), 0)
			var syncErr error
			f.Sync(true, func(err error) { syncErr = err })
			for op, err := range map[string]error{
				"append": f.Append([]byte("x")), "truncate": f.TruncateNow(0), "read": readErr, "sync": syncErr,
				"harden": f.Harden(context.Background(), 0),
			} {
				require.Error(t, err, op)
				for _, not := range []error{io.EOF, storage.ErrNotExist, storage.ErrLocked} {
					assert.NotErrorIs(t, err, not, "%s: the file is open", op)
				}
				assert.Contains(t, err.Error(), name+": as the test wants", op)
				if want != nil {
					assert.ErrorIs(t, err, want, op)
				}
			}
		})
	}
}

func TestATruncateWithoutEffectIsAFailure(t *testing.T) {
	value, f := newFake(t)
	require.NoError(t, f.Append([]byte("data")))
	value.Set("stuck", true)
	require.Error(t, f.TruncateNow(2))
	assert.EqualValues(t, 4, f.Size())
}

func TestASyncOffTheTurnEndsLater(t *testing.T) {
	value, f := newFake(t)
	var done js.Value
	later := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done = args[0]
		return nil
	})
	defer later.Release()
	value.Set("flushLater", later)
	var results []error
	f.Sync(false, func(err error) { results = append(results, err) })
	assert.Empty(t, results)
	assert.Zero(t, value.Get("flushes").Int())
	done.Invoke(js.Null())
	assert.Equal(t, []error{nil}, results)

	f.Sync(false, func(err error) { results = append(results, err) })
	done.Invoke(js.Global().Get("DOMException").New("full", "QuotaExceededError"))
	require.Len(t, results, 2)
	assert.ErrorIs(t, results[1], storage.ErrQuota)

	f.Sync(true, func(err error) { results = append(results, err) })
	require.Len(t, results, 3, "a reply waits: in the call")
	assert.Equal(t, 1, value.Get("flushes").Int())

	f.Sync(false, func(err error) { results = append(results, err) })
	require.NoError(t, f.Close())
	require.Len(t, results, 4)
	assert.ErrorIs(t, results[3], storage.ErrClosed)
	done.Invoke(js.Null())
	assert.Len(t, results, 4, "done runs once")
}

func TestASilentSyncerIsReplacedByAFlush(t *testing.T) {
	object := js.Global().Get("tabdisHost")
	patience := object.Get("patience")
	object.Set("patience", 1)
	defer object.Set("patience", patience)
	value, f := newFake(t)
	value.Set("flushLater", js.Global().Get("Function").New())
	result := make(chan error, 2)
	f.Sync(false, func(err error) { result <- err })
	require.NoError(t, <-result)
	assert.Equal(t, 1, value.Get("flushes").Int())

	value.Set("fail", "NotReadableError")
	f.Sync(false, func(err error) { result <- err })
	require.ErrorContains(t, <-result, "NotReadableError")
	assert.Empty(t, result)
}

func TestAnUnknownHandleIsClosed(t *testing.T) {
	require.ErrorContains(t, host.Handle(1<<30).Flush(), "InvalidStateError: closed")
}

func TestAwait(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	promise := func(body string) safejs.Value {
		return safejs.Safe(js.Global().Get("Function").New("return " + body).Invoke())
	}
	v, err := host.Await(ctx, promise("Promise.resolve(7)"))
	require.NoError(t, err)
	assert.Equal(t, 7, safejs.Unsafe(v).Int())
	_, err = host.Await(ctx, promise("Promise.reject(Object.assign(new Error('no'), {code: 'ENOSPC'}))"))
	require.ErrorIs(t, err, storage.ErrQuota)
	assert.EqualError(t, err, "ENOSPC: no")
	cancel()
	_, err = host.Await(ctx, promise("new Promise(() => {})"))
	require.ErrorIs(t, err, context.Canceled)
}
