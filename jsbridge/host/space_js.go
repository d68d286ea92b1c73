//go:build js && wasm

package host

import (
	"context"

	"github.com/hack-pad/safejs"
)

// invented is what a Chromium that hides how large its disk is adds to what is used, or less on a small disk, and calls the quota.
const invented = 10 << 30

// Space is what the browser tells of this origin's quota, which all its stores share; it is rounded, and may not be what a write meets.
func Space(ctx context.Context) (used, free, limit int64, err error) {
	used, free, limit = -1, -1, -1
	value := safejs.Global()
	for _, name := range []string{"navigator", "storage"} {
		if value, err = value.Get(name); err != nil || value.IsUndefined() {
			return used, free, limit, err
		}
	}
	estimate, err := AwaitCall(ctx, value, "estimate")
	if err != nil {
		return used, free, limit, err
	}
	if used, err = number(estimate, "usage"); err == nil {
		limit, err = number(estimate, "quota")
	}
	if err != nil {
		return -1, -1, -1, err
	}
	free = max(0, limit-used)
	if free > 0 && free <= invented && free%(1<<30) == 0 {
		return used, -1, -1, nil
	}
	return used, free, limit, nil
}

func number(v safejs.Value, name string) (int64, error) {
	n, err := v.Get(name)
	if err != nil {
		return -1, err
	}
	f, err := n.Float()
	return int64(f), err
}
