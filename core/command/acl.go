package command

import (
	"bytes"
	"math/rand/v2"

	"tabdis/core/resp"
)

// ACL is what the commands AUTH, HELLO and ACL need of the engine: its users.
type ACL interface {
	// Authenticate makes the session the user's if the password is right; if not, that goes into the ACL log.
	Authenticate(c *Call, name, password []byte) bool
	// Authenticated tells whether the session may use more than commands with the flag NoAuth.
	Authenticated(s Session) bool
	// OpenDefault tells whether the default user needs no password.
	OpenDefault() bool
	// Unrestricted tells whether the session may call this command and read every key.
	Unrestricted(c *Call) bool
	Users() []string // sorted
	Lines() []string // each user as an ACL file describes it
	User(name []byte) (ACLUser, bool)
	// SetUser applies all rules to a user, new or not, or none; the error is the whole reply.
	// Sessions that listen to what the user may no longer listen to end, that of the caller once it was answered.
	SetUser(name []byte, rules [][]byte, me Session) error
	// DeleteUser ends the user's sessions too, that of the caller once it was answered; false when there is no such user.
	DeleteUser(name []byte, me Session) bool
	// DryRun tells why the user, which exists, may not call cmd with these words; "" when it may.
	DryRun(name []byte, cmd *Command, words [][]byte) string
	Log(n int64) []ACLEntry // the latest first
	ResetLog()
	// Load and Save read and write the ACL file; the error is the whole reply.
	Load(me Session) error
	Save() error
}

// ACLUser is what ACL GETUSER tells of a user. Its first selector holds the rights outside of parentheses.
type ACLUser struct {
	Flags, Passwords []string
	Selectors        []ACLSelector
}

// ACLSelector is a set of rights, as rules.
type ACLSelector struct{ Commands, Keys, Channels string }

// ACLEntry is a line of the ACL log: something that was refused.
type ACLEntry struct {
	ID                            int64
	Count                         int64
	Reason, Context, Object, User string
	Created, Updated              int64 // Unix ms
	Client                        string
}

const errWrongPass resp.Error = "WRONGPASS invalid username-password pair or user is disabled."

func (c *Call) acl() ACL { return c.Server.Operations().ACL() }

func cmdAuth(c *Call) {
	name, password := []byte("default"), c.Args[len(c.Args)-1]
	switch {
	case len(c.Args) > 3:
		c.W.Error(resp.ErrSyntax)
		return
	case len(c.Args) == 3:
		name = c.Args[1]
	case c.acl().OpenDefault():
		c.W.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
		return
	}
	if !c.acl().Authenticate(c, name, password) {
		c.W.Error(errWrongPass)
		return
	}
	c.W.OK()
}

func (c *Call) helloUnauthenticated() {
	proto := "<proto> "
	if c.Server.Profile70() {
		proto = ""
	}
	c.W.Error(resp.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO " + proto +
		"AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"))
}

func cmdAclWhoami(c *Call) { c.W.BulkString(c.Session.User()) }
func cmdAclUsers(c *Call)  { c.bulks(c.acl().Users()) }
func cmdAclList(c *Call)   { c.bulks(c.acl().Lines()) }

func (c *Call) bulks(words []string) {
	c.W.Array(len(words))
	for _, w := range words {
		c.W.BulkString(w)
	}
}

func cmdAclSetuser(c *Call) { c.orOK(c.acl().SetUser(c.Args[2], c.Args[3:], c.Session)) }
func cmdAclLoad(c *Call)    { c.orOK(c.acl().Load(c.Session)) }
func cmdAclSave(c *Call)    { c.orOK(c.acl().Save()) }

// orOK answers OK, or with the error.
func (c *Call) orOK(err error) {
	if err != nil {
		c.W.Error(resp.Error(err.Error()))
		return
	}
	c.W.OK()
}

func cmdAclDeluser(c *Call) {
	for _, name := range c.Args[2:] {
		if string(name) == "default" {
			c.W.Error("ERR The 'default' user cannot be removed")
			return
		}
	}
	deleted := int64(0)
	for _, name := range c.Args[2:] {
		if c.acl().DeleteUser(name, c.Session) {
			deleted++
		}
	}
	c.W.Int(deleted)
}

func cmdAclGetuser(c *Call) {
	u, found := c.acl().User(c.Args[2])
	if !found {
		c.W.Null()
		return
	}
	c.W.Map(6)
	c.W.BulkString("flags")
	c.W.Set(len(u.Flags))
	for _, flag := range u.Flags {
		c.W.BulkString(flag)
	}
	c.W.BulkString("passwords")
	c.bulks(u.Passwords)
	c.aclSelector(u.Selectors[0])
	c.W.BulkString("selectors")
	c.W.Array(len(u.Selectors) - 1)
	for _, s := range u.Selectors[1:] {
		c.W.Map(3)
		c.aclSelector(s)
	}
}

func (c *Call) aclSelector(s ACLSelector) {
	c.bulks2("commands", s.Commands)
	c.bulks2("keys", s.Keys)
	c.bulks2("channels", s.Channels)
}

// bulks2 writes a name and its value.
func (c *Call) bulks2(name, value string) {
	c.W.BulkString(name)
	c.W.BulkString(value)
}

func cmdAclCat(c *Call) {
	switch len(c.Args) {
	case 2:
		c.bulks(categoryNames)
		return
	case 3:
	default:
		c.aclSyntax()
		return
	}
	cat := CategoryNamed(string(bytes.ToLower(c.Args[2])))
	if cat == 0 {
		c.W.Error(resp.Error("ERR Unknown category '" + CString(c.Args[2]) + "'"))
		return
	}
	m, n := c.W.Mark(), 0
	for _, cmd := range c.Server.Table().All() {
		for _, each := range append([]*Command{cmd}, cmd.Subcommands...) {
			if each.AllCategories()&cat != 0 {
				c.W.BulkString(each.FullName())
				n++
			}
		}
	}
	c.W.InsertArray(m, n)
}

// aclSyntax is the error for a number of words that the row of a subcommand allows and it does not.
func (c *Call) aclSyntax() {
	c.W.Error(resp.Error("ERR unknown subcommand or wrong number of arguments for '" + cString(c.Args[1], quoteMax) + "'. Try ACL HELP."))
}

const maxPassBits = 4096

func cmdAclGenpass(c *Call) {
	bits, ok := int64(256), true
	switch len(c.Args) {
	case 2:
	case 3:
		if bits, ok = c.intArg(2); !ok {
			return
		}
	default:
		c.aclSyntax()
		return
	}
	if bits <= 0 || bits > maxPassBits {
		c.W.Error("ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096")
		return
	}
	// This is not the engine's chance, whose seed may be known, but the runtime's: ChaCha8 with a seed of the system's.
	password := make([]byte, (bits+3)/4)
	for i := range password {
		password[i] = "0123456789abcdef"[rand.Uint64()>>60]
	}
	c.W.Bulk(password)
}

func cmdAclDryrun(c *Call) {
	name, words := c.Args[2], c.Args[3:]
	if _, found := c.acl().User(name); !found {
		c.W.Error(resp.Error("ERR User '" + CString(name) + "' not found"))
		return
	}
	cmd := c.Server.Table().find(words)
	switch {
	case cmd == nil:
		c.W.Error(resp.Error("ERR Command '" + CString(words[0]) + "' not found"))
		return
	case !cmd.ArityOK(len(words)):
		c.W.Error(cmd.wrongArity())
		return
	}
	if why := c.acl().DryRun(name, cmd, words); why != "" {
		c.W.BulkString(why)
		return
	}
	c.W.OK()
}

func cmdAclLog(c *Call) {
	n, ok := int64(10), true
	switch {
	case len(c.Args) == 3 && is(c.Args[2], "reset"):
		c.acl().ResetLog()
		c.W.OK()
		return
	case len(c.Args) == 3:
		if n, ok = c.intArg(2); !ok {
			return
		}
	case len(c.Args) > 3:
		c.aclSyntax()
		return
	}
	entries := c.acl().Log(n)
	c.W.Array(len(entries))
	for i := range entries {
		c.aclEntry(&entries[i])
	}
}

func (c *Call) aclEntry(x *ACLEntry) {
	since72 := !c.Server.Profile70()
	if since72 {
		c.W.Map(10)
	} else {
		c.W.Map(7)
	}
	c.W.BulkString("count")
	c.W.Int(x.Count)
	c.bulks2("reason", x.Reason)
	c.bulks2("context", x.Context)
	c.bulks2("object", x.Object)
	c.bulks2("username", x.User)
	c.W.BulkString("age-seconds")
	c.W.Double(float64(c.Now-x.Updated) / 1000)
	c.bulks2("client-info", x.Client)
	if since72 {
		c.W.BulkString("entry-id")
		c.W.Int(x.ID)
		c.W.BulkString("timestamp-created")
		c.W.Int(x.Created)
		c.W.BulkString("timestamp-last-updated")
		c.W.Int(x.Updated)
	}
}

func cmdAclHelp(c *Call) {
	c.help(
		"CAT [<category>]|The ACL categories, or the commands of one.",
		"DELUSER <username> [<username> ...]|Remove users; their connections end.",
		"DRYRUN <username> <command> [<arg> ...]|Whether a user may call a command, which is not called.",
		"GENPASS [<bits>]|A password made by chance, of 256 bits or so many.",
		"GETUSER <username>|All there is to know of a user.",
		"LIST|A line of rules for each user, as in an ACL file.",
		"LOAD|Read the users from the ACL file.",
		"LOG [<count> | RESET]|What was refused lately, or forget that.",
		"SAVE|Write the users to the ACL file.",
		"SETUSER <username> <attribute> [<attribute> ...]|Change a user by these rules, or make one.",
		"USERS|The names of all users.",
		"WHOAMI|The user of this connection.",
	)
}
