// Package fromenv gives tests their sizes and seeds from the environment, where `make` and people who repeat a failure put them.
package fromenv

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Number is the value of the environment variable, or unset where there is none. What is no number fails the test.
func Number(t testing.TB, name string, unset uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return unset
	}
	n, err := strconv.ParseUint(text, 10, 63)
	require.NoError(t, err, "%s is a number", name)
	return n
}

// Seed is such a number, and is logged, so that a failure can be repeated.
func Seed(t testing.TB, name string, unset uint64) uint64 {
	t.Helper()
	n := Number(t, name, unset)
	t.Logf("%s=%d", name, n)
	return n
}
