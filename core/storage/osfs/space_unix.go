//go:build linux || darwin || freebsd

package osfs

import (
	"context"
	"os"
	"syscall"
)

// Space is that of the file system; a user's own quota, where there is one, is not in it.
func (v *FS) Space(ctx context.Context) (used, free, limit int64, err error) {
	if err := ctx.Err(); err != nil {
		return -1, -1, -1, failed("space", "", -1, err)
	}
	var s syscall.Statfs_t
	for {
		if err = syscall.Statfs(v.dir, &s); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		return -1, -1, -1, failed("space", "", -1, err)
	}
	if s.Blocks == 0 { // a tmpfs without a limit
		return -1, -1, -1, nil
	}
	block, left := int64(s.Bsize), int64(s.Bavail)
	if os.Geteuid() == 0 { // what is kept for root is for us
		left = int64(s.Bfree)
	}
	return (int64(s.Blocks) - int64(s.Bfree)) * block, max(left, 0) * block, int64(s.Blocks) * block, nil
}
