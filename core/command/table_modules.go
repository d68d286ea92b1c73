package command

var standaloneCommands = []*Command{
	{
		Name: "lolwut", Arity: -1, Flags: ReadOnly | Fast,
		Group: "server", Since: "5.0.0",
		Summary: "Paints a picture and names the version.",
		Args: []Arg{
			{Name: "version", Type: ArgInteger, Token: "VERSION", Flags: Optional},
		},
		Do: cmdLolwut,
	},
	{
		Name: "module", Arity: -2,
		Group: "server", Since: "4.0.0", Complexity: "By subcommand",
		Summary: "The commands on modules.",
		Subcommands: []*Command{
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "server", Since: "5.0.0", Complexity: "O(1)",
				Summary: "Lists the subcommands.",
				Do:      cmdModuleHelp,
			},
			{
				Name: "list", Arity: 2, Flags: Admin | NoScript,
				Group: "server", Since: "4.0.0", Complexity: "O(N) for N modules",
				Summary: "Lists the modules.",
				Tips:    []string{"nondeterministic_output_order"},
				Do:      cmdModuleList,
			},
			{
				Name: "load", Arity: -3, Flags: Admin | NoScript | NoAsyncLoading,
				Group: "server", Since: "4.0.0", Complexity: "O(1)",
				Summary: "Loads a module.",
				Args: []Arg{
					{Name: "path", Type: ArgString},
					{Name: "arg", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdModuleLoad,
			},
			{
				Name: "loadex", Arity: -3, Flags: Admin | NoScript | NoAsyncLoading,
				Group: "server", Since: "7.0.0", Complexity: "O(1)",
				Summary: "Loads a module with parameters.",
				Args: []Arg{
					{Name: "path", Type: ArgString},
					{Name: "configs", Type: ArgBlock, Token: "CONFIG", Flags: Optional | Multiple | MultipleToken, Args: []Arg{
						{Name: "name", Type: ArgString},
						{Name: "value", Type: ArgString},
					}},
					{Name: "args", Type: ArgBlock, Token: "ARGS", Flags: Optional | Multiple, Args: []Arg{
						{Name: "arg", Type: ArgString},
					}},
				},
				Do: cmdModuleLoad,
			},
			{
				Name: "unload", Arity: 3, Flags: Admin | NoScript | NoAsyncLoading,
				Group: "server", Since: "4.0.0", Complexity: "O(1)",
				Summary: "Unloads a module.",
				Args: []Arg{
					{Name: "name", Type: ArgString},
				},
				Do: cmdModuleUnload,
			},
		},
	},
	{
		Name: "shutdown", Arity: -1, Flags: Admin | NoScript | Loading | Stale | NoMulti | AllowBusy,
		Group: "server", Since: "1.0.0", Complexity: "O(1)",
		Summary: "Ends the server, once the log is closed.",
		History: [][2]string{{"7.0.0", "New: NOW, FORCE and ABORT."}},
		Args: []Arg{
			{Name: "nosave_save", Type: ArgOneOf, Flags: Optional, Args: []Arg{
				{Name: "nosave", Type: ArgPureToken, Token: "NOSAVE"},
				{Name: "save", Type: ArgPureToken, Token: "SAVE"},
			}},
			{Name: "now", Type: ArgPureToken, Token: "NOW", Flags: Optional, Since: "7.0.0"},
			{Name: "force", Type: ArgPureToken, Token: "FORCE", Flags: Optional, Since: "7.0.0"},
			{Name: "abort", Type: ArgPureToken, Token: "ABORT", Flags: Optional, Since: "7.0.0"},
		},
		Do: cmdShutdown,
	},
}
