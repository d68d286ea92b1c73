package core

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// RDB data may have times that no command takes. The base that is written of them loads again.
func TestTimesThatNoCommandTakes(t *testing.T) {
	at := func(ms int64) string { return "\xfc" + string(binary.LittleEndian.AppendUint64(nil, uint64(ms))) }
	data := "REDIS0009\xfa\x08aof-base\xc0\x01" + at(-9209808254447636432) + "\x00\x01k\x01v" + at(-1000) + "\x01\x01l\x01\x01a" + at(0) + "\x00\x01m\x01v" +
		at(-1) + "\x00\x01n\x01v\xff\x00\x00\x00\x00\x00\x00\x00\x00"
	store := memfs.New()
	fs, err := store.Open()
	require.NoError(t, err)
	for name, content := range map[string]string{
		"appendonly.aof.1.base.rdb": data,
		"appendonly.aof.1.incr.aof": "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n",
		"appendonly.aof.manifest":   "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n",
	} {
		require.NoError(t, fs.Replace(context.Background(), name, []byte(content)))
	}
	for range 3 {
		store.Kill()
		e := open(t, store)
		s := e.NewSession(SessionOptions{})
		assert.Equal(t, "*1\r\n$1\r\nn\r\n:-1\r\n:0\r\n", do(e, s, "KEYS *", "PTTL n", "EXISTS k l m"))
	}
}
