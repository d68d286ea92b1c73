package clients

// What clients see of 7.2's own way, and redis-server 7.0 does otherwise.

var acl72 = []difference{
	{"get other: NOPERM this user has no permissions to access one of the keys used as arguments", "get other: NOPERM No permissions to access a key", "7.2 worded it anew"},
	{"flushall: NOPERM this user has no permissions to run the 'flushall' command", "flushall: NOPERM User ada has no permissions to run the 'flushall' command", "7.2 names the user"},
	{"publish other x: NOPERM this user has no permissions to access one of the channels used as arguments", "publish other x: NOPERM No permissions to access a channel", "7.2 worded it anew"},
	{"acl dryrun ada get x: This user has no permissions to access the 'x' key", "acl dryrun ada get x: User ada has no permissions to access the 'x' key", "7.2 names the user"},
	{
		"acl list: [user ada on #" + secret + " ~app:* resetchannels &app:* +@all -@dangerous user default on nopass ~* &* +@all]",
		"acl list: [user ada on sanitize-payload #" + secret + " ~app:* resetchannels &app:* +@all -@dangerous user default on nopass sanitize-payload ~* &* +@all]",
		"7.2 tells the flag that is the default",
	},
}

// secret is the SHA-256 of "secret".
const secret = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

var ioredis72 = []difference{
	{
		"as eve: ReplyError: NOPERM this user has no permissions to access one of the keys used as arguments",
		"as eve: ReplyError: NOPERM No permissions to access a key", "7.2 worded it anew",
	},
}

var nodeRedis72 = []difference{
	{
		"as eve: Error: NOPERM this user has no permissions to access one of the keys used as arguments",
		"as eve: Error: NOPERM No permissions to access a key", "7.2 worded it anew",
	},
}

var python72 = []difference{
	{
		`eve: "NoPermissionError: this user has no permissions to run the 'set' command"`,
		`eve: "NoPermissionError: User eve has no permissions to run the 'set' command"`, "7.2 names the user",
	},
}

// hints72 are the hints for commands whose arguments 7.2 tells otherwise.
var hints72 = []difference{
	{
		"acl cat [categoryname]",
		"acl cat [category]", "other names",
	},
	{
		"bitop operation destkey key [key ...]",
		"bitop AND|OR|XOR|NOT destkey key [key ...]", "the operations are told",
	},
	{
		"client kill ip:port|[ID client-id]|[TYPE NORMAL|MASTER|SLAVE|REPLICA|PUBSUB]|[USER username]|[ADDR ip:port]|[LADDR ip:port]|[SKIPME yes/no] [[ID client-id]|[TYPE NORMAL|MASTER|SLAVE|REPLICA|PUBSUB]|[USER username]|[ADDR ip:port]|[LADDR ip:port]|[SKIPME yes/no] ...]",
		"client kill old-format|[ID client-id]|[TYPE NORMAL|MASTER|SLAVE|REPLICA|PUBSUB]|[USER username]|[ADDR addr]|[LADDR laddr]|[SKIPME YES|NO] [[ID client-id]|[TYPE NORMAL|MASTER|SLAVE|REPLICA|PUBSUB]|[USER username]|[ADDR addr]|[LADDR laddr]|[SKIPME YES|NO] ...]", "other names",
	},
	{
		"command getkeys ",
		"command getkeys command [arg [arg ...]]", "the words are told",
	},
	{
		"command getkeysandflags ",
		"command getkeysandflags command [arg [arg ...]]", "the words are told",
	},
	{
		"geohash key member [member ...]",
		"geohash key [member [member ...]]", "the members may be missing",
	},
	{
		"geopos key member [member ...]",
		"geopos key [member [member ...]]", "the members may be missing",
	},
	{
		"georadius key longitude latitude radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC] [STORE key] [STOREDIST key]",
		"georadius key longitude latitude radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC] [STORE storekey|STOREDIST storedistkey]", "STORE or STOREDIST, not both",
	},
	{
		"georadiusbymember key member radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC] [STORE key] [STOREDIST key]",
		"georadiusbymember key member radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC] [STORE storekey|STOREDIST storedistkey]", "STORE or STOREDIST, not both",
	},
	{
		"lcs key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]",
		"lcs key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]", "other names",
	},
	{
		`migrate host port key|"" destination-db timeout [COPY] [REPLACE] [[AUTH password]|[AUTH2 username password]] [KEYS key [key ...]]`,
		`migrate host port key|"" destination-db timeout [COPY] [REPLACE] [AUTH auth|AUTH2 username password] [KEYS keys [keys ...]]`, "AUTH or AUTH2, not both",
	},
	{
		"pfmerge destkey sourcekey [sourcekey ...]",
		"pfmerge destkey [sourcekey [sourcekey ...]]", "the sources may be missing",
	},
	{
		"sort key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC|DESC] [ALPHA] [STORE destination]",
		"sort key [BY by-pattern] [LIMIT offset count] [GET get-pattern [GET get-pattern ...]] [ASC|DESC] [ALPHA] [STORE destination]", "other names",
	},
	{
		"sort_ro key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC|DESC] [ALPHA]",
		"sort_ro key [BY by-pattern] [LIMIT offset count] [GET get-pattern [GET get-pattern ...]] [ASC|DESC] [ALPHA]", "other names",
	},
	{
		"xclaim key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID id]",
		"xclaim key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]", "other names",
	},
	{
		"xgroup create key groupname id|$ [MKSTREAM] [ENTRIESREAD entries_read]",
		"xgroup create key group id|$ [MKSTREAM] [ENTRIESREAD entriesread]", "other names",
	},
	{
		"xgroup createconsumer key groupname consumername",
		"xgroup createconsumer key group consumer", "other names",
	},
	{
		"xgroup delconsumer key groupname consumername",
		"xgroup delconsumer key group consumer", "other names",
	},
	{
		"xgroup destroy key groupname",
		"xgroup destroy key group", "other names",
	},
	{
		"xgroup setid key groupname id|$ [ENTRIESREAD entries_read]",
		"xgroup setid key group id|$ [ENTRIESREAD entriesread]", "other names",
	},
	{
		"xinfo consumers key groupname",
		"xinfo consumers key group", "other names",
	},
	{
		"xsetid key last-id [ENTRIESADDED entries_added] [MAXDELETEDID max_deleted_entry_id]",
		"xsetid key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]", "other names",
	},
	{
		"zrank key member",
		"zrank key member [WITHSCORE]", "WITHSCORE is new",
	},
	{
		"zrevrank key member",
		"zrevrank key member [WITHSCORE]", "WITHSCORE is new",
	},
}
