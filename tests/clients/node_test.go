package clients

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// output runs a client program, which must end well and in time, and gives its lines.
func output(t *testing.T, dir, name string, args ...string) []string {
	t.Helper()
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(limited, name, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s %q: %s\nafter\n%s", name, args, stderr.String(), out)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestNodeClients(t *testing.T) {
	_, err := os.Stat("node/node_modules")
	require.NoError(t, err, "the clients are not installed: npm ci --prefix tests/clients/node")
	for _, client := range []string{"ioredis", "node-redis"} {
		for _, version := range []string{"2", "3"} {
			t.Run(client+", RESP"+version, func(t *testing.T) {
				t.Parallel()
				differ := map[string][]difference{"ioredis": ioredis72, "node-redis": nodeRedis72}[client]
				same(t, func(t *testing.T, p peer) []string {
					return output(t, "node", "node", client+".mjs", p.port(), version)
				}, differ...)
			})
		}
	}
}
