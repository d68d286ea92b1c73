//go:build !js

package main

import (
	"encoding/json"
	"fmt"

	"tabdis/core"
	"tabdis/core/aof"
)

// checkDocument is what check-aof --json prints. Fields are only ever added. Keys are in redis-cli's quoting, since they may hold any bytes.
type checkDocument struct {
	Path     string        `json:"path"`
	Verdict  string        `json:"verdict"`         // clean, torn, damaged, unreadable
	Exit     int           `json:"exit"`            // the exit code
	Error    string        `json:"error,omitempty"` // why nothing could be read at all
	Manifest *manifestJSON `json:"manifest"`        // null: none, or not readable
	Files    []fileJSON    `json:"files"`
	End      *placeJSON    `json:"end"`     // where the log ends
	LSN      uint64        `json:"lsn"`     // of the last block
	Naked    bool          `json:"naked"`   // commands without blocks were read, as a Redis writes them
	Slack    int64         `json:"slack"`   // bytes that belong to nothing
	Problem  *problemJSON  `json:"problem"` // the first one
	Loss     lossJSON      `json:"loss"`    // what a repair would cut
	Salvage  []salvageJSON `json:"salvage"` // blocks behind the end that are valid by themselves
	Repair   string        `json:"repair"`  // what --fix would do: nothing, slack, tail, damage, manifest
	NoRepair string        `json:"no_repair,omitempty"`
	Repaired []repairDone  `json:"repaired"`         // what --fix did; the rest of the document is from after it
	Blocks   []blockJSON   `json:"blocks,omitempty"` // with --verbose
}

type manifestJSON struct {
	Name   string `json:"name"`
	Native bool   `json:"native"` // written by tabdis
	Epoch  uint64 `json:"epoch"`
	Sealed uint64 `json:"sealed"` // lsn; 0: not sealed
}

type fileJSON struct {
	Name     string `json:"name"`
	Role     string `json:"role"`   // base, incr, history, stray, set aside, ballast
	Format   string `json:"format"` // blocks, commands, rdb; "": nothing was read
	Bytes    int64  `json:"bytes"`  // -1: it is not there
	Read     int64  `json:"read"`   // bytes that belong to the log
	Blocks   int64  `json:"blocks"`
	Units    int64  `json:"units"`
	Commands int64  `json:"commands"`
	Keys     int64  `json:"keys"` // of RDB data
	First    uint64 `json:"first_lsn"`
	Last     uint64 `json:"last_lsn"`
	State    string `json:"state"`
}

type placeJSON struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
}

type problemJSON struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"` // -1: the file as a whole
	LSN    uint64 `json:"lsn,omitempty"`
	Reason string `json:"reason"`
	Around []byte `json:"around,omitempty"` // the bytes about it, base64
	From   int64  `json:"around_offset"`
}

type lossJSON struct {
	Bytes    int64    `json:"bytes"`
	Blocks   int64    `json:"blocks"`
	Pieces   int64    `json:"pieces"` // that are no whole block
	Commands int64    `json:"commands"`
	Keys     []string `json:"keys"` // the first few
	KeyCount int64    `json:"key_count"`
	MoreKeys bool     `json:"more_keys"` // there are more than key_count
}

type salvageJSON struct {
	File     string `json:"file"`
	Offset   int64  `json:"offset"`
	First    uint64 `json:"first_lsn"`
	Last     uint64 `json:"last_lsn"`
	Blocks   int64  `json:"blocks"`
	Commands int64  `json:"commands"`
}

// repairDone is one repair that was made.
type repairDone struct {
	Repair  string   `json:"repair"`
	Verdict string   `json:"verdict"` // before it
	Dropped lossJSON `json:"dropped"`
	Kept    []string `json:"kept"` // files that keep what was cut
}

type blockJSON struct {
	File     string `json:"file"`
	Offset   int64  `json:"offset"`
	Length   int64  `json:"length"` // with its header
	LSN      uint64 `json:"lsn"`
	Epoch    uint64 `json:"epoch"`
	Sync     uint64 `json:"sync"`
	Prev     string `json:"prev"`
	Sum      string `json:"xxh64"`
	Units    int64  `json:"units"`
	Commands int64  `json:"commands"`
	Time     int64  `json:"time,omitempty"`     // Unix s
	Requests int64  `json:"requests,omitempty"` // of clients, that it names
}

func (k *checker) document(c *aof.Check, at location, code int) checkDocument {
	d := checkDocument{Path: at.String(), Verdict: c.Verdict.String(), Exit: code, LSN: c.LSN, Naked: c.Naked, Slack: c.Slack, Loss: lossOf(c),
		Files: []fileJSON{}, Salvage: []salvageJSON{}, Repair: c.Repair.String(), NoRepair: c.NoRepair, Repaired: k.repairs}
	if d.Repaired == nil {
		d.Repaired = []repairDone{}
	}
	if m := c.Manifest; m != nil {
		d.Manifest = &manifestJSON{m.Name, m.Native, m.Epoch, m.Sealed}
	}
	if c.End.File != "" {
		d.End = &placeJSON{c.End.File, c.End.Offset}
	}
	if p := c.Problem; p != nil {
		d.Problem = &problemJSON{p.File, p.Offset, p.LSN, p.Reason, p.Around, p.From}
	}
	for _, f := range c.Files {
		d.Files = append(d.Files, fileJSON{f.Name, f.Role, f.Format, f.Bytes, f.Read, f.Blocks, f.Units, f.Commands, f.Keys, f.First, f.Last, f.State})
	}
	for _, s := range c.Salvage {
		d.Salvage = append(d.Salvage, salvageJSON{s.File, s.Offset, s.First, s.Last, s.Blocks, s.Commands})
	}
	for _, b := range k.blocks {
		d.Blocks = append(d.Blocks, blockJSON{b.File, b.Offset, b.Length, b.LSN, b.Epoch, b.Sync, hex16(b.Prev), hex16(b.Sum), b.Units, b.Commands, b.Stamp, b.Requests})
	}
	return d
}

func hex16(v uint64) string { return fmt.Sprintf("%016x", v) }

func lossOf(c *aof.Check) lossJSON {
	l := lossJSON{c.Loss.Bytes, c.Loss.Blocks, c.Loss.Pieces, c.Loss.Commands, []string{}, c.Loss.KeyCount, c.Loss.MoreKeys}
	for _, key := range c.Loss.Keys {
		l.Keys = append(l.Keys, core.Quote([]byte(key)))
	}
	return l
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (k *checker) printJSON(c *aof.Check, at location, code int) int {
	return k.encode(k.document(c, at, code))
}

func (k *checker) printFailure(text string) {
	k.encode(checkDocument{Path: k.path, Verdict: aof.VerdictUnreadable.String(), Exit: exitUnreadable, Error: text, Files: []fileJSON{},
		Salvage: []salvageJSON{}, Repair: aof.FixNothing.String(), Repaired: append([]repairDone{}, k.repairs...), Loss: lossJSON{Keys: []string{}}})
}

func (k *checker) encode(d checkDocument) int {
	e := json.NewEncoder(k.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if e.Encode(d) != nil { // the writer knows why
		return exitUnreadable
	}
	return d.Exit
}
