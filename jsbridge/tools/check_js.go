//go:build js && wasm

package tools

import (
	"encoding/base64"
	"strconv"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/jsbridge"
)

// check reads the log of a store and gives the document of check-aof --json, without what only a path or a repair has.
func (t tools) check(task *jsbridge.Task) (any, error) {
	fs, err := t.store(task)
	if err != nil {
		return nil, err
	}
	defer fs.Close() // it was only read
	table := command.NewTable()
	blocks := []any{}
	o := aof.CheckOptions{Filename: logName, Now: time.Now().UnixMilli(), Replay: core.LogReplay(table), Keys: core.LogKeys(table),
		SkipFunctions: flag(task.Args, "skipFunctions"), Progress: progress(task, "read")}
	if flag(task.Args, "blocks") {
		o.Block = func(b aof.BlockInfo) { blocks = append(blocks, blockOf(&b)) }
	}
	c, err := aof.CheckLog(task.Context(), fs, o)
	if err != nil {
		return nil, err
	}
	document := documentOf(c)
	if o.Block != nil {
		document["blocks"] = blocks
	}
	return document, c.Close()
}

// object has the names and forms of core/cmd/tabdis/check_json.go.
type object = map[string]any

func documentOf(c *aof.Check) object {
	d := object{"verdict": c.Verdict.String(), "lsn": float64(c.LSN), "naked": c.Naked, "slack": float64(c.Slack), "repair": c.Repair.String(),
		"manifest": nil, "end": nil, "problem": nil}
	if c.NoRepair != "" {
		d["no_repair"] = c.NoRepair
	}
	if m := c.Manifest; m != nil {
		d["manifest"] = object{"name": m.Name, "native": m.Native, "epoch": float64(m.Epoch), "sealed": float64(m.Sealed)}
	}
	if c.End.File != "" {
		d["end"] = object{"file": c.End.File, "offset": float64(c.End.Offset)}
	}
	if p := c.Problem; p != nil {
		problem := object{"file": p.File, "offset": float64(p.Offset), "reason": p.Reason, "around_offset": float64(p.From)}
		if p.LSN > 0 {
			problem["lsn"] = float64(p.LSN)
		}
		if len(p.Around) > 0 {
			problem["around"] = base64.StdEncoding.EncodeToString(p.Around)
		}
		d["problem"] = problem
	}
	files, salvage, keys := []any{}, []any{}, []any{}
	for _, f := range c.Files {
		files = append(files, object{"name": f.Name, "role": f.Role, "format": f.Format, "bytes": float64(f.Bytes), "read": float64(f.Read),
			"blocks": float64(f.Blocks), "units": float64(f.Units), "commands": float64(f.Commands), "keys": float64(f.Keys),
			"first_lsn": float64(f.First), "last_lsn": float64(f.Last), "state": f.State})
	}
	for _, s := range c.Salvage {
		salvage = append(salvage, object{"file": s.File, "offset": float64(s.Offset), "first_lsn": float64(s.First), "last_lsn": float64(s.Last),
			"blocks": float64(s.Blocks), "commands": float64(s.Commands)})
	}
	for _, key := range c.Loss.Keys {
		keys = append(keys, core.Quote([]byte(key)))
	}
	d["files"], d["salvage"] = files, salvage
	d["loss"] = object{"bytes": float64(c.Loss.Bytes), "blocks": float64(c.Loss.Blocks), "pieces": float64(c.Loss.Pieces), "commands": float64(c.Loss.Commands),
		"keys": keys, "key_count": float64(c.Loss.KeyCount), "more_keys": c.Loss.MoreKeys}
	return d
}

func blockOf(b *aof.BlockInfo) object {
	o := object{"file": b.File, "offset": float64(b.Offset), "length": float64(b.Length), "lsn": float64(b.LSN), "epoch": float64(b.Epoch),
		"sync": float64(b.Sync), "prev": hex16(b.Prev), "xxh64": hex16(b.Sum), "units": float64(b.Units), "commands": float64(b.Commands)}
	if b.Stamp > 0 {
		o["time"] = float64(b.Stamp)
	}
	return o
}

func hex16(v uint64) string {
	s := strconv.FormatUint(v, 16)
	return "0000000000000000"[len(s):] + s
}
