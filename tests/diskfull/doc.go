// Package diskfull runs the native server on a small disk of its own that real clients fill, and frees again: what was acknowledged is
// there at every moment, what was refused is not, and the server gets out of it by itself.
//
// The disk is a tmpfs, or an ext4 on a loop device, in a mount namespace that ends with the test. Root may make one; anybody else needs user
// namespaces. Where neither is allowed the test says so, and fails if CI is set.
package diskfull
