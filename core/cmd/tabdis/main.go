//go:build !js

// Command tabdis runs the engine natively: a server that speaks RESP over TCP and keeps its data in real files.
package main

import (
	"fmt"
	"os"

	"tabdis/core"
	"tabdis/core/command"
)

const usage = `tabdis: Redis that also lives in the browser; here on real files.

  tabdis serve [--port 6379] [--bind 127.0.0.1] [--dir .] [--appendonly yes] [--appendfsync everysec] …
  tabdis version
  tabdis help

serve takes redis-server's parameters as flags: --name value. It listens on the loopback address unless --bind says
otherwise, keeps its log in <dir>/<appenddirname> and stops cleanly on SIGINT and SIGTERM. Port 0 takes a free one; the line
"Ready to accept connections" on standard output names it.

Exit codes: 0 stopped cleanly; 1 the store or the network failed, the reason is on standard error; 2 wrong usage.
`

func version() { fmt.Printf("tabdis v%s, following Redis %s\n", core.Version, command.RedisVersion) }

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	switch os.Args[1] {
	case "serve":
		os.Exit(serve(os.Args[2:]))
	case "version", "--version", "-v":
		version()
	case "help", "--help", "-h":
		fmt.Print(usage)
	default:
		fmt.Fprintf(os.Stderr, "tabdis: unknown command %q\n\n%s", os.Args[1], usage)
		os.Exit(2)
	}
}
