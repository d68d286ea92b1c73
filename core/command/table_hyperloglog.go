package command

var hyperLogLogCommands = []*Command{
	{
		Name: "pfadd", Arity: -2, Flags: Write | DenyOOM | Fast | Grows,
		Group: "hyperloglog", Since: "2.8.9", Complexity: "O(1) for each element",
		Summary:    "Adds elements to a HyperLogLog, which is made if it is not there.",
		Categories: CatHyperLogLog,
		Keys:       []KeySpec{{Flags: KeyRW | KeyInsert, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true},
			{Name: "element", Type: ArgString, Flags: Optional | Multiple},
		},
		Do: cmdPfadd,
	},
	{
		Name: "pfcount", Arity: -2, Flags: ReadOnly,
		Group: "hyperloglog", Since: "2.8.9", Complexity: "O(1) for one key, whose count is kept until it changes; O(N) for N keys",
		Summary:    "Estimates how many different elements were added to HyperLogLogs.",
		Categories: CatHyperLogLog,
		Keys: []KeySpec{{Flags: KeyRW | KeyAccess, Notes: "The count that is kept in the value may change, which is propagated",
			Begin: at(1), Find: keyRange(-1, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true, Flags: Multiple},
		},
		Do: cmdPfcount,
	},
	{
		Name: "pfdebug", Arity: 3, Flags: Write | DenyOOM | Admin,
		Group: "hyperloglog", Since: "2.8.9", Complexity: "O(N) for N registers",
		Summary:    "Shows how a HyperLogLog is kept, or makes it dense.",
		DocFlags:   []string{"syscmd"},
		Categories: CatHyperLogLog,
		Keys:       []KeySpec{{Flags: KeyRW | KeyAccess, Begin: at(2), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "subcommand", Type: ArgString},
			{Name: "key", Type: ArgKey, HasSpec: true},
		},
		Do: cmdPfdebug,
	},
	{
		Name: "pfmerge", Arity: -2, Flags: Write | DenyOOM | Grows,
		Group: "hyperloglog", Since: "2.8.9", Complexity: "O(N) for N HyperLogLogs",
		Summary:    "Stores the union of HyperLogLogs.",
		Categories: CatHyperLogLog,
		Keys: []KeySpec{
			{Flags: KeyRW | KeyAccess | KeyInsert, Begin: at(1), Find: keyRange(0, 1, 0)},
			{Flags: KeyRO | KeyAccess, Begin: at(2), Find: keyRange(-1, 1, 0)},
		},
		Args: []Arg{
			{Name: "destkey", Type: ArgKey, HasSpec: true},
			{Name: "sourcekey", Type: ArgKey, HasSpec: true, KeySpec: 1, Flags: Optional | Multiple},
		},
		Do: cmdPfmerge,
	},
	{
		Name: "pfselftest", Arity: 1, Flags: Admin,
		Group: "hyperloglog", Since: "2.8.9", Complexity: "O(1)",
		Summary:    "Tests the estimates of HyperLogLogs.",
		DocFlags:   []string{"syscmd"},
		Categories: CatHyperLogLog,
		Do:         cmdPfselftest,
	},
}
