package command

var connectionCommands = []*Command{
	{
		Name: "client", Arity: -2,
		Group: "connection", Since: "2.4.0", Complexity: "Depends on subcommand.",
		Summary: "",
		Subcommands: []*Command{
			{
				Name: "getname", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "2.6.9", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Do:         cmdClientGetname,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "connection", Since: "5.0.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Do:         cmdClientHelp,
			},
			{
				Name: "id", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "5.0.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Do:         cmdClientId,
			},
			{
				Name: "info", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "6.2.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output"},
				Do:         cmdClientInfo,
			},
			{
				Name: "kill", Arity: -3, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "2.4.0", Complexity: "O(N) where N is the number of client connections",
				Summary:    "",
				History:    [][2]string{{"2.8.12", "Added new filter format."}, {"2.8.12", "`ID` option."}, {"3.2.0", "Added `master` type in for `TYPE` option."}, {"5.0.0", "Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility."}, {"6.2.0", "`LADDR` option."}},
				Categories: CatConnection,
				Args: []Arg{
					{Name: "filter", Type: ArgOneOf, Args: []Arg{
						{Name: "ip:port", Type: ArgString, Deprecated: "2.8.12"},
						{Name: "new-format", Type: ArgOneOf, Flags: Multiple, Args: []Arg{
							{Name: "client-id", Type: ArgInteger, Token: "ID", Flags: Optional, Since: "2.8.12"},
							{Name: "normal_master_slave_pubsub", Type: ArgOneOf, Token: "TYPE", Flags: Optional, Since: "2.8.12", Args: []Arg{
								{Name: "normal", Type: ArgPureToken, Token: "NORMAL"},
								{Name: "master", Type: ArgPureToken, Token: "MASTER", Since: "3.2.0"},
								{Name: "slave", Type: ArgPureToken, Token: "SLAVE"},
								{Name: "replica", Type: ArgPureToken, Token: "REPLICA", Since: "5.0.0"},
								{Name: "pubsub", Type: ArgPureToken, Token: "PUBSUB"},
							}},
							{Name: "username", Type: ArgString, Token: "USER", Flags: Optional},
							{Name: "ip:port", Type: ArgString, Token: "ADDR", Flags: Optional},
							{Name: "ip:port", Type: ArgString, Token: "LADDR", Flags: Optional, Since: "6.2.0"},
							{Name: "yes/no", Type: ArgString, Token: "SKIPME", Flags: Optional},
						}},
					}},
				},
				Do: cmdClientKill,
			},
			{
				Name: "list", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "2.4.0", Complexity: "O(N) where N is the number of client connections",
				Summary:    "",
				History:    [][2]string{{"2.8.12", "Added unique client `id` field."}, {"5.0.0", "Added optional `TYPE` filter."}, {"6.0.0", "Added `user` field."}, {"6.2.0", "Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter."}, {"7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields."}, {"7.0.3", "Added `ssub` field."}},
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output"},
				Args: []Arg{
					{Name: "normal_master_replica_pubsub", Type: ArgOneOf, Token: "TYPE", Flags: Optional, Since: "5.0.0", Args: []Arg{
						{Name: "normal", Type: ArgPureToken, Token: "NORMAL"},
						{Name: "master", Type: ArgPureToken, Token: "MASTER"},
						{Name: "replica", Type: ArgPureToken, Token: "REPLICA"},
						{Name: "pubsub", Type: ArgPureToken, Token: "PUBSUB"},
					}},
					{Name: "id", Type: ArgBlock, Token: "ID", Flags: Optional, Since: "6.2.0", Args: []Arg{
						{Name: "client-id", Type: ArgInteger, Flags: Multiple},
					}},
				},
				Do: cmdClientList,
			},
			{
				Name: "no-evict", Arity: 3, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "7.0.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "enabled", Type: ArgOneOf, Args: []Arg{
						{Name: "on", Type: ArgPureToken, Token: "ON"},
						{Name: "off", Type: ArgPureToken, Token: "OFF"},
					}},
				},
				Do: cmdClientNoEvict,
			},
			{
				Name: "no-touch", Arity: 3, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "7.2.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "enabled", Type: ArgOneOf, Args: []Arg{
						{Name: "on", Type: ArgPureToken, Token: "ON"},
						{Name: "off", Type: ArgPureToken, Token: "OFF"},
					}},
				},
				Do: cmdClientNoTouch,
			},
			{
				Name: "reply", Arity: 3, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "3.2.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "on_off_skip", Type: ArgOneOf, Args: []Arg{
						{Name: "on", Type: ArgPureToken, Token: "ON"},
						{Name: "off", Type: ArgPureToken, Token: "OFF"},
						{Name: "skip", Type: ArgPureToken, Token: "SKIP"},
					}},
				},
				Do: cmdClientReply,
			},
			{
				Name: "setinfo", Arity: 4, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "7.2.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
				Args: []Arg{
					{Name: "attr", Type: ArgOneOf, Args: []Arg{
						{Name: "libname", Type: ArgString, Token: "LIB-NAME"},
						{Name: "libver", Type: ArgString, Token: "LIB-VER"},
					}},
				},
				Do: cmdClientSetinfo,
			},
			{
				Name: "setname", Arity: 3, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "2.6.9", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "connection-name", Type: ArgString},
				},
				Do: cmdClientSetname,
			},
		},
	},
	{
		Name: "echo", Arity: 2, Flags: Loading | Stale | Fast,
		Group: "connection", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatConnection,
		Args: []Arg{
			{Name: "message", Type: ArgString},
		},
		Do: cmdEcho,
	},
	{
		Name: "hello", Arity: -1, Flags: NoScript | Loading | Stale | Fast | NoAuth | AllowBusy,
		Group: "connection", Since: "6.0.0", Complexity: "O(1)",
		Summary:    "",
		History:    [][2]string{{"6.2.0", "`protover` made optional; when called without arguments the command reports the current connection's context."}},
		Categories: CatConnection,
		Args: []Arg{
			{Name: "arguments", Type: ArgBlock, Flags: Optional, Args: []Arg{
				{Name: "protover", Type: ArgInteger},
				{Name: "username_password", Type: ArgBlock, Token: "AUTH", Flags: Optional, Args: []Arg{
					{Name: "username", Type: ArgString},
					{Name: "password", Type: ArgString},
				}},
				{Name: "clientname", Type: ArgString, Token: "SETNAME", Flags: Optional},
			}},
		},
		Do: cmdHello,
	},
	{
		Name: "ping", Arity: -1, Flags: Fast,
		Group: "connection", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatConnection,
		Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
		Args: []Arg{
			{Name: "message", Type: ArgString, Flags: Optional},
		},
		Do: cmdPing,
	},
	{
		Name: "quit", Arity: -1, Flags: NoScript | Loading | Stale | Fast | NoAuth | AllowBusy,
		Group: "connection", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatConnection,
		Do:         cmdQuit,
	},
	{
		Name: "reset", Arity: 1, Flags: NoScript | Loading | Stale | Fast | NoAuth | AllowBusy,
		Group: "connection", Since: "6.2.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatConnection,
		Do:         cmdReset,
	},
	{
		Name: "select", Arity: 2, Flags: Loading | Stale | Fast,
		Group: "connection", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatConnection,
		Args: []Arg{
			{Name: "index", Type: ArgInteger},
		},
		Do: cmdSelect,
	},
}
