package methods

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheClientsModulesAreUpToDate(t *testing.T) {
	files, err := Files()
	require.NoError(t, err)
	for name, text := range files {
		have, err := os.ReadFile("../../jsbridge/client/src/commands/" + name)
		require.NoError(t, err)
		assert.True(t, text == string(have), "%s is not up to date: go generate ./tests/methods", name)
	}
}

func TestNoTwoMethodsHaveOneName(t *testing.T) {
	methods, err := All()
	require.NoError(t, err)
	names, aliases := map[string]bool{}, map[string]bool{}
	for _, m := range methods {
		assert.False(t, names[m.Name], m.Name)
		assert.False(t, aliases[m.Alias()], m.Alias())
		assert.Equal(t, flat(m.Name), flat(m.Alias()), "the client finds a method by its alias")
		names[m.Name], aliases[m.Alias()] = true, true
	}
}
