//go:build !unix && !js

package main

// raiseDescriptors: where there is no such limit all are allowed.
func raiseDescriptors(want int64) (most int64) { return want }

// outliveFileSize: where there is no such limit there is nothing to outlive.
func outliveFileSize() {}

// setBacklog leaves the backlog as the system made it.
func setBacklog(uintptr, int) error { return nil }
