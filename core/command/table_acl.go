package command

// aclFlags are the flags of most ACL subcommands: those that read or change what users may do.
const aclFlags = Admin | NoScript | Loading | Stale

var aclCommands = []*Command{
	{
		Name: "acl", Arity: -2,
		Group: "server", Since: "6.0.0", Complexity: "That of the subcommand.",
		Summary: "Looks at users and what they may do, and changes that.",
		Subcommands: []*Command{
			{
				Name: "cat", Arity: -2, Flags: NoScript | Loading | Stale,
				Group: "server", Since: "6.0.0", Complexity: "O(1): there are so many categories and commands.",
				Summary: "Names the ACL categories, or the commands of one.",
				Args: []Arg{
					{Name: "category", Type: ArgString, Flags: Optional},
				},
				Do: cmdAclCat,
			},
			{
				Name: "deluser", Arity: -3, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N connections",
				Summary: "Removes users and ends their connections.",
				Args: []Arg{
					{Name: "username", Type: ArgString, Flags: Multiple},
				},
				Do: cmdAclDeluser,
			},
			{
				Name: "dryrun", Arity: -4, Flags: aclFlags,
				Group: "server", Since: "7.0.0", Complexity: "O(1)",
				Summary: "Tells whether a user may call a command, without calling it.",
				Args: []Arg{
					{Name: "username", Type: ArgString},
					{Name: "command", Type: ArgString},
					{Name: "arg", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdAclDryrun,
			},
			{
				Name: "genpass", Arity: -2, Flags: NoScript | Loading | Stale,
				Group: "server", Since: "6.0.0", Complexity: "O(1)",
				Summary: "Makes a password that nobody can guess.",
				Args: []Arg{
					{Name: "bits", Type: ArgInteger, Flags: Optional},
				},
				Do: cmdAclGenpass,
			},
			{
				Name: "getuser", Arity: 3, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N rules of the user",
				Summary: "Tells what a user may do.",
				History: [][2]string{{"6.2.0", "Patterns of channels."}, {"7.0.0", "Selectors; keys and channels are told as rules, where they were lists of patterns."}},
				Args: []Arg{
					{Name: "username", Type: ArgString},
				},
				Do: cmdAclGetuser,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "6.0.0", Complexity: "O(1)",
				Summary: "Lists the subcommands.",
				Do:      cmdAclHelp,
			},
			{
				Name: "list", Arity: 2, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N users",
				Summary: "Gives a line of rules for each user.",
				Do:      cmdAclList,
			},
			{
				Name: "load", Arity: 2, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N users",
				Summary: "Reads the users from the ACL file.",
				Do:      cmdAclLoad,
			},
			{
				Name: "log", Arity: -2, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N entries told",
				Summary: "Tells what was refused to users lately, or forgets it.",
				History: [][2]string{{"7.2.0", "New fields: entry-id, timestamp-created, timestamp-last-updated."}},
				Args: []Arg{
					{Name: "operation", Type: ArgOneOf, Flags: Optional, Args: []Arg{
						{Name: "count", Type: ArgInteger},
						{Name: "reset", Type: ArgPureToken, Token: "RESET"},
					}},
				},
				Do: cmdAclLog,
			},
			{
				Name: "save", Arity: 2, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N users",
				Summary: "Writes the users to the ACL file.",
				Do:      cmdAclSave,
			},
			{
				Name: "setuser", Arity: -3, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N rules",
				Summary: "Changes what a user may do, or makes a user.",
				History: [][2]string{{"6.2.0", "Patterns of channels."}, {"7.0.0", "Selectors, and keys to read or to write only."}},
				Args: []Arg{
					{Name: "username", Type: ArgString},
					{Name: "rule", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdAclSetuser,
			},
			{
				Name: "users", Arity: 2, Flags: aclFlags,
				Group: "server", Since: "6.0.0", Complexity: "O(N) for N users",
				Summary: "Names all users.",
				Do:      cmdAclUsers,
			},
			{
				Name: "whoami", Arity: 2, Flags: NoScript | Loading | Stale,
				Group: "server", Since: "6.0.0", Complexity: "O(1)",
				Summary: "Names the user of this connection.",
				Do:      cmdAclWhoami,
			},
		},
	},
	{
		Name: "auth", Arity: -2, Flags: NoScript | Loading | Stale | Fast | NoAuth | AllowBusy,
		Group: "connection", Since: "1.0.0", Complexity: "O(N) for N passwords of the user",
		Summary:    "Tells who this connection is, with a password.",
		History:    [][2]string{{"6.0.0", "Users with names."}},
		Categories: CatConnection,
		Args: []Arg{
			{Name: "username", Type: ArgString, Flags: Optional, Since: "6.0.0"},
			{Name: "password", Type: ArgString},
		},
		Do: cmdAuth,
	},
}
