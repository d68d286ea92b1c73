package aof

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a Redis wrote is good up to the place where a block of ours stands among it: no further is it applied, and no less is left by a repair.
func TestCommandsOfARedisAreReadUpToABlockAmongThem(t *testing.T) {
	set := func(k string) []byte { return appendCommand(nil, words("SET "+k+" 1")) }
	h := write(t, 2, true)
	block := h.files[firstIncr][h.ends[1]:h.ends[2]]
	for name, inside := range map[string][]byte{
		"between units":         slices.Concat(block, set("late")),
		"inside of a MULTI":     slices.Concat([]byte(textMulti), set("multi"), block, set("late"), []byte(textExec)),
		"behind a line of text": slices.Concat([]byte("#TS:7\r\n"), block, set("late")),
	} {
		t.Run(name, func(t *testing.T) {
			text := slices.Concat(set("one"), set("two"))
			all := map[string][]byte{manName: []byte(redisMan), firstIncr: slices.Concat(text, inside)}
			at := int64(len(text))
			if inside[1] == 'T' {
				at += int64(len("#TS:7\r\n"))
			}
			disk := diskOf(t, all)
			_, err := open(t, disk, config(), nil)
			var why *LoadError
			require.ErrorAs(t, err, &why)
			require.ErrorIs(t, err, ErrCorrupt)
			assert.Equal(t, at, why.Offset)
			assert.Equal(t, []string{"SET one 1", "SET two 1"}, readable(t, diskOf(t, all)))
			fs, err := disk.Open()
			require.NoError(t, err)
			first, _, err := fix(t, fs)
			require.NoError(t, err)
			disk.Kill()
			assert.Equal(t, FixDamage, first.Repair)
			assert.Equal(t, map[string]string{"0/one": "1", "0/two": "1"}, mustOpen(t, disk, config()).data)
		})
	}
}

// A Redis that ran on a torn log may have done so in a later file than the one in which the log ends for us: it appends to the last one
// that is named, behind what a crash left of its first block (LOG §5.4).
func TestWhatARedisWroteBehindATornFirstBlockIsNotCutAsTorn(t *testing.T) {
	two := twoFiles(t)
	redis := slices.Concat(appendSelect(nil, 0), bytes.Repeat(appendCommand(nil, words("SET redis 1")), 60))
	second := two[secondIncr]
	body := bytes.Index(second, []byte(";\r\n")) + 3
	for name, torn := range map[string]int{"in its header": 30, "in its mark": 5, "at its first byte": 1, "in its body": body + bytes.Index(second[body:], []byte("*3"))} {
		t.Run(name, func(t *testing.T) {
			all := maps.Clone(two)
			all[secondIncr] = slices.Concat(second[:torn], redis)
			c, _ := agree(t, all, name)
			assert.Equal(t, VerdictDamaged, c.Verdict)
			assert.Equal(t, "damaged: commands of a Redis follow inside of an incomplete block; repair it with check-aof", c.Verdict.String()+": "+c.Problem.Reason)
		})
	}
	h := write(t, 3, false)
	text := h.files[firstIncr]
	for torn := 1; torn < 60; torn++ {
		all := maps.Clone(h.files)
		all[firstIncr] = slices.Concat(text[:h.ends[2]+torn], redis)
		c, _ := agree(t, all, "in the one file")
		assert.Equal(t, VerdictDamaged, c.Verdict, "%d bytes of the header are there", torn)
	}
}

// A Redis leaves an empty file among its own when its rewrite failed before anything was written.
func TestARedisMayHaveLeftAnEmptyFileInTheMiddle(t *testing.T) {
	h := write(t, 4, true)
	const thirdIncr = "appendonly.aof.3.incr.aof"
	redis := string(appendSelect(nil, 0)) + line("SET redis 1")
	for _, behind := range []string{"", line("SET first 1")} {
		all := maps.Clone(h.files)
		all[manName] = []byte(redisMan + "file " + secondIncr + " seq 2 type i\nfile " + thirdIncr + " seq 3 type i\n")
		all[firstIncr] = append(bytes.Clone(all[firstIncr]), behind...)
		all[secondIncr], all[thirdIncr] = nil, []byte(redis)
		want := maps.Clone(h.states[4])
		want["0/redis"] = "1"
		if behind != "" {
			want["1/first"] = "1" // behind blocks that ended in database 1
		}
		agree(t, all, "an empty file")
		disk := diskOf(t, all)
		s, err := open(t, disk, config(), nil)
		require.NoError(t, err)
		if behind == "" {
			assert.Equal(t, want, s.data)
		} else {
			assert.Subset(t, s.data, map[string]string{"0/redis": "1"})
			assert.Len(t, s.data, len(want))
		}
		before := s.data
		disk.Kill()
		assert.Equal(t, before, mustOpen(t, disk, config()).data)
	}
}
