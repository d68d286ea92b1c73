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

  tabdis serve [/path/to/redis.conf] [--parameter value …] [-]
  tabdis check-aof [--fix [--yes]] [--skip-functions] [--json] [--verbose] <path>
  tabdis cat-aof [options] <path>
  tabdis restore --dir D [--to-lsn N | --to-time T] [--out E | --dry-run]
  tabdis export --dir D [--rdb FILE | --aof E]
  tabdis version
  tabdis help [command]

check-aof reads a log and says what it is worth, and repairs it; cat-aof prints its commands;
restore makes a store of what another one held at an earlier point; export gives out what a store
holds now. Each tells more with --help.

serve is started as redis-server is: with a file in redis.conf's syntax, with the same parameters
as flags, which count more, and with "-" to read further lines from standard input.

  tabdis serve --port 6380 --dir /var/lib/tabdis --appendfsync always
  tabdis serve /etc/redis/redis.conf --daemonize no
  tabdis serve --port 0 --unixsocket /run/tabdis.sock --unixsocketperm 770
  tabdis serve --maxmemory 100mb --maxmemory-policy allkeys-lru --requirepass secret
  echo 'maxclients 100' | tabdis serve - --bind 127.0.0.1 -::1

Without parameters it listens on port 6379 of the loopback addresses and keeps an append only log
in ./appendonlydir; "--save ''" is accepted. Port 0 is no port where there is a Unix socket, and
else a free one. The lines "Ready to accept connections tcp 127.0.0.1:6379" on standard output name
where clients may come; the log goes to standard error, or to logfile. What has no effect here is
named in the log; what would promise something that is not there (replicaof, cluster-enabled,
tls-port, loadmodule, rename-command) is refused. CONFIG GET '*' shows all parameters, CONFIG
REWRITE writes the file.

One thread does all the work unless io-threads says more: commands are executed by one at a time,
and others only read and write beside it. The environment's GOMAXPROCS counts more.

It stops cleanly on SIGTERM, SIGINT and SHUTDOWN, with shutdown-on-sigterm's and -sigint's options;
a second SIGINT does not wait for the disk.

Exit codes: 0 stopped cleanly; 1 the configuration, the store or the network failed, and standard
error tells why; 2 wrong usage of tabdis itself. check-aof and cat-aof have their own.
`

// help prints the help of a command, or of all.
func help(args []string) int {
	texts := map[string]string{"serve": usage, "check-aof": checkUsage, "cat-aof": catUsage, "restore": restoreUsage, "export": exportUsage}
	text, known := usage, len(args) == 0
	if len(args) == 1 {
		text, known = texts[args[0]]
	}
	if !known {
		fmt.Fprintf(os.Stderr, "tabdis help: %q is no command\nTry: tabdis help\n", args[0])
		return 2
	}
	fmt.Print(text)
	return 0
}

func version() { fmt.Printf("tabdis v%s, following Redis %s\n", core.Version, command.RedisVersion) }

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	switch os.Args[1] {
	case "serve":
		os.Exit(serve(os.Args[2:]))
	case "check-aof":
		os.Exit(checkAOF(os.Args[2:]))
	case "cat-aof":
		os.Exit(catAOF(os.Args[2:]))
	case "restore":
		os.Exit(restoreStore(os.Args[2:]))
	case "export":
		os.Exit(exportStore(os.Args[2:]))
	case "version", "--version", "-v":
		version()
	case "help", "--help", "-h":
		os.Exit(help(os.Args[2:]))
	default:
		fmt.Fprintf(os.Stderr, "tabdis: unknown command %q\nTry: tabdis help\n", os.Args[1])
		os.Exit(2)
	}
}
