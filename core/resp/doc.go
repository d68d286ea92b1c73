// Package resp reads and writes RESP2 and RESP3, the protocol of Redis
// (https://redis.io/docs/latest/develop/reference/protocol-spec/).
//
// A Parser takes the bytes of one connection as they arrive, in whatever pieces,
// and hands out commands. A Writer appends replies to a buffer in the protocol
// that its session speaks. Neither knows what a command means.
package resp
