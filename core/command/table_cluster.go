package command

var clusterCommands = []*Command{
	{
		Name: "asking", Arity: 1, Flags: Fast,
		Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
		Summary:    "Says that the next command follows a redirection.",
		Categories: CatConnection,
		Do:         cmdCluster,
	},
	{
		Name: "cluster", Arity: -2,
		Group: "cluster", Since: "3.0.0", Complexity: "By subcommand",
		Summary: "The commands on a Redis Cluster.",
		Subcommands: []*Command{
			{
				Name: "addslots", Arity: -3, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(N) for N slots",
				Summary: "Gives slots to this node.",
				Args: []Arg{
					{Name: "slot", Type: ArgInteger, Flags: Multiple},
				},
				Do: cmdCluster,
			},
			{
				Name: "addslotsrange", Arity: -4, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "7.0.0", Complexity: "O(N) for N slots",
				Summary: "Gives ranges of slots to this node.",
				Args: []Arg{
					{Name: "start-slot_end-slot", Type: ArgBlock, Flags: Multiple, Args: []Arg{
						{Name: "start-slot", Type: ArgInteger},
						{Name: "end-slot", Type: ArgInteger},
					}},
				},
				Do: cmdCluster,
			},
			{
				Name: "bumpepoch", Arity: 2, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Raises the epoch of the cluster's configuration.",
				Tips:    []string{"nondeterministic_output"},
				Do:      cmdCluster,
			},
			{
				Name: "count-failure-reports", Arity: 3, Flags: Admin | Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(N) for N reports",
				Summary: "Counts the reports that a node has failed.",
				Tips:    []string{"nondeterministic_output"},
				Args: []Arg{
					{Name: "node-id", Type: ArgString},
				},
				Do: cmdCluster,
			},
			{
				Name: "countkeysinslot", Arity: 3, Flags: Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Counts the keys of a slot.",
				Args: []Arg{
					{Name: "slot", Type: ArgInteger},
				},
				Do: cmdCluster,
			},
			{
				Name: "delslots", Arity: -3, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(N) for N slots",
				Summary: "Takes slots from this node.",
				Args: []Arg{
					{Name: "slot", Type: ArgInteger, Flags: Multiple},
				},
				Do: cmdCluster,
			},
			{
				Name: "delslotsrange", Arity: -4, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "7.0.0", Complexity: "O(N) for N slots",
				Summary: "Takes ranges of slots from this node.",
				Args: []Arg{
					{Name: "start-slot_end-slot", Type: ArgBlock, Flags: Multiple, Args: []Arg{
						{Name: "start-slot", Type: ArgInteger},
						{Name: "end-slot", Type: ArgInteger},
					}},
				},
				Do: cmdCluster,
			},
			{
				Name: "failover", Arity: -2, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Lets a replica take its master's place.",
				Args: []Arg{
					{Name: "options", Type: ArgOneOf, Flags: Optional, Args: []Arg{
						{Name: "force", Type: ArgPureToken, Token: "FORCE"},
						{Name: "takeover", Type: ArgPureToken, Token: "TAKEOVER"},
					}},
				},
				Do: cmdCluster,
			},
			{
				Name: "flushslots", Arity: 2, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Takes all slots from this node.",
				Do:      cmdCluster,
			},
			{
				Name: "forget", Arity: 3, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Drops a node from the table of nodes.",
				Args: []Arg{
					{Name: "node-id", Type: ArgString},
				},
				Do: cmdCluster,
			},
			{
				Name: "getkeysinslot", Arity: 4, Flags: Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(log N) for N keys asked for",
				Summary: "Gives keys of a slot.",
				Tips:    []string{"nondeterministic_output"},
				Args: []Arg{
					{Name: "slot", Type: ArgInteger},
					{Name: "count", Type: ArgInteger},
				},
				Do: cmdCluster,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "cluster", Since: "5.0.0", Complexity: "O(1)",
				Summary: "Lists the subcommands.",
				Do:      cmdCluster,
			},
			{
				Name: "info", Arity: 2, Flags: Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Tells the state of the cluster.",
				Tips:    []string{"nondeterministic_output"},
				Do:      cmdCluster,
			},
			{
				Name: "keyslot", Arity: 3, Flags: Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(N) for N bytes of key",
				Summary: "Tells the slot of a key.",
				Args: []Arg{
					{Name: "key", Type: ArgString},
				},
				Do: cmdCluster,
			},
			{
				Name: "links", Arity: 2, Flags: Stale,
				Group: "cluster", Since: "7.0.0", Complexity: "O(N) for N nodes",
				Summary: "Lists the links to other nodes.",
				Tips:    []string{"nondeterministic_output"},
				Do:      cmdCluster,
			},
			{
				Name: "meet", Arity: -4, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Makes this node shake hands with another.",
				History: [][2]string{{"4.0.0", "Takes the port of the bus."}},
				Args: []Arg{
					{Name: "ip", Type: ArgString},
					{Name: "port", Type: ArgInteger},
					{Name: "cluster_bus_port", Type: ArgInteger, Flags: Optional, Since: "4.0.0"},
				},
				Do: cmdCluster,
			},
			{
				Name: "myid", Arity: 2, Flags: Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Tells the id of this node.",
				Do:      cmdCluster,
			},
			{
				Name: "myshardid", Arity: 2, Flags: Stale,
				Group: "cluster", Since: "7.2.0", Complexity: "O(1)",
				Summary: "Tells the id of this node's shard.",
				Tips:    []string{"nondeterministic_output"},
				Do:      cmdCluster,
			},
			{
				Name: "nodes", Arity: 2, Flags: Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(N) for N nodes",
				Summary: "Tells what this node knows of the others.",
				Tips:    []string{"nondeterministic_output"},
				Do:      cmdCluster,
			},
			{
				Name: "replicas", Arity: 3, Flags: Admin | Stale,
				Group: "cluster", Since: "5.0.0", Complexity: "O(1)",
				Summary: "Lists the replicas of a master.",
				Tips:    []string{"nondeterministic_output"},
				Args: []Arg{
					{Name: "node-id", Type: ArgString},
				},
				Do: cmdCluster,
			},
			{
				Name: "replicate", Arity: 3, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Makes this node a replica of another.",
				Args: []Arg{
					{Name: "node-id", Type: ArgString},
				},
				Do: cmdCluster,
			},
			{
				Name: "reset", Arity: -2, Flags: Admin | NoScript | Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(N) for N known nodes",
				Summary: "Makes this node forget the cluster.",
				Args: []Arg{
					{Name: "hard_soft", Type: ArgOneOf, Flags: Optional, Args: []Arg{
						{Name: "hard", Type: ArgPureToken, Token: "HARD"},
						{Name: "soft", Type: ArgPureToken, Token: "SOFT"},
					}},
				},
				Do: cmdCluster,
			},
			{
				Name: "saveconfig", Arity: 2, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Writes the configuration of the node to disk.",
				Do:      cmdCluster,
			},
			{
				Name: "set-config-epoch", Arity: 3, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Sets the epoch of a new node.",
				Args: []Arg{
					{Name: "config-epoch", Type: ArgInteger},
				},
				Do: cmdCluster,
			},
			{
				Name: "setslot", Arity: -4, Flags: Admin | Stale | NoAsyncLoading,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary: "Ties a slot to a node.",
				Args: []Arg{
					{Name: "slot", Type: ArgInteger},
					{Name: "subcommand", Type: ArgOneOf, Args: []Arg{
						{Name: "node-id", Type: ArgString, Token: "IMPORTING"},
						{Name: "node-id", Type: ArgString, Token: "MIGRATING"},
						{Name: "node-id", Type: ArgString, Token: "NODE"},
						{Name: "stable", Type: ArgPureToken, Token: "STABLE"},
					}},
				},
				Do: cmdCluster,
			},
			{
				Name: "shards", Arity: 2, Flags: Stale,
				Group: "cluster", Since: "7.0.0", Complexity: "O(N) for N nodes",
				Summary: "Tells which slots and nodes each shard has.",
				Tips:    []string{"nondeterministic_output"},
				Do:      cmdCluster,
			},
			{
				Name: "slaves", Arity: 3, Flags: Admin | Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
				Summary:         "Lists the replicas of a master.",
				DocFlags:        []string{"deprecated"},
				DeprecatedSince: "5.0.0", ReplacedBy: "`CLUSTER REPLICAS`",
				Tips: []string{"nondeterministic_output"},
				Args: []Arg{
					{Name: "node-id", Type: ArgString},
				},
				Do: cmdCluster,
			},
			{
				Name: "slots", Arity: 2, Flags: Stale,
				Group: "cluster", Since: "3.0.0", Complexity: "O(N) for N nodes",
				Summary:         "Tells which nodes serve which slots.",
				DocFlags:        []string{"deprecated"},
				DeprecatedSince: "7.0.0", ReplacedBy: "`CLUSTER SHARDS`",
				History: [][2]string{{"4.0.0", "Tells the ids of nodes."}, {"7.0.0", "Tells more of the network."}},
				Tips:    []string{"nondeterministic_output"},
				Do:      cmdCluster,
			},
		},
	},
	{
		Name: "readonly", Arity: 1, Flags: Loading | Stale | Fast,
		Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
		Summary:    "Allows this connection to read from a replica in a cluster.",
		Categories: CatConnection,
		Do:         cmdCluster,
	},
	{
		Name: "readwrite", Arity: 1, Flags: Loading | Stale | Fast,
		Group: "cluster", Since: "3.0.0", Complexity: "O(1)",
		Summary:    "Takes READONLY back.",
		Categories: CatConnection,
		Do:         cmdCluster,
	},
}
