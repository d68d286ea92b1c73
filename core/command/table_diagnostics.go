package command

var diagnosticsCommands = []*Command{
	{
		Name: "latency", Arity: -2,
		Group: "server", Since: "2.8.13", Complexity: "By subcommand",
		Summary: "The commands on spikes of latency.",
		Subcommands: []*Command{
			{
				Name: "doctor", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary: "Explains the spikes in words.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
				Do:      cmdLatencyDoctor,
			},
			{
				Name: "graph", Arity: 3, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary: "Draws the spikes of an event.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
				Args: []Arg{
					{Name: "event", Type: ArgString},
				},
				Do: cmdLatencyGraph,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary: "Lists the subcommands.",
				Do:      cmdLatencyHelp,
			},
			{
				Name: "histogram", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "7.0.0", Complexity: "O(N) for N commands told of",
				Summary: "Tells how the times of commands are spread.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
				Args: []Arg{
					{Name: "command", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdLatencyHistogram,
			},
			{
				Name: "history", Arity: 3, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary: "Gives the spikes of an event with their times.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
				Args: []Arg{
					{Name: "event", Type: ArgString},
				},
				Do: cmdLatencyHistory,
			},
			{
				Name: "latest", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary: "Gives the latest spike of each event.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
				Do:      cmdLatencyLatest,
			},
			{
				Name: "reset", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
				Group: "server", Since: "2.8.13", Complexity: "O(1)",
				Summary: "Forgets the spikes of events.",
				Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
				Args: []Arg{
					{Name: "event", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdLatencyReset,
			},
		},
	},
	{
		Name: "memory", Arity: -2,
		Group: "server", Since: "4.0.0", Complexity: "By subcommand",
		Summary: "The commands on memory.",
		Subcommands: []*Command{
			{
				Name: "doctor", Arity: 2,
				Group: "server", Since: "4.0.0", Complexity: "O(1)",
				Summary: "Explains in words what is wrong with memory.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
				Do:      cmdMemoryDoctor,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "4.0.0", Complexity: "O(1)",
				Summary: "Lists the subcommands.",
				Do:      cmdMemoryHelp,
			},
			{
				Name: "malloc-stats", Arity: 2,
				Group: "server", Since: "4.0.0", Complexity: "O(1)",
				Summary: "Gives the report of the allocator.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
				Do:      cmdMemoryMallocStats,
			},
			{
				Name: "purge", Arity: 2,
				Group: "server", Since: "4.0.0", Complexity: "O(N) for N bytes in use",
				Summary: "Asks the allocator to give memory back.",
				Tips:    []string{"request_policy:all_shards", "response_policy:all_succeeded"},
				Do:      cmdMemoryPurge,
			},
			{
				Name: "stats", Arity: 2,
				Group: "server", Since: "4.0.0", Complexity: "O(1)",
				Summary: "Tells what memory is used for.",
				Tips:    []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
				Do:      cmdMemoryStats,
			},
			{
				Name: "usage", Arity: -3, Flags: ReadOnly,
				Group: "server", Since: "4.0.0", Complexity: "O(1)",
				Summary: "Tells how many bytes a key and its value take.",
				Keys:    []KeySpec{{Flags: KeyRO, Begin: at(2), Find: keyRange(0, 1, 0)}},
				Args: []Arg{
					{Name: "key", Type: ArgKey, HasSpec: true},
					{Name: "count", Type: ArgInteger, Token: "SAMPLES", Flags: Optional},
				},
				Do: cmdMemoryUsage,
			},
		},
	},
	{
		Name: "monitor", Arity: 1, Flags: Admin | NoScript | Loading | Stale,
		Group: "server", Since: "1.0.0",
		Summary: "Sends every command that is run to this connection.",
		Do:      cmdMonitor,
	},
	{
		Name: "slowlog", Arity: -2,
		Group: "server", Since: "2.2.12", Complexity: "By subcommand",
		Summary: "The commands on the log of slow commands.",
		Subcommands: []*Command{
			{
				Name: "get", Arity: -2, Flags: Admin | Loading | Stale,
				Group: "server", Since: "2.2.12", Complexity: "O(N) for N entries given",
				Summary: "Gives entries of the log, the latest first.",
				History: [][2]string{{"4.0.0", "Tells address and name of the client too."}},
				Tips:    []string{"request_policy:all_nodes", "nondeterministic_output"},
				Args: []Arg{
					{Name: "count", Type: ArgInteger, Flags: Optional},
				},
				Do: cmdSlowlogGet,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "6.2.0", Complexity: "O(1)",
				Summary: "Lists the subcommands.",
				Do:      cmdSlowlogHelp,
			},
			{
				Name: "len", Arity: 2, Flags: Admin | Loading | Stale,
				Group: "server", Since: "2.2.12", Complexity: "O(1)",
				Summary: "Counts the entries of the log.",
				Tips:    []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"},
				Do:      cmdSlowlogLen,
			},
			{
				Name: "reset", Arity: 2, Flags: Admin | Loading | Stale,
				Group: "server", Since: "2.2.12", Complexity: "O(N) for N entries",
				Summary: "Empties the log.",
				Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
				Do:      cmdSlowlogReset,
			},
		},
	},
}
