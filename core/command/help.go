package command

import "strings"

// help answers HELP of a command with subcommands. Each line names a subcommand with its words and tells, behind a bar,
// what it does.
func (c *Call) help(lines ...string) {
	name := strings.ToUpper(c.Cmd.Name)
	if c.Cmd.parent != nil {
		name = strings.ToUpper(c.Cmd.parent.Name)
	}
	lines = append(lines, "HELP|This list.")
	c.W.Array(1 + 2*len(lines))
	c.W.Simple(name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, line := range lines {
		head, text, _ := strings.Cut(line, "|")
		c.W.Simple(head)
		c.W.Simple("    " + text)
	}
}

func cmdClientHelp(c *Call) {
	c.help(
		"GETNAME|The name of this connection.",
		"ID|The number of this connection.",
		"INFO|The line that LIST has for this connection.",
		"KILL <ip:port>|End the connection from that address.",
		"KILL <option> <value> [<option> <value> ...]|End those that fit ID, TYPE, USER, ADDR and LADDR; SKIPME no: this one too.",
		"LIST [TYPE <type> ... ID <id> ...]|One line for each connection: all, those of a type, or those named.",
		"NO-EVICT <ON or OFF>|Never drop this connection to win memory.",
		"NO-TOUCH <ON or OFF>|Leave the access times of keys alone.",
		"REPLY <ON or OFF or SKIP>|Whether replies are sent; SKIP leaves out the next.",
		"SETINFO <LIB-NAME or LIB-VER> <value>|Tell which client library this is.",
		"SETNAME <name>|Name this connection.",
	)
}

func cmdCommandHelp(c *Call) {
	c.help(
		"(no subcommand)|INFO of every command.",
		"COUNT|How many commands there are.",
		"DOCS [<command> ...]|Summary, arguments and history of these commands, or of all.",
		"GETKEYS <command> <arg> ...|The keys among a command's words.",
		"GETKEYSANDFLAGS <command> <arg> ...|The same, with what happens to each.",
		"INFO [<command> ...]|Arity, flags, keys and categories of these commands, or of all.",
		"LIST [FILTERBY <MODULE or ACLCAT or PATTERN> <value>]|Names of commands.",
	)
}

func cmdConfigHelp(c *Call) {
	c.help(
		"GET <pattern> [<pattern> ...]|The parameters whose names match, with their values.",
		"RESETSTAT|Set the counters of INFO to zero.",
		"REWRITE|Write the parameters in force into the configuration file, for the next start.",
		"SET <parameter> <value> [<parameter> <value> ...]|Change all these parameters, or none.",
	)
}

func cmdPubsubHelp(c *Call) {
	c.help(
		"CHANNELS [<pattern>]|The channels that have subscribers, or those of them that match.",
		"NUMPAT|How many patterns have subscribers.",
		"NUMSUB [<channel> ...]|How many subscribers these channels have, those by pattern not among them.",
		"SHARDCHANNELS [<pattern>]|The shard channels that have subscribers, or those of them that match.",
		"SHARDNUMSUB [<shardchannel> ...]|How many subscribers these shard channels have.",
	)
}

func (c *Call) debugHelp() {
	c.help(
		"CHANGE-REPL-ID|Take a new replication id.",
		"DIGEST|A checksum of all data: equal for equal data.",
		"DIGEST-VALUE <key> [<key> ...]|The same for single values.",
		"ERROR <text>|Answer this error.",
		"HTSTATS <db> [full]|How many elements the tables of a database hold.",
		"LISTPACK <key>|Whether a value is kept in a listpack.",
		"LOADAOF|Write the log, empty the databases and load the log again.",
		"LOG <text>|Write a line into the operator's log.",
		"OBJECT <key>|How a value is kept.",
		"PAUSE-CRON <0 or 1>|Stop what goes on between commands.",
		"PROTOCOL <type>|Answer a value of this type.",
		"QUICKLIST-PACKED-THRESHOLD <size>|Accepted; lists need no such size here.",
		"RELOAD [NOSAVE]|The same as LOADAOF.",
		"REPLYBUFFER <PEAK-RESET-TIME or RESIZING> <value>|Accepted; buffers need no such setting here.",
		"SET-ACTIVE-EXPIRE <0 or 1>|Whether keys past their time are removed before anybody asks for them.",
		"SET-DISABLE-DENY-SCRIPTS <0 or 1>|Accepted; there are no scripts here.",
		"SLEEP <seconds>|Do nothing for so long.",
	)
}
