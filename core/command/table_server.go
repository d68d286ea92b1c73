package command

var serverCommands = []*Command{
	{
		Name: "bgrewriteaof", Arity: 1, Flags: Admin | NoScript | NoAsyncLoading,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary: "",
		Do:      cmdBgrewriteaof,
	},
	{
		Name: "command", Arity: -1, Flags: Loading | Stale,
		Group: "server", Since: "2.8.13", Complexity: "O(N) where N is the total number of Redis commands",
		Summary:    "",
		Categories: CatConnection,
		Tips:       []string{"nondeterministic_output_order"},
		Do:         cmdCommand,
		Subcommands: []*Command{
			{
				Name: "count", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Do:         cmdCommandCount,
			},
			{
				Name: "docs", Arity: -2, Flags: Loading | Stale,
				Group: "server", Since: "7.0.0", Complexity: "O(N) where N is the number of commands to look up",
				Summary:    "",
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output_order"},
				Args: []Arg{
					{Name: "command-name", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdCommandDocs,
			},
			{
				Name: "getkeys", Arity: -4, Flags: Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(N) where N is the number of arguments to the command",
				Summary:    "",
				Categories: CatConnection,
				Do:         cmdCommandGetkeys,
			},
			{
				Name: "getkeysandflags", Arity: -4, Flags: Loading | Stale,
				Group: "server", Since: "7.0.0", Complexity: "O(N) where N is the number of arguments to the command",
				Summary:    "",
				Categories: CatConnection,
				Do:         cmdCommandGetkeysandflags,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "5.0.0", Complexity: "O(1)",
				Summary:    "",
				Categories: CatConnection,
				Do:         cmdCommandHelp,
			},
			{
				Name: "info", Arity: -2, Flags: Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(N) where N is the number of commands to look up",
				Summary:    "",
				History:    [][2]string{{"7.0.0", "Allowed to be called with no argument to get info on all commands."}},
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output_order"},
				Args: []Arg{
					{Name: "command-name", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdCommandInfo,
			},
			{
				Name: "list", Arity: -2, Flags: Loading | Stale,
				Group: "server", Since: "7.0.0", Complexity: "O(N) where N is the total number of Redis commands",
				Summary:    "",
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output_order"},
				Args: []Arg{
					{Name: "filterby", Type: ArgOneOf, Token: "FILTERBY", Flags: Optional, Args: []Arg{
						{Name: "module-name", Type: ArgString, Token: "MODULE"},
						{Name: "category", Type: ArgString, Token: "ACLCAT"},
						{Name: "pattern", Type: ArgPattern, Token: "PATTERN"},
					}},
				},
				Do: cmdCommandList,
			},
		},
	},
	{
		Name: "config", Arity: -2,
		Group: "server", Since: "2.0.0", Complexity: "Depends on subcommand.",
		Summary: "",
		Subcommands: []*Command{
			{
				Name: "get", Arity: -3, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.0.0", Complexity: "O(N) when N is the number of configuration parameters provided",
				Summary: "",
				History: [][2]string{{"7.0.0", "Added the ability to pass multiple pattern parameters in one call"}},
				Args: []Arg{
					{Name: "parameter", Type: ArgBlock, Flags: Multiple, Args: []Arg{
						{Name: "parameter", Type: ArgString},
					}},
				},
				Do: cmdConfigGet,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "5.0.0", Complexity: "O(1)",
				Summary: "",
				Do:      cmdConfigHelp,
			},
			{
				Name: "resetstat", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.0.0", Complexity: "O(1)",
				Summary: "",
				Do:      cmdConfigResetstat,
			},
			{
				Name: "set", Arity: -4, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.0.0", Complexity: "O(N) when N is the number of configuration parameters provided",
				Summary: "",
				History: [][2]string{{"7.0.0", "Added the ability to set multiple parameters in one call."}},
				Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
				Args: []Arg{
					{Name: "parameter_value", Type: ArgBlock, Flags: Multiple, Args: []Arg{
						{Name: "parameter", Type: ArgString},
						{Name: "value", Type: ArgString},
					}},
				},
				Do: cmdConfigSet,
			},
		},
	},
	{
		Name: "dbsize", Arity: 1, Flags: ReadOnly | Fast,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatKeyspace,
		Tips:       []string{"request_policy:all_shards", "response_policy:agg_sum"},
		Do:         cmdDbsize,
	},
	{
		Name: "debug", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
		Group: "server", Since: "1.0.0", Complexity: "Depends on subcommand.",
		Summary:  "",
		DocFlags: []string{"syscmd"},
		Do:       cmdDebug,
	},
	{
		Name: "flushall", Arity: -1, Flags: Write,
		Group: "server", Since: "1.0.0", Complexity: "O(N) where N is the total number of keys in all databases",
		Summary:    "",
		History:    [][2]string{{"4.0.0", "Added the `ASYNC` flushing mode modifier."}, {"6.2.0", "Added the `SYNC` flushing mode modifier."}},
		Categories: CatKeyspace | CatDangerous,
		Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
		Args: []Arg{
			{Name: "async", Type: ArgOneOf, Flags: Optional, Args: []Arg{
				{Name: "async", Type: ArgPureToken, Token: "ASYNC", Since: "4.0.0"},
				{Name: "sync", Type: ArgPureToken, Token: "SYNC", Since: "6.2.0"},
			}},
		},
		Do: cmdFlushall,
	},
	{
		Name: "flushdb", Arity: -1, Flags: Write,
		Group: "server", Since: "1.0.0", Complexity: "O(N) where N is the number of keys in the selected database",
		Summary:    "",
		History:    [][2]string{{"4.0.0", "Added the `ASYNC` flushing mode modifier."}, {"6.2.0", "Added the `SYNC` flushing mode modifier."}},
		Categories: CatKeyspace | CatDangerous,
		Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
		Args: []Arg{
			{Name: "async", Type: ArgOneOf, Flags: Optional, Args: []Arg{
				{Name: "async", Type: ArgPureToken, Token: "ASYNC", Since: "4.0.0"},
				{Name: "sync", Type: ArgPureToken, Token: "SYNC", Since: "6.2.0"},
			}},
		},
		Do: cmdFlushdb,
	},
	{
		Name: "info", Arity: -1, Flags: Loading | Stale,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "",
		History:    [][2]string{{"7.0.0", "Added support for taking multiple section arguments."}},
		Categories: CatDangerous,
		Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
		Args: []Arg{
			{Name: "section", Type: ArgString, Flags: Optional | Multiple},
		},
		Do: cmdInfo,
	},
	{
		Name: "lastsave", Arity: 1, Flags: Loading | Stale | Fast,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatAdmin | CatDangerous,
		Tips:       []string{"nondeterministic_output"},
		Do:         cmdLastsave,
	},
	{
		Name: "swapdb", Arity: 3, Flags: Write | Fast,
		Group: "server", Since: "4.0.0", Complexity: "O(N) where N is the count of clients watching or blocking on keys from both databases.",
		Summary:    "",
		Categories: CatKeyspace | CatDangerous,
		Args: []Arg{
			{Name: "index1", Type: ArgInteger},
			{Name: "index2", Type: ArgInteger},
		},
		Do: cmdSwapdb,
	},
	{
		Name: "time", Arity: 1, Flags: Loading | Stale | Fast,
		Group: "server", Since: "2.6.0", Complexity: "O(1)",
		Summary: "",
		Tips:    []string{"nondeterministic_output"},
		Do:      cmdTime,
	},
}
