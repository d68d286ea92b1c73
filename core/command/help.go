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
		"DIGEST|A checksum of all data: equal for equal data.",
		"DIGEST-VALUE <key> [<key> ...]|The same for single values.",
		"LOADAOF|Write the log, empty the databases and load the log again.",
		"OBJECT <key>|How a value is kept.",
		"SET-ACTIVE-EXPIRE <0 or 1>|Whether keys past their time are removed before anybody asks for them.",
		"SLEEP <seconds>|Do nothing for so long.",
	)
}
