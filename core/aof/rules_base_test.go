package aof

import (
	"bytes"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withBase is the log with another base, and a manifest that says so.
func withBase(t *testing.T, all map[string][]byte, base []byte, length int) map[string][]byte {
	m, err := parseManifest(all[manName])
	require.NoError(t, err)
	m.base.len = int64(length)
	changed := maps.Clone(all)
	changed[firstBase], changed[manName] = base, m.encode()
	return changed
}

// A base is blocks from 1 on, the last one empty, and ends where the manifest says.
func TestABaseEndsWithItsLastBlock(t *testing.T) {
	all := rewritten(t)
	base := all[firstBase]
	last := bytes.LastIndex(base, markBytes)
	h, _, state := parseHeader(base[last:])
	require.Equal(t, headerOK, state)
	require.Zero(t, h.len)
	more := append(bytes.Clone(base), made(header{file: h.file, at: int64(len(base)), lsn: h.lsn + 1, epoch: 1, prev: h.sum}, "")...)
	mustOpen(t, diskOf(t, withBase(t, all, base, len(base))), config())
	mustOpen(t, diskOf(t, withBase(t, all, more, len(base))), config()) // what stands behind its length is none of it
	refusedUnchanged(t, withBase(t, all, more, len(more)), config(), ErrCorrupt)
	refusedUnchanged(t, withBase(t, all, base[:last], last), config(), ErrCorrupt)
	refusedUnchanged(t, withBase(t, all, base, len(base)-1), config(), ErrCorrupt)
	refusedUnchanged(t, withBase(t, all, base[:last], len(base)), config(), ErrCorrupt)
	refusedUnchanged(t, withBase(t, all, base, len(base)+1), config(), ErrCorrupt)
}

func TestABaseOfOursNeedsItsFields(t *testing.T) {
	all := rewritten(t)
	m, err := parseManifest(all[manName])
	require.NoError(t, err)
	for _, field := range []string{"len", "cut-lsn", "cut-sum"} {
		line := string(m.base.appendTo(nil, 'b'))
		line = cutField(line, field)
		text := append([]byte(line), (&manifest{incrs: m.incrs, epoch: 1, native: true}).encode()...)
		at := len(text) - 17 // the sum covers all but its digits
		copy(text[at:], appendHex(nil, checksum(text[:at], []byte{'\n'})))
		_, err := parseManifest(text)
		assert.ErrorContains(t, err, "the base lacks a field", field)
		changed := maps.Clone(all)
		changed[manName] = text
		refusedUnchanged(t, changed, config(), ErrCorrupt)
	}
}

// cutField takes a pair out of a line of the manifest.
func cutField(line, field string) string {
	words := bytes.Fields([]byte(line))
	var left [][]byte
	for i := 0; i < len(words); i += 2 {
		if string(words[i]) != field {
			left = append(left, words[i], words[i+1])
		}
	}
	return string(bytes.Join(left, []byte(" "))) + "\n"
}
