//go:build !js

package main

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"tabdis/core"
	"tabdis/core/aof"
)

// text prints a line for each command.
func (p *printer) text(u *aof.Unit) {
	for _, q := range u.Requests {
		p.out.WriteString("# request " + hex16(q.Client) + "=" + strconv.FormatUint(q.Number, 10))
		switch {
		case q.Reply == nil:
		case p.o.noValues:
			p.out.WriteString(" <" + strconv.Itoa(len(q.Reply)) + " bytes>")
		default:
			p.out.WriteString(" " + core.Quote(q.Reply))
		}
		p.out.WriteByte('\n')
	}
	if u.Multi {
		p.prefix(u, -1, u.DB)
		p.out.WriteString("MULTI\n")
	}
	db := u.DB
	for i := range u.Commands {
		c := &u.Commands[i]
		db = c.DB
		if isSelect(c.Args) {
			continue // the database stands in each line
		}
		p.prefix(u, c.Offset, db)
		p.words(c.Args)
		p.out.WriteByte('\n')
	}
	if u.Multi {
		p.prefix(u, -1, db)
		p.out.WriteString("EXEC\n")
	}
}

// prefix is what stands before a command: its place, time, database.
func (p *printer) prefix(u *aof.Unit, offset int64, db int) {
	switch {
	case u.LSN > 0:
		p.out.WriteString(strconv.FormatUint(u.LSN, 10))
	case u.RDB:
		p.out.WriteString(u.File)
	case offset < 0 && len(u.Commands) > 0:
		p.out.WriteString(u.File + ":" + strconv.FormatInt(u.Commands[0].Offset, 10))
	default:
		p.out.WriteString(u.File + ":" + strconv.FormatInt(offset, 10))
	}
	if u.Time > 0 {
		p.out.WriteString(" " + stampText(u.Time))
	}
	if db < 0 {
		p.out.WriteString(" [?] ")
	} else {
		p.out.WriteString(" [" + strconv.Itoa(db) + "] ")
	}
}

func stampText(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

// words prints a command's words as they are wanted.
func (p *printer) words(args [][]byte) {
	shown := p.shown(args)
	for i, word := range args {
		if i > 0 {
			p.out.WriteByte(' ')
		}
		switch {
		case !shown[i]:
			p.out.WriteString("<" + strconv.Itoa(len(word)) + " bytes>")
		case i > 0 && p.o.maxLen >= 0 && len(word) > p.o.maxLen:
			p.out.WriteString(core.Quote(word[:p.o.maxLen]) + "<and " + strconv.Itoa(len(word)-p.o.maxLen) + " bytes>")
		default:
			p.out.WriteString(core.Quote(word))
		}
	}
}

// shown tells which words are printed: all, or with --no-values the command and its keys.
func (p *printer) shown(args [][]byte) []bool {
	shown := make([]bool, len(args))
	for i := range shown {
		shown[i] = i == 0 || !p.o.noValues
	}
	cmd, failed := p.table.Lookup(args)
	if failed != "" || !p.o.noValues {
		return shown
	}
	p.pos, _ = cmd.KeyPositions(args, p.pos[:0])
	for _, i := range p.pos {
		shown[i] = true
	}
	if len(cmd.Name) > 0 && p.table.Named(args[0]) != cmd && len(args) > 1 {
		shown[1] = true // a subcommand
	}
	return shown
}

// unitJSON is a line of --json.
type unitJSON struct {
	File     string        `json:"file"`
	LSN      uint64        `json:"lsn,omitempty"`  // none: it stands in no block
	Time     int64         `json:"time,omitempty"` // Unix s
	Multi    bool          `json:"multi"`
	RDB      bool          `json:"rdb,omitempty"`      // it would make what RDB data hold
	Behind   bool          `json:"behind,omitempty"`   // it stands behind the end of the log
	Requests []requestJSON `json:"requests,omitempty"` // that its block names, with the first unit of it
	Commands []commandJSON `json:"commands"`
}

type requestJSON struct {
	Client string `json:"client"`
	Number uint64 `json:"number"`
	Reply  any    `json:"reply,omitempty"` // RESP, as a word of a command; none: it is not kept
}

type commandJSON struct {
	Offset int64 `json:"offset"` // in the file; of RDB data: 0
	DB     int   `json:"db"`     // -1: not known
	Args   []any `json:"args"`   // a string; {"base64": …} where it is no text, {"bytes": n} where it is left out or behind its part
}

func (p *printer) json(u *aof.Unit) {
	line := unitJSON{File: u.File, LSN: u.LSN, Time: u.Time, Multi: u.Multi, RDB: u.RDB, Behind: u.Behind}
	for _, q := range u.Requests {
		r := requestJSON{Client: hex16(q.Client), Number: q.Number}
		if q.Reply != nil {
			r.Reply = p.wordJSON(q.Reply, !p.o.noValues, false)
		}
		line.Requests = append(line.Requests, r)
	}
	for i := range u.Commands {
		c := &u.Commands[i]
		if isSelect(c.Args) {
			continue
		}
		out := commandJSON{Offset: c.Offset, DB: c.DB}
		if u.RDB {
			out.Offset = 0
		}
		shown := p.shown(c.Args)
		for k, word := range c.Args {
			out.Args = append(out.Args, p.wordJSON(word, shown[k], k == 0))
		}
		line.Commands = append(line.Commands, out)
	}
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	p.err = e.Encode(line)
}

func (p *printer) wordJSON(word []byte, shown, name bool) any {
	type part struct {
		Text   string `json:"text,omitempty"`
		Base64 []byte `json:"base64,omitempty"`
		Bytes  int    `json:"bytes,omitempty"`
	}
	size := len(word)
	switch {
	case !shown:
		return part{Bytes: size}
	case !name && p.o.maxLen >= 0 && size > p.o.maxLen:
		if word = word[:p.o.maxLen]; utf8.Valid(word) {
			return part{Text: string(word), Bytes: size}
		}
		return part{Base64: word, Bytes: size}
	case utf8.Valid(word):
		return string(word)
	}
	return part{Base64: word}
}

// raw prints RESP: each unit whole, with a SELECT where the database changes.
func (p *printer) raw(u *aof.Unit) {
	db := u.DB
	if len(u.Commands) > 0 && isSelect(u.Commands[0].Args) {
		db = u.Commands[0].DB
	}
	if db >= 0 && db != p.db {
		p.resp([]byte("SELECT"), strconv.AppendInt(nil, int64(db), 10))
		p.db = db
	}
	if u.Multi {
		p.resp([]byte("MULTI"))
	}
	for i := range u.Commands {
		c := &u.Commands[i]
		if isSelect(c.Args) && c.DB == p.db {
			continue
		}
		p.db = c.DB
		p.resp(c.Args...)
	}
	if u.Multi {
		p.resp([]byte("EXEC"))
	}
}

func (p *printer) resp(words ...[]byte) {
	p.out.WriteString("*" + strconv.Itoa(len(words)) + "\r\n")
	for _, word := range words {
		p.out.WriteString("$" + strconv.Itoa(len(word)) + "\r\n")
		p.out.Write(word)
		p.out.WriteString("\r\n")
	}
}
