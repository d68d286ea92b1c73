package command

var transactionsCommands = []*Command{
	{
		Name: "discard", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "2.0.0", Complexity: "O(N), when N is the number of queued commands",
		Summary:    "",
		Categories: CatTransaction,
		Do:         cmdDiscard,
	},
	{
		Name: "exec", Arity: 1, Flags: NoScript | Loading | Stale | SkipSlowlog,
		Group: "transactions", Since: "1.2.0", Complexity: "Depends on commands in the transaction",
		Summary:    "",
		Categories: CatTransaction,
		Do:         cmdExec,
	},
	{
		Name: "multi", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "1.2.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatTransaction,
		Do:         cmdMulti,
	},
	{
		Name: "unwatch", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "2.2.0", Complexity: "O(1)",
		Summary:    "",
		Categories: CatTransaction,
		Do:         cmdUnwatch,
	},
	{
		Name: "watch", Arity: -2, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
		Group: "transactions", Since: "2.2.0", Complexity: "O(1) for every key.",
		Summary:    "",
		Categories: CatTransaction,
		Keys:       []KeySpec{{Flags: KeyRO, Begin: at(1), Find: keyRange(-1, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, Flags: Multiple, HasSpec: true},
		},
		Do: cmdWatch,
	},
}
