//go:build js && wasm

package opfs

import (
	"context"
	"errors"
	"time"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

// watchEvery is how often it is looked whether a store that is being written is still there.
const watchEvery = time.Second

var errEvicted = errors.New("the browser has removed the storage of this store")

// watch ends the store when a browser has taken its files away: the user cleared the site's data, or room was needed. Handles that are
// open then go on as if nothing had happened, on files that nobody will ever find again, so all writes would be acknowledged and
// lost. What was acknowledged before is lost as well, with the whole store; but from here on no write succeeds.
func (v *FS) watch() {
	var seen int64
	for {
		select {
		case <-v.ended:
			return
		case <-time.After(watchEvery):
		}
		if size := v.written(); size == seen {
			continue
		} else if !v.closed && v.gone() {
			v.lose()
			return
		} else {
			seen = size
		}
	}
}

// written changes when something is written.
func (v *FS) written() int64 {
	size := int64(v.super.tried)
	for _, f := range v.open {
		size += f.Size()
	}
	return size
}

// gone tells that the superblock cannot be found any more. Whatever else goes wrong with the question proves nothing.
func (v *FS) gone() bool {
	dir, err := findStore(context.Background(), v.name, false)
	if err == nil {
		_, err = host.AwaitCall(context.Background(), dir.value, "getFileHandle", superblockName)
	}
	return errors.Is(err, storage.ErrNotExist)
}

// Lost is storage.Losable's.
func (v *FS) Lost() error { return v.lost }

// lose makes everything fail that is done with the store's files. A handle that is closed meanwhile is none.
func (v *FS) lose() {
	v.lost = storage.Wrap("open", v.name, -1, errEvicted)
	for _, h := range append(append([]host.Handle(nil), v.pool...), v.handle) {
		if v.closed {
			return
		}
		_ = h.Lose(errEvicted.Error())
	}
}
