//go:build !js

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"tabdis/core"
	"tabdis/core/aof"
)

// blockLine is a block, for --verbose.
type blockLine = aof.BlockInfo

// block tells of a block as it is read.
func (k *checker) block(b aof.BlockInfo) {
	if k.json {
		k.blocks = append(k.blocks, b)
		return
	}
	fmt.Fprintf(k.out, "%s at %d: lsn %d, %d bytes, epoch %d, sync %d, %d units, %d commands", b.File, b.Offset, b.LSN, b.Length, b.Epoch, b.Sync, b.Units, b.Commands)
	if b.Stamp > 0 {
		fmt.Fprintf(k.out, ", %s", stampText(b.Stamp))
	}
	if b.Requests > 0 {
		fmt.Fprintf(k.out, ", %d requests", b.Requests)
	}
	fmt.Fprintln(k.out)
}

// print tells all in text.
func (k *checker) print(c *aof.Check, at location) {
	w := k.out
	fmt.Fprintln(w, at)
	switch m := c.Manifest; {
	case m == nil:
	case !m.Native:
		fmt.Fprintf(w, "%s: of a Redis\n", m.Name)
	default:
		fmt.Fprintf(w, "%s: of tabdis, epoch %d, %s\n", m.Name, m.Epoch, sealedText(m.Sealed))
	}
	fmt.Fprintln(w)
	printTable(w, c)
	fmt.Fprintf(w, "\n%s\n", verdictText(c))
	if p := c.Problem; p != nil {
		fmt.Fprintf(w, "  %s\n", problemText(p))
		printAround(w, p)
		if c.Verdict == aof.VerdictUnreadable && p.Hint != "" {
			fmt.Fprintf(w, "  %s.\n", strings.ReplaceAll(p.Hint, "<dir>", at.dir))
		}
	}
	if c.Loss.Bytes > 0 {
		fmt.Fprintf(w, "Behind the end: %s.\n", lossText(c))
	}
	for _, s := range c.Salvage {
		fmt.Fprintf(w, "  valid by itself: %s, lsn %d-%d, %s, in %s at %d\n", many(s.Blocks, "block"), s.First, s.Last, many(s.Commands, "command"), s.File, s.Offset)
	}
	fmt.Fprintln(w, repairText(c))
}

func sealedText(lsn uint64) string {
	if lsn == 0 {
		return "not sealed"
	}
	return "sealed at lsn " + strconv.FormatUint(lsn, 10)
}

// printTable leaves blank what a file has none of. The ballast holds nothing: it is not counted.
func printTable(w io.Writer, c *aof.Check) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  file\trole\tformat\tbytes\tblocks\tunits\tcommands\tRDB keys\tlsn\tstate")
	count := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	var sum aof.CheckedFile
	for _, f := range c.Files {
		lsn, size := "", "-"
		if f.First > 0 {
			lsn = fmt.Sprintf("%d-%d", f.First, f.Last)
		}
		if f.Bytes >= 0 {
			size = strconv.FormatInt(f.Bytes, 10)
			if f.Role != "ballast" {
				sum.Bytes += f.Bytes
			}
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Name, f.Role, f.Format, size, count(f.Blocks), count(f.Units), count(f.Commands), count(f.Keys), lsn, f.State)
		sum.Blocks, sum.Units, sum.Commands, sum.Keys = sum.Blocks+f.Blocks, sum.Units+f.Units, sum.Commands+f.Commands, sum.Keys+f.Keys
	}
	fmt.Fprintf(t, "  total\t\t\t%d\t%s\t%s\t%s\t%s\t\t\n", sum.Bytes, count(sum.Blocks), count(sum.Units), count(sum.Commands), count(sum.Keys))
	t.Flush()
}

// verdictText is the verdict in a sentence.
func verdictText(c *aof.Check) string {
	s := ""
	switch c.Verdict {
	case aof.VerdictClean:
		s = "Clean: it loads, and nothing is lost."
		if m := c.Manifest; m != nil && m.Sealed > 0 && m.Sealed == c.LSN {
			s = "Clean: it was closed, is sealed, and loads with nothing lost."
		}
	case aof.VerdictTorn:
		s = "Torn: it ends inside of what was being written. It loads, and the torn end is set aside."
	case aof.VerdictDamaged:
		s = "DAMAGED: bytes that had been durable are not there or not the same. It is not loaded."
	case aof.VerdictUnreadable:
		s = "NOT READABLE: it is not loaded."
	}
	if c.Naked && c.Manifest != nil && c.Manifest.Native {
		s += " A Redis wrote to it; the next start writes a fresh base."
	}
	if c.Slack > 0 {
		s += fmt.Sprintf(" %d bytes belong to nothing (reserved, or left by a crash); a Redis refuses them.", c.Slack)
	}
	return s
}

func problemText(p *aof.Problem) string {
	s := p.File
	if p.Offset >= 0 {
		s += fmt.Sprintf(" at %d", p.Offset)
	}
	if p.LSN > 0 {
		s += fmt.Sprintf(", lsn %d", p.LSN)
	}
	if s == "" {
		return p.Reason
	}
	return s + ": " + p.Reason
}

// printAround shows the bytes about the problem, 16 a line; the line in which it lies is marked, and the byte below it.
func printAround(w io.Writer, p *aof.Problem) {
	if len(p.Around) == 0 {
		return
	}
	fmt.Fprintln(w)
	for i := 0; i < len(p.Around); i += 16 {
		row, from := p.Around[i:min(i+16, len(p.Around))], p.From+int64(i)
		here := p.Offset >= from && p.Offset < from+16
		mark := ' '
		if here {
			mark = '>'
		}
		hex, text := "", ""
		for j, c := range row {
			if j == 8 {
				hex += " "
			}
			hex += fmt.Sprintf("%02x ", c)
			if c < 32 || c > 126 {
				c = '.'
			}
			text += string(rune(c))
		}
		fmt.Fprintf(w, "%c %08x  %-49s |%s|\n", mark, from, hex, text)
		if here {
			j := int(p.Offset - from)
			fmt.Fprintf(w, "  %s^^\n", strings.Repeat(" ", 10+3*j+j/8))
		}
	}
	fmt.Fprintln(w)
}

// many is a number of things.
func many(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.FormatInt(n, 10) + " " + thing
}

// lossText is what would be cut.
func lossText(c *aof.Check) string {
	l := c.Loss
	s := many(l.Bytes, "byte")
	if l.Blocks > 0 {
		s += ", " + many(l.Blocks, "whole block")
	}
	if l.Pieces > 0 {
		s += ", " + many(l.Pieces, "broken piece")
	}
	s += ", " + many(l.Commands, "command")
	if l.KeyCount == 0 {
		return s
	}
	s += " on the keys "
	for i, key := range l.Keys {
		if i > 0 {
			s += " "
		}
		s += core.Quote([]byte(key))
	}
	if more := l.KeyCount - int64(len(l.Keys)); l.MoreKeys {
		s += fmt.Sprintf(" and more than %d more", more)
	} else if more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

func repairText(c *aof.Check) string {
	switch c.Repair {
	case aof.FixSlack:
		return fmt.Sprintf("--fix cuts the %d bytes that belong to nothing.", c.Slack)
	case aof.FixTail:
		return fmt.Sprintf("--fix cuts %s at offset %d, and keeps the %d bytes. Nothing that is proven to have been durable is lost.", c.End.File, c.End.Offset, c.Loss.Bytes)
	case aof.FixDamage:
		return fmt.Sprintf("--fix cuts at the last good place, %s at offset %d: all behind it is lost to the log, though it was acknowledged (the %d bytes are kept). An older generation or a backup may have more.",
			c.End.File, c.End.Offset, c.Loss.Bytes)
	case aof.FixManifest:
		return "--fix writes the manifest again: the files leave one reading."
	}
	if c.Verdict == aof.VerdictClean {
		return "There is nothing to repair."
	}
	return "--fix can do nothing: " + c.NoRepair + "."
}

func (k *checker) printKept(at location, kept []string) {
	for _, name := range kept {
		fmt.Fprintf(k.out, "Kept what was cut in %s\n", name)
	}
	fmt.Fprint(k.out, "Repaired. Once more:\n\n")
}
