package command

var replicationCommands = []*Command{
	{
		Name: "failover", Arity: -1, Flags: Admin | NoScript | Stale,
		Group: "server", Since: "6.2.0", Complexity: "O(1)",
		Summary: "Hands the part of the master over to a replica.",
		Args: []Arg{
			{Name: "target", Type: ArgBlock, Token: "TO", Flags: Optional, Args: []Arg{
				{Name: "host", Type: ArgString},
				{Name: "port", Type: ArgInteger},
				{Name: "force", Type: ArgPureToken, Token: "FORCE", Flags: Optional},
			}},
			{Name: "abort", Type: ArgPureToken, Token: "ABORT", Flags: Optional},
			{Name: "milliseconds", Type: ArgInteger, Token: "TIMEOUT", Flags: Optional},
		},
		Do: cmdFailover,
	},
	{
		Name: "psync", Arity: -3, Flags: Admin | NoScript | NoAsyncLoading | NoMulti,
		Group: "server", Since: "2.8.0",
		Summary: "Asks for the stream of changes, between servers.",
		Args: []Arg{
			{Name: "replicationid", Type: ArgString},
			{Name: "offset", Type: ArgInteger},
		},
		Do: cmdSync,
	},
	{
		Name: "replconf", Arity: -1, Flags: Admin | NoScript | Loading | Stale | AllowBusy,
		Group: "server", Since: "3.0.0", Complexity: "O(1)",
		Summary:  "Settles the terms of replication, between servers.",
		DocFlags: []string{"syscmd"},
		Do:       cmdReplconf,
	},
	{
		Name: "replicaof", Arity: 3, Flags: Admin | NoScript | Stale | NoAsyncLoading,
		Group: "server", Since: "5.0.0", Complexity: "O(1)",
		Summary: "Makes the server a replica of another, or a master.",
		Args: []Arg{
			{Name: "args", Type: ArgOneOf, Args: []Arg{
				{Name: "host-port", Type: ArgBlock, Args: []Arg{
					{Name: "host", Type: ArgString},
					{Name: "port", Type: ArgInteger},
				}},
				{Name: "no-one", Type: ArgBlock, Args: []Arg{
					{Name: "no", Type: ArgPureToken, Token: "NO"},
					{Name: "one", Type: ArgPureToken, Token: "ONE"},
				}},
			}},
		},
		Do: cmdReplicaof,
	},
	{
		Name: "role", Arity: 1, Flags: NoScript | Loading | Stale | Fast,
		Group: "server", Since: "2.8.12", Complexity: "O(1)",
		Summary:    "Tells this server's part in replication.",
		Categories: CatAdmin | CatDangerous,
		Do:         cmdRole,
	},
	{
		Name: "slaveof", Arity: 3, Flags: Admin | NoScript | Stale | NoAsyncLoading,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary:         "Makes the server a replica of another, or a master.",
		DocFlags:        []string{"deprecated"},
		DeprecatedSince: "5.0.0", ReplacedBy: "`REPLICAOF`",
		Args: []Arg{
			{Name: "args", Type: ArgOneOf, Args: []Arg{
				{Name: "host-port", Type: ArgBlock, Args: []Arg{
					{Name: "host", Type: ArgString},
					{Name: "port", Type: ArgInteger},
				}},
				{Name: "no-one", Type: ArgBlock, Args: []Arg{
					{Name: "no", Type: ArgPureToken, Token: "NO"},
					{Name: "one", Type: ArgPureToken, Token: "ONE"},
				}},
			}},
		},
		Do: cmdReplicaof,
	},
	{
		Name: "sync", Arity: 1, Flags: Admin | NoScript | NoAsyncLoading | NoMulti,
		Group: "server", Since: "1.0.0",
		Summary: "Asks for all data and the stream of changes, between servers.",
		Do:      cmdSync,
	},
}
