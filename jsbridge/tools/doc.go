// Package tools is what the module of tools (wasm/tools) has beside what the page's has: it checks a log, imports one, opens a past state of it, and
// opens stores whose storage fails when told to. It opens files of its own, under the store's lock: so no tab may have the store open. In the page's
// module none of it would be used, and each visitor would load it.
//
//	check    the verdict of check-aof on a store, as its JSON document
//	import   makes a store, or replaces one at once, of a Redis's directory or RDB file, which the host gives as Blobs
//	lab      what a store that was opened with options.lab does when its storage is used
//
// options.past opens an engine in memory, read-only, that holds what the store held at a point.
package tools
