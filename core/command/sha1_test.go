package command

import (
	stdsha1 "crypto/sha1"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSHA1IsTheStandardOne(t *testing.T) {
	text := []byte(strings.Repeat("tabdis is Redis in a browser. ", 10))
	for n := range len(text) {
		assert.Equal(t, stdsha1.Sum(text[:n]), [20]byte(sha1(text[:n])), "%d bytes", n)
	}
}
