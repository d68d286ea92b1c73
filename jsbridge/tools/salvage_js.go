//go:build js && wasm

package tools

import (
	"context"
	"errors"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
)

// mostRepairs is how often a log is repaired, as check-aof --fix does: behind one damage another may come to light.
const mostRepairs = 4

// repaired gives a copy of a store in memory, repaired as check-aof --fix would, and the point up to which it can be read. Of one that cannot be repaired
// that is the last block before the damage; else the present.
func repaired(ctx context.Context, from storage.FS, now int64, progress func(aof.Progress)) (storage.FS, aof.Point, error) {
	to, err := memfs.New().Open()
	if err == nil {
		err = copyFiles(ctx, from, to)
	}
	if err != nil {
		return nil, aof.Point{}, err
	}
	table := command.NewTable()
	for range mostRepairs {
		c, err := aof.CheckLog(ctx, to, aof.CheckOptions{Filename: logName, Now: now, SkipFunctions: true, Replay: core.LogReplay(table), Progress: progress})
		if err != nil {
			return nil, aof.Point{}, err
		}
		var at aof.Point
		repair := c.Repair
		switch {
		case repair != aof.FixNothing:
			_, err = c.Fix(ctx)
		case c.Verdict == aof.VerdictDamaged || c.Verdict == aof.VerdictUnreadable:
			at.LSN = max(c.LSN, 1)
		}
		if err = errors.Join(err, c.Close()); err != nil || repair == aof.FixNothing {
			return to, at, err
		}
	}
	return to, aof.Point{}, nil
}

// copyFiles copies what can be read. A file that cannot be read to its end is as long as it could be.
func copyFiles(ctx context.Context, from, to storage.FS) error {
	names, err := from.List(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := from.Open(ctx, name)
		if err != nil {
			continue // for the check it is not there
		}
		g, err := to.Create(ctx, name)
		if err == nil {
			err = copyFile(f, g)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to storage.File) error {
	b := make([]byte, 1<<20)
	for at := int64(0); at < from.Size(); {
		piece := b[:min(int64(len(b)), from.Size()-at)]
		n, err := from.ReadAt(piece, at)
		if n < len(piece) && err != nil {
			break
		}
		if err := to.Append(piece); err != nil {
			return err
		}
		at += int64(len(piece))
	}
	return to.Close()
}
