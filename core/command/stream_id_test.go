package command

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
)

func TestParseStreamID(t *testing.T) {
	for text, want := range map[string]keyspace.StreamID{
		"0": {}, "5": {Ms: 5, Seq: 9}, "5-6": {Ms: 5, Seq: 6}, "007": {Ms: 7, Seq: 9}, " 5-+6": {Ms: 5, Seq: 6},
		"18446744073709551615-18446744073709551615": keyspace.MaxStreamID, "1--05": {Ms: 1, Seq: math.MaxUint64 - 4}, "8\x00x": {Ms: 8, Seq: 9},
	} {
		if text == "0" {
			want.Seq = 9
		}
		id, _, ok := parseStreamID([]byte(text), idStrict, 9)
		assert.True(t, ok, text)
		assert.Equal(t, want, id, text)
	}
	for _, text := range []string{"", "-", "+", "x", "1-x", "1-", "-1", "1--5", "1-2-3", "18446744073709551616", "1-*", "*"} {
		_, _, ok := parseStreamID([]byte(text), idStrict, 0)
		assert.False(t, ok, text)
	}
}

func FuzzStreamID(f *testing.F) {
	for _, text := range []string{"", "-", "+", "0-0", "5-*", "*", " 1-+2", "18446744073709551615-18446744073709551615", "1\x00-", "1--1", "01-007"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for form := idStrict; form <= idAuto; form++ {
			id, auto, ok := parseStreamID(b, form, 3)
			if !ok {
				continue
			}
			require.False(t, auto && form != idAuto)
			again, _, ok := parseStreamID(appendStreamID(nil, id), idStrict, 0)
			require.True(t, ok)
			require.Equal(t, id, again)
			if next, ok := id.Next(); ok {
				require.True(t, id.Less(next))
				back, ok := next.Prev()
				require.True(t, ok)
				require.Equal(t, id, back)
			}
		}
	})
}
