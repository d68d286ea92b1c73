//go:build !js

package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPointsInTime(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	local := time.Date(2023, 11, 14, 22, 13, 20, 0, time.Local).Unix()
	for text, want := range map[string]int64{
		"2023-11-14T22:13:20Z": 1_700_000_000, "2023-11-14T23:13:20.9+01:00": 1_700_000_000, "2023-11-14 22:13:20": local, "1700000000": 1_700_000_000,
		"1700000000999": 1_700_000_000, "-15m": 1_700_000_000 - 900, "-90s": 1_700_000_000 - 90, "-1h30m": 1_700_000_000 - 5400, "-1d": now.AddDate(0, 0, -1).Unix(),
	} {
		p, err := parsePoint("", text, now)
		require.NoError(t, err, text)
		assert.Equal(t, want, p.Time, text)
		assert.Zero(t, p.LSN)
	}
	for _, text := range []string{"yesterday", "2023-11", "15m", "-15", "-d", "0", "-99999999999s", "12:00"} {
		_, err := parsePoint("", text, now)
		assert.Error(t, err, text)
	}
	p, err := parsePoint("17", "", now)
	require.NoError(t, err)
	assert.EqualValues(t, 17, p.LSN)
	for _, text := range []string{"0", "-1", "x", "18446744073709551616"} {
		_, err := parsePoint(text, "", now)
		assert.Error(t, err, text)
	}
}
