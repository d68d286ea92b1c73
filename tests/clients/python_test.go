package clients

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// python is Debian's, which sees Debian's packages; what else may be called python3 does not.
const python = "/usr/bin/python3"

func TestRedisPy(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(python, "-c", "import redis").CombinedOutput()
	require.NoError(t, err, "redis-py is needed: apt-get install --no-install-recommends python3-redis\n%s", out)
	same(t, func(t *testing.T, p peer) []string { return output(t, "python", python, "program.py", p.port()) }, python72...)
}
