// Package methods makes the client's methods from the command table: what each is called, which words it sends, and its types.
//
//	methods.txt              what the table does not tell: names, replies, and the arguments that node-redis has in a way of its own
//	jsbridge/client/src/commands/table.ts     what runs: one line for each method
//	jsbridge/client/src/commands/methods.ts   the types, with the table's summaries as documentation
//
// A command that is neither in methods.txt nor named there as having no method gets one of a mechanical shape.
package methods

//go:generate go run ./write
