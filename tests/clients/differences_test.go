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
