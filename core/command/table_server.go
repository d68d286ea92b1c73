package command

var serverCommands = []*Command{
	{
		Name: "bgrewriteaof", Arity: 1, Flags: Admin | NoScript | NoAsyncLoading,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary: "Writes the append-only file anew, as short as the data allow, while commands go on.",
		Do:      cmdBgrewriteaof,
	},
	{
		Name: "command", Arity: -1, Flags: Loading | Stale,
		Group: "server", Since: "2.8.13", Complexity: "O(N) for N commands",
		Summary:    "Tells all there is to know of every command.",
		Categories: CatConnection,
		Tips:       []string{"nondeterministic_output_order"},
		Do:         cmdCommand,
		Subcommands: []*Command{
			{
				Name: "count", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary:    "Counts the commands.",
				Categories: CatConnection,
				Do:         cmdCommandCount,
			},
			{
				Name: "docs", Arity: -2, Flags: Loading | Stale,
				Group: "server", Since: "7.0.0", Complexity: "O(N) for N commands",
				Summary:    "Gives summary, arguments and history of commands.",
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output_order"},
				Args: []Arg{
					{Name: "command-name", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdCommandDocs,
			},
			{
				Name: "getkeys", Arity: -3, Flags: Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(N) for N words",
				Summary:    "Picks the keys out of the words of a command.",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "command", Type: ArgString},
					{Name: "arg", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdCommandGetkeys,
			},
			{
				Name: "getkeysandflags", Arity: -3, Flags: Loading | Stale,
				Group: "server", Since: "7.0.0", Complexity: "O(N) for N words",
				Summary:    "Picks the keys out of the words of a command, with what happens to each.",
				Categories: CatConnection,
				Args: []Arg{
					{Name: "command", Type: ArgString},
					{Name: "arg", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdCommandGetkeysandflags,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "5.0.0", Complexity: "O(1)",
				Summary:    "Lists the subcommands.",
				Categories: CatConnection,
				Do:         cmdCommandHelp,
			},
			{
				Name: "info", Arity: -2, Flags: Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(N) for N commands",
				Summary:    "Gives arity, flags, keys and categories of commands.",
				History:    [][2]string{{"7.0.0", "Without names it tells of all commands."}},
				Categories: CatConnection,
				Tips:       []string{"nondeterministic_output_order"},
				Args: []Arg{
					{Name: "command-name", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdCommandInfo,
			},
			{
				Name: "list", Arity: -2, Flags: Loading | Stale,
				Group: "server", Since: "7.0.0", Complexity: "O(N) for N commands",
				Summary:    "Gives the names of commands.",
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
		Group: "server", Since: "2.0.0", Complexity: "By subcommand",
		Summary: "Reads and changes parameters.",
		Subcommands: []*Command{
			{
				Name: "get", Arity: -3, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.0.0", Complexity: "O(N) for N patterns",
				Summary: "Gives the parameters whose names match.",
				History: [][2]string{{"7.0.0", "Takes several patterns."}},
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
				Summary: "Lists the subcommands.",
				Do:      cmdConfigHelp,
			},
			{
				Name: "resetstat", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.0.0", Complexity: "O(1)",
				Summary: "Sets the counters of INFO to zero.",
				Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
				Do:      cmdConfigResetstat,
			},
			{
				Name: "rewrite", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.8.0", Complexity: "O(1)",
				Summary: "Writes the parameters in force into the configuration file.",
				Do:      cmdConfigRewrite,
			},
			{
				Name: "set", Arity: -4, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.0.0", Complexity: "O(N) for N parameters",
				Summary: "Changes parameters: all that are named, or none.",
				History: [][2]string{{"7.0.0", "Takes several parameters."}},
				Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
				Args: []Arg{
					{Name: "data", Type: ArgBlock, Flags: Multiple, Args: []Arg{
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
		Summary:    "Tells how many keys the database has.",
		Categories: CatKeyspace,
		Tips:       []string{"request_policy:all_shards", "response_policy:agg_sum"},
		Do:         cmdDbsize,
	},
	{
		Name: "debug", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
		Group: "server", Since: "1.0.0", Complexity: "By subcommand",
		Summary:  "Looks inside the engine, for tests.",
		DocFlags: []string{"syscmd"},
		Do:       cmdDebug,
	},
	{
		Name: "flushall", Arity: -1, Flags: Write,
		Group: "server", Since: "1.0.0", Complexity: "O(N) for N keys",
		Summary:    "Removes all keys of all databases.",
		History:    [][2]string{{"4.0.0", "New: ASYNC."}, {"6.2.0", "New: SYNC."}},
		Categories: CatKeyspace | CatDangerous,
		Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
		Args: []Arg{
			{Name: "flush-type", Type: ArgOneOf, Flags: Optional, Args: []Arg{
				{Name: "async", Type: ArgPureToken, Token: "ASYNC", Since: "4.0.0"},
				{Name: "sync", Type: ArgPureToken, Token: "SYNC", Since: "6.2.0"},
			}},
		},
		Do: cmdFlushall,
	},
	{
		Name: "flushdb", Arity: -1, Flags: Write,
		Group: "server", Since: "1.0.0", Complexity: "O(N) for N keys",
		Summary:    "Removes all keys of the database.",
		History:    [][2]string{{"4.0.0", "New: ASYNC."}, {"6.2.0", "New: SYNC."}},
		Categories: CatKeyspace | CatDangerous,
		Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
		Args: []Arg{
			{Name: "flush-type", Type: ArgOneOf, Flags: Optional, Args: []Arg{
				{Name: "async", Type: ArgPureToken, Token: "ASYNC", Since: "4.0.0"},
				{Name: "sync", Type: ArgPureToken, Token: "SYNC", Since: "6.2.0"},
			}},
		},
		Do: cmdFlushdb,
	},
	{
		Name: "info", Arity: -1, Flags: Loading | Stale,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary:    "Tells the state of the engine, section by section.",
		History:    [][2]string{{"7.0.0", "Takes several sections."}},
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
		Summary:    "Tells when the data were last saved as a whole, in Unix seconds.",
		Categories: CatAdmin | CatDangerous,
		Tips:       []string{"nondeterministic_output"},
		Do:         cmdLastsave,
	},
	{
		Name: "swapdb", Arity: 3, Flags: Write | Fast,
		Group: "server", Since: "4.0.0", Complexity: "O(N) for N clients that watch keys there",
		Summary:    "Exchanges the contents of two databases.",
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
		Summary: "Tells the time in seconds and microseconds.",
		Tips:    []string{"nondeterministic_output"},
		Do:      cmdTime,
	},
}
