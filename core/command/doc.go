// Package command is the command table and the handlers behind it.
//
//   - Table finds the Command that some words call, checks their number and tells where the keys are among them. Its rows, one file
//     of them for each group, also feed COMMAND, COMMAND DOCS and everything that is generated from them.
//   - Call is one execution. A handler, func(c *Call), reads c.Args, works on c.DB through the views of package keyspace, writes one
//     reply to c.W and leaves in c.Effects what the log has to know.
//   - Server, Operations and Session are what handlers need of the engine; package core implements them.
//
// A handler parses all its words before it changes anything, in the order in which Redis looks at them, since that decides
// which error is told. A lookup may remove a key past its time, and a change may move values: entries and views are
// taken after the last lookup, and a STORE command clears its destination only when its result is complete.
//
// Functions that many handlers call are marked noinline, for the size of the wasm.
//
// Replies, errors and effects are those of Redis 7.2. Where 7.0 differs, Server.Profile70 chooses it, for tests against a real one.
package command
