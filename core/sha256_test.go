package core

import (
	"bytes"
	standard "crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSHA256IsTheStandardLibrarys(t *testing.T) {
	for n := range 300 {
		data := bytes.Repeat([]byte{byte(n), 0xff, 3}, n)[:n]
		assert.Equal(t, standard.Sum256(data), sha256(data), n)
	}
}
