package command

// bitUnit is BYTE or BIT of BITCOUNT and BITPOS.
var bitUnit = Arg{Name: "unit", Type: ArgOneOf, Flags: Optional, Since: "7.0.0", Args: []Arg{
	{Name: "byte", Type: ArgPureToken, Token: "BYTE"},
	{Name: "bit", Type: ArgPureToken, Token: "BIT"},
}}

var bitmapCommands = []*Command{
	{
		Name: "bitcount", Arity: -2, Flags: ReadOnly,
		Group: "bitmap", Since: "2.6.0", Complexity: "O(N)",
		Summary:    "Counts the bits that are set in a string.",
		History:    [][2]string{{"7.0.0", "Takes BYTE or BIT."}},
		Categories: CatBitmap,
		Keys:       []KeySpec{{Flags: KeyRO | KeyAccess, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true},
			{Name: "range", Type: ArgBlock, Flags: Optional, Args: []Arg{
				{Name: "start", Type: ArgInteger},
				{Name: "end", Type: ArgInteger},
				bitUnit,
			}},
		},
		Do: cmdBitcount,
	},
	{
		Name: "bitfield", Arity: -2, Flags: Write | DenyOOM | Grows,
		Group: "bitmap", Since: "3.2.0", Complexity: "O(1) for each operation",
		Summary:    "Reads and changes integers of any width inside a string.",
		Categories: CatBitmap,
		Keys: []KeySpec{{Flags: KeyRW | KeyAccess | KeyUpdate | KeyVariableFlags, Notes: "The operations tell whether the key is changed",
			Begin: at(1), Find: keyRange(0, 1, 0)}},
		GetKeys: bitfieldGetKeys,
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true},
			{Name: "operation", Type: ArgOneOf, Flags: Optional | Multiple, Args: []Arg{
				{Name: "get-block", Type: ArgBlock, Token: "GET", Args: bitfieldPlace},
				{Name: "write", Type: ArgBlock, Args: []Arg{
					{Name: "overflow-block", Type: ArgOneOf, Token: "OVERFLOW", Flags: Optional, Args: []Arg{
						{Name: "wrap", Type: ArgPureToken, Token: "WRAP"},
						{Name: "sat", Type: ArgPureToken, Token: "SAT"},
						{Name: "fail", Type: ArgPureToken, Token: "FAIL"},
					}},
					{Name: "write-operation", Type: ArgOneOf, Args: []Arg{
						{Name: "set-block", Type: ArgBlock, Token: "SET", Args: []Arg{
							{Name: "encoding", Type: ArgString},
							{Name: "offset", Type: ArgInteger},
							{Name: "value", Type: ArgInteger},
						}},
						{Name: "incrby-block", Type: ArgBlock, Token: "INCRBY", Args: []Arg{
							{Name: "encoding", Type: ArgString},
							{Name: "offset", Type: ArgInteger},
							{Name: "increment", Type: ArgInteger},
						}},
					}},
				}},
			}},
		},
		Do: cmdBitfield,
	},
	{
		Name: "bitfield_ro", Arity: -2, Flags: ReadOnly | Fast,
		Group: "bitmap", Since: "6.0.0", Complexity: "O(1) for each operation",
		Summary:    "Reads integers of any width inside a string.",
		Categories: CatBitmap,
		Keys:       []KeySpec{{Flags: KeyRO | KeyAccess, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true},
			{Name: "get-block", Type: ArgBlock, Token: "GET", Flags: Optional | Multiple | MultipleToken, Args: bitfieldPlace},
		},
		Do: cmdBitfieldRO,
	},
	{
		Name: "bitop", Arity: -4, Flags: Write | DenyOOM | Grows,
		Group: "bitmap", Since: "2.6.0", Complexity: "O(N)",
		Summary:    "Stores the bitwise combination of strings.",
		Categories: CatBitmap,
		Keys: []KeySpec{
			{Flags: KeyOW | KeyUpdate, Begin: at(2), Find: keyRange(0, 1, 0)},
			{Flags: KeyRO | KeyAccess, Begin: at(3), Find: keyRange(-1, 1, 0)},
		},
		Args: []Arg{
			{Name: "operation", Type: ArgOneOf, Args: []Arg{
				{Name: "and", Type: ArgPureToken, Token: "AND"},
				{Name: "or", Type: ArgPureToken, Token: "OR"},
				{Name: "xor", Type: ArgPureToken, Token: "XOR"},
				{Name: "not", Type: ArgPureToken, Token: "NOT"},
			}},
			{Name: "destkey", Type: ArgKey, HasSpec: true},
			{Name: "key", Type: ArgKey, HasSpec: true, KeySpec: 1, Flags: Multiple},
		},
		Do: cmdBitop,
	},
	{
		Name: "bitpos", Arity: -3, Flags: ReadOnly,
		Group: "bitmap", Since: "2.8.7", Complexity: "O(N)",
		Summary:    "Finds the first bit that is set, or clear, in a string.",
		History:    [][2]string{{"7.0.0", "Takes BYTE or BIT."}},
		Categories: CatBitmap,
		Keys:       []KeySpec{{Flags: KeyRO | KeyAccess, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true},
			{Name: "bit", Type: ArgInteger},
			{Name: "range", Type: ArgBlock, Flags: Optional, Args: []Arg{
				{Name: "start", Type: ArgInteger},
				{Name: "end-unit-block", Type: ArgBlock, Flags: Optional, Args: []Arg{
					{Name: "end", Type: ArgInteger},
					bitUnit,
				}},
			}},
		},
		Do: cmdBitpos,
	},
	{
		Name: "getbit", Arity: 3, Flags: ReadOnly | Fast,
		Group: "bitmap", Since: "2.2.0", Complexity: "O(1)",
		Summary:    "Reads a bit of a string.",
		Categories: CatBitmap,
		Keys:       []KeySpec{{Flags: KeyRO | KeyAccess, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true},
			{Name: "offset", Type: ArgInteger},
		},
		Do: cmdGetbit,
	},
	{
		Name: "setbit", Arity: 4, Flags: Write | DenyOOM | Grows,
		Group: "bitmap", Since: "2.2.0", Complexity: "O(1)",
		Summary:    "Sets or clears a bit of a string, which becomes as long as that takes.",
		Categories: CatBitmap,
		Keys:       []KeySpec{{Flags: KeyRW | KeyAccess | KeyUpdate, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "key", Type: ArgKey, HasSpec: true},
			{Name: "offset", Type: ArgInteger},
			{Name: "value", Type: ArgInteger},
		},
		Do: cmdSetbit,
	},
}

// bitfieldPlace is where a field is and of what type.
var bitfieldPlace = []Arg{
	{Name: "encoding", Type: ArgString},
	{Name: "offset", Type: ArgInteger},
}
