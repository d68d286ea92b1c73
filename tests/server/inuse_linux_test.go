package server

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/redistest"
)

// A redis-server holds no lock; Linux alone tells whether a process writes a file. Two servers that write one log, or a repair under one that writes it, would spoil it.
func TestWhatARunningRedisWritesIsLeftAlone(t *testing.T) {
	for name, flags := range map[string][]string{"yes": {"--appendonly", "yes"}, "another name": {"--appendonly", "yes", "--appendfilename", "log"}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			redis := redistest.Start(t, append([]string{"--dir", dir}, flags...)...)
			r := redis.Connect(t)
			_, err := r.Do("SET", "a", "1")
			require.NoError(t, err)

			names := flags[2:]
			const says = "a process that holds no lock, a redis-server most likely, is writing "
			assert.Contains(t, refused(t, dir, names...), says)
			log := filepath.Join(t.TempDir(), "log")
			refused(t, dir, append([]string{"--logfile", log}, names...)...)
			text, err := os.ReadFile(log)
			require.NoError(t, err)
			assert.Contains(t, string(text), says, "in the log, too")
			out := filepath.Join(t.TempDir(), "out")
			for code, args := range map[int][][]string{
				3: {{"check-aof", dir}, {"check-aof", "--fix", "--yes", dir}, {"cat-aof", dir}},
				1: {append([]string{"export", "--dir", dir, "--rdb", out}, names...), append([]string{"restore", "--dir", dir, "--to-lsn", "1", "--out", out}, names...)},
			} {
				for _, words := range args {
					got, _, errs := tabdis(t, words...)
					assert.Equal(t, code, got, words)
					assert.Contains(t, errs, says, words)
				}
			}
			_, err = os.Stat(out)
			assert.ErrorIs(t, err, os.ErrNotExist)

			_, err = r.Write(redistest.Request("SHUTDOWN", "NOSAVE"))
			require.NoError(t, err)
			redis.Wait(t)
			s := serve(t, dir, names...)
			assert.Equal(t, "$1\r\n1\r\n", s.do(s.connect(), "GET", "a"))
		})
	}
}
