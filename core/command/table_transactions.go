package command

var transactionsCommands = []*Command{
	{
		Name: "discard", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "2.0.0", Complexity: "O(N) for N commands",
		Summary:    "Drops the commands queued since MULTI.",
		Categories: CatTransaction,
		Do:         cmdDiscard,
	},
	{
		Name: "exec", Arity: 1, Flags: NoScript | Loading | Stale | SkipSlowlog | Grows,
		Group: "transactions", Since: "1.2.0", Complexity: "That of the commands",
		Summary:    "Runs the commands queued since MULTI, and nothing between them.",
		Categories: CatTransaction,
		Do:         cmdExec,
	},
	{
		Name: "multi", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "1.2.0", Complexity: "O(1)",
		Summary:    "Starts to queue commands for EXEC.",
		Categories: CatTransaction,
		Do:         cmdMulti,
	},
	{
		Name: "unwatch", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "2.2.0", Complexity: "O(1)",
		Summary:    "Forgets all watched keys.",
		Categories: CatTransaction,
		Do:         cmdUnwatch,
	},
	{
		Name: "watch", Arity: -2, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "2.2.0", Complexity: "O(1) for each key",
		Summary:    "Makes the next EXEC fail if one of the keys changes before.",
		Categories: CatTransaction,
		Keys:       []KeySpec{{Flags: KeyRO, Begin: at(1), Find: keyRange(-1, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, Flags: Multiple, HasSpec: true},
		},
		Do: cmdWatch,
	},
}
