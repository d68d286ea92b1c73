package command

var connectionCommands = []*Command{
	{
		Name: "client", Arity: -2,
		Group: "connection", Since: "2.4.0", Complexity: "By subcommand",
		Summary: "Looks at connections and changes them.",
		Subcommands: []*Command{
			{
				Name: "caching", Arity: 3, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "6.0.0", Complexity: "O(1)",
				Summary:    "Tells whether the keys that the next command reads are tracked.",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "mode", Type: ArgOneOf, Args: []Arg{
						{Name: "yes", Type: ArgPureToken, Token: "YES"},
						{Name: "no", Type: ArgPureToken, Token: "NO"},
					}},
				},
				Do: cmdClientCaching,
			},
			{
				Name: "getname", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "2.6.9", Complexity: "O(1)",
				Summary:    "Gives the name of this connection.",
				Categories: CatConnection,
				Do:         cmdClientGetname,
			},
			{
				Name: "getredir", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "6.0.0", Complexity: "O(1)",
				Summary:    "Gives the number of the connection that is told of the keys that this one tracks.",
				Categories: CatConnection,
				Do:         cmdClientGetredir,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "connection", Since: "5.0.0", Complexity: "O(1)",
				Summary:    "Lists the subcommands.",
				Categories: CatConnection,
				Do:         cmdClientHelp,
			},
			{
				Name: "id", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "5.0.0", Complexity: "O(1)",
				Summary:    "Gives the number of this connection.",
				Categories: CatConnection,
				Do:         cmdClientId,
			},
			{
				Name: "info", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "6.2.0", Complexity: "O(1)",
				Summary:    "Describes this connection.",
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output"},
				Do:         cmdClientInfo,
			},
			{
				Name: "kill", Arity: -3, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "2.4.0", Complexity: "O(N) for N connections",
				Summary:    "Ends connections.",
				History:    [][2]string{{"2.8.12", "New: filters by name."}, {"2.8.12", "New: ID."}, {"3.2.0", "TYPE knows master."}, {"5.0.0", "TYPE knows replica, formerly slave."}, {"6.2.0", "New: LADDR."}},
				Categories: CatConnection,
				Args: []Arg{
					{Name: "filter", Type: ArgOneOf, Args: []Arg{
						{Name: "old-format", Type: ArgString, Deprecated: "2.8.12", Display: "ip:port"},
						{Name: "new-format", Type: ArgOneOf, Flags: Multiple, Args: []Arg{
							{Name: "client-id", Type: ArgInteger, Token: "ID", Flags: Optional, Since: "2.8.12"},
							{Name: "client-type", Type: ArgOneOf, Token: "TYPE", Flags: Optional, Since: "2.8.12", Args: []Arg{
								{Name: "normal", Type: ArgPureToken, Token: "NORMAL"},
								{Name: "master", Type: ArgPureToken, Token: "MASTER", Since: "3.2.0"},
								{Name: "slave", Type: ArgPureToken, Token: "SLAVE"},
								{Name: "replica", Type: ArgPureToken, Token: "REPLICA", Since: "5.0.0"},
								{Name: "pubsub", Type: ArgPureToken, Token: "PUBSUB"},
							}},
							{Name: "username", Type: ArgString, Token: "USER", Flags: Optional},
							{Name: "addr", Type: ArgString, Token: "ADDR", Flags: Optional, Display: "ip:port"},
							{Name: "laddr", Type: ArgString, Token: "LADDR", Flags: Optional, Since: "6.2.0", Display: "ip:port"},
							{Name: "skipme", Type: ArgOneOf, Token: "SKIPME", Flags: Optional, Args: []Arg{
								{Name: "yes", Type: ArgPureToken, Token: "YES"},
								{Name: "no", Type: ArgPureToken, Token: "NO"},
							}},
						}},
					}},
				},
				Do: cmdClientKill,
			},
			{
				Name: "list", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "2.4.0", Complexity: "O(N) for N connections",
				Summary:    "Describes all connections, or some.",
				History:    [][2]string{{"2.8.12", "New field: id."}, {"5.0.0", "New: TYPE."}, {"6.0.0", "New field: user."}, {"6.2.0", "New: ID; new fields: argv-mem, tot-mem, laddr, redir."}, {"7.0.0", "New fields: resp, multi-mem, rbs, rbp."}, {"7.0.3", "New field: ssub."}, {"7.2.0", "New fields: lib-name, lib-ver."}},
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output"},
				Args: []Arg{
					{Name: "client-type", Type: ArgOneOf, Token: "TYPE", Flags: Optional, Since: "5.0.0", Args: []Arg{
						{Name: "normal", Type: ArgPureToken, Token: "NORMAL"},
						{Name: "master", Type: ArgPureToken, Token: "MASTER"},
						{Name: "replica", Type: ArgPureToken, Token: "REPLICA"},
						{Name: "pubsub", Type: ArgPureToken, Token: "PUBSUB"},
					}},
					{Name: "client-id", Type: ArgInteger, Token: "ID", Flags: Optional | Multiple, Since: "6.2.0"},
				},
				Do: cmdClientList,
			},
			{
				Name: "no-evict", Arity: 3, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "7.0.0", Complexity: "O(1)",
				Summary:    "Keeps this connection when memory is short.",
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
				Summary:    "Makes this connection leave the access times of keys alone.",
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
				Name: "pause", Arity: -3, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "2.9.50", Complexity: "O(1)",
				Summary:    "Holds back the commands of all connections for some milliseconds.",
				History:    [][2]string{{"6.2.0", "`WRITE` and `ALL`."}},
				Categories: CatConnection,
				Args: []Arg{
					{Name: "timeout", Type: ArgInteger},
					{Name: "mode", Type: ArgOneOf, Flags: Optional, Since: "6.2.0", Args: []Arg{
						{Name: "write", Type: ArgPureToken, Token: "WRITE"},
						{Name: "all", Type: ArgPureToken, Token: "ALL"},
					}},
				},
				Do: cmdClientPause,
			},
			{
				Name: "reply", Arity: 3, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "3.2.0", Complexity: "O(1)",
				Summary:    "Turns the replies of this connection on or off.",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "action", Type: ArgOneOf, Args: []Arg{
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
				Summary:    "Tells which library the client uses.",
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
				Summary:    "Names this connection.",
				Categories: CatConnection,
				Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
				Args: []Arg{
					{Name: "connection-name", Type: ArgString},
				},
				Do: cmdClientSetname,
			},
			{
				Name: "tracking", Arity: -3, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "6.0.0", Complexity: "O(1); with prefixes O(N) for N of them",
				Summary:    "Makes this connection be told when keys change that it has read, or all that begin alike.",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "status", Type: ArgOneOf, Args: []Arg{
						{Name: "on", Type: ArgPureToken, Token: "ON"},
						{Name: "off", Type: ArgPureToken, Token: "OFF"},
					}},
					{Name: "client-id", Type: ArgInteger, Token: "REDIRECT", Flags: Optional},
					{Name: "prefix", Type: ArgString, Token: "PREFIX", Flags: Optional | Multiple | MultipleToken},
					{Name: "bcast", Type: ArgPureToken, Token: "BCAST", Flags: Optional},
					{Name: "optin", Type: ArgPureToken, Token: "OPTIN", Flags: Optional},
					{Name: "optout", Type: ArgPureToken, Token: "OPTOUT", Flags: Optional},
					{Name: "noloop", Type: ArgPureToken, Token: "NOLOOP", Flags: Optional},
				},
				Do: cmdClientTracking,
			},
			{
				Name: "trackinginfo", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "connection", Since: "6.2.0", Complexity: "O(1)",
				Summary:    "Tells how this connection tracks keys.",
				Categories: CatConnection,
				Do:         cmdClientTrackinginfo,
			},
			{
				Name: "unblock", Arity: -3, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "5.0.0", Complexity: "O(log N), N connections",
				Summary:    "Ends the waiting of another connection in a blocking command.",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "client-id", Type: ArgInteger},
					{Name: "unblock-type", Type: ArgOneOf, Flags: Optional, Args: []Arg{
						{Name: "timeout", Type: ArgPureToken, Token: "TIMEOUT"},
						{Name: "error", Type: ArgPureToken, Token: "ERROR"},
					}},
				},
				Do: cmdClientUnblock,
			},
			{
				Name: "unpause", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
				Group: "connection", Since: "6.2.0", Complexity: "O(N), N connections that wait",
				Summary:    "Ends what CLIENT PAUSE began.",
				Categories: CatConnection,
				Do:         cmdClientUnpause,
			},
		},
	},
	{
		Name: "echo", Arity: 2, Flags: Loading | Stale | Fast,
		Group: "connection", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "Gives its argument back.",
		Categories: CatConnection,
		Args: []Arg{
			{Name: "message", Type: ArgString},
		},
		Do: cmdEcho,
	},
	{
		Name: "hello", Arity: -1, Flags: NoScript | Loading | Stale | Fast | NoAuth | AllowBusy,
		Group: "connection", Since: "6.0.0", Complexity: "O(1)",
		Summary:    "Chooses the protocol and tells about the server.",
		History:    [][2]string{{"6.2.0", "Without arguments it tells about the connection as it is."}},
		Categories: CatConnection,
		Args: []Arg{
			{Name: "arguments", Type: ArgBlock, Flags: Optional, Args: []Arg{
				{Name: "protover", Type: ArgInteger},
				{Name: "auth", Type: ArgBlock, Token: "AUTH", Flags: Optional, Args: []Arg{
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
		Summary:    "Answers PONG, or its argument.",
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
		Summary:         "Ends the connection.",
		DocFlags:        []string{"deprecated"},
		DeprecatedSince: "7.2.0", ReplacedBy: "closing the connection",
		Categories: CatConnection,
		Do:         cmdQuit,
	},
	{
		Name: "reset", Arity: 1, Flags: NoScript | Loading | Stale | Fast | NoAuth | AllowBusy,
		Group: "connection", Since: "6.2.0", Complexity: "O(1)",
		Summary:    "Makes the connection as it was when it began.",
		Categories: CatConnection,
		Do:         cmdReset,
	},
	{
		Name: "select", Arity: 2, Flags: Loading | Stale | Fast,
		Group: "connection", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "Chooses the database.",
		Categories: CatConnection,
		Args: []Arg{
			{Name: "index", Type: ArgInteger},
		},
		Do: cmdSelect,
	},
}
