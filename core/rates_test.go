package core

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"tabdis/core/storage/memfs"
)

func TestInfoTellsHowMuchThereWasOfLate(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	now := int64(start)
	e.Tick(now)
	for range 16 {
		now += 100
		e.Tick(now)
		for range 25 {
			s.Feed([]byte("PING\r\n"))
		}
		e.EndTurn()
	}
	info := func() string { return string(e.Info(nil, []string{"stats"})) }
	assert.Contains(t, info(), "instantaneous_ops_per_sec:234\r\n", "15 of 16 samples have 250")
	assert.Contains(t, info(), "instantaneous_input_kbps:1.37\r\n")
	e.Tick(now + 50)
	assert.Contains(t, info(), "instantaneous_ops_per_sec:234\r\n", "that is no sample yet")
	e.Tick(now + 1000)
	assert.Contains(t, info(), "instantaneous_ops_per_sec:109\r\n", "ten samples have 25, the six before them 250")
	e.Tick(now + 3000)
	assert.Contains(t, info(), "instantaneous_ops_per_sec:0\r\ntotal_net_input_bytes:2400\r\n")
	e.ConfigResetStat()
	assert.Contains(t, info(), "instantaneous_ops_per_sec:0\r\ntotal_net_input_bytes:0\r\n")
	e.Tick(now + 6000)
	assert.Contains(t, info(), "instantaneous_ops_per_sec:0\r\n")
}
