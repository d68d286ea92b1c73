package command

import "strings"

// help answers HELP of a command with subcommands. Each line names a subcommand with its words, as Redis does, and tells in ours, behind
// the last bar, what it does.
func (c *Call) help(lines ...string) {
	name := strings.ToUpper(c.Cmd.Name)
	if c.Cmd.parent != nil {
		name = strings.ToUpper(c.Cmd.parent.Name)
	}
	lines = append(lines, "HELP|This list.")
	text := []string{name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}
	for _, line := range lines {
		bar := strings.LastIndexByte(line, '|')
		text = append(text, strings.Split(line[:bar], "\n")...)
		text = append(text, "    "+line[bar+1:])
	}
	c.W.Array(len(text))
	for _, line := range text {
		c.W.Simple(line)
	}
}

func cmdClientHelp(c *Call) {
	c.help(
		"CACHING (YES|NO)|Whether the keys that the next command reads are tracked; needs OPTIN or OPTOUT.",
		"GETNAME|The name of this connection.",
		"GETREDIR|Who is told of the keys that this connection tracks.",
		"ID|The number of this connection.",
		"INFO|The line that LIST has for this connection.",
		"KILL <ip:port>|End the connection from that address.",
		"KILL <option> <value> [<option> <value> [...]]|End those that fit ID, TYPE, USER, ADDR and LADDR; SKIPME no: this one too.",
		"LIST [options ...]|One line for each connection: all, those of a TYPE, or those with an ID.",
		"NO-EVICT (ON|OFF)|Never drop this connection to win memory.",
		"NO-TOUCH (ON|OFF)|Leave the access times of keys alone.",
		"REPLY (ON|OFF|SKIP)|Whether replies are sent; SKIP leaves out the next.",
		"SETINFO <option> <value>|Tell which client library this is: LIB-NAME, LIB-VER.",
		"PAUSE <timeout> [WRITE|ALL]|Serve no commands, or none that write, for so many ms.",
		"SETNAME <name>|Name this connection.",
		"TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]\n         [OPTIN] [OPTOUT] [NOLOOP]|Be told when keys change that this connection has read, or all that begin so.",
		"TRACKINGINFO|How this connection tracks keys.",
		"UNBLOCK <clientid> [TIMEOUT|ERROR]|End the wait of a connection, as when its time is over or with an error.",
		"UNPAUSE|End a PAUSE.",
	)
}

func cmdCommandHelp(c *Call) {
	c.help(
		"(no subcommand)|INFO of every command.",
		"COUNT|How many commands there are.",
		"DOCS [<command-name> ...]|Summary, arguments and history of these commands, or of all.",
		"GETKEYS <full-command>|The keys among a command's words.",
		"GETKEYSANDFLAGS <full-command>|The same, with what happens to each.",
		"INFO [<command-name> ...]|Arity, flags, keys and categories of these commands, or of all.",
		"LIST|Names of commands, all or FILTERBY MODULE, ACLCAT or PATTERN.",
	)
}

func cmdConfigHelp(c *Call) {
	c.help(
		"GET <pattern>|The parameters whose names match, with their values.",
		"RESETSTAT|Set the counters of INFO to zero.",
		"REWRITE|Write the parameters in force into the configuration file, for the next start.",
		"SET <directive> <value>|Change a parameter; of several all, or none.",
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
		"ERROR <string>|Answer this error.",
		"HTSTATS <dbid>|How many elements the tables of a database hold.",
		"LISTPACK <key>|Whether a value is kept in a listpack.",
		"LOADAOF|Write the log, empty the databases and load the log again.",
		"LOG <message>|Write a line into the operator's log.",
		"OBJECT <key>|How a value is kept.",
		"PAUSE-CRON <0|1>|Stop what goes on between commands.",
		"PROTOCOL <type>|Answer a value of this type.",
		"QUICKLIST-PACKED-THRESHOLD <size>|Accepted; lists need no such size here.",
		"RELOAD [option ...]|Turn all data into an RDB file in memory, and back; MERGE, with it NOFLUSH, makes no difference.",
		"REPLYBUFFER PEAK-RESET-TIME <NEVER||RESET|time>|Accepted; buffers need no such setting here.",
		"REPLYBUFFER RESIZING <0|1>|The same.",
		"SET-ACTIVE-EXPIRE <0|1>|Whether keys past their time are removed before anybody asks for them.",
		"SET-DISABLE-DENY-SCRIPTS <0|1>|Accepted; there are no scripts here.",
		"SLEEP <seconds>|Do nothing for so long.",
	)
}
