//go:build !unix && !js

package main

import "runtime"

// newPoll gives a function that lets others run; here nothing makes Go's poller look.
func newPoll() (func(), error) { return runtime.Gosched, nil }
