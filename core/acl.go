package core

import (
	"slices"
	"strings"

	"tabdis/core/command"
	"tabdis/core/resp"
)

// acl is the users and what was refused to them. Nothing of it goes into the log: a store is opened with the rights that its configuration
// and its ACL file give.
//
// A session whose user may do everything is not guarded, and its commands are not looked at. Every change of a user, or of a session's user,
// goes through guard, which sets that flag.
type acl struct {
	users []*user // by name; a session's user stays the same object while its rules change
	home  *user   // the user "default": that of a new session
	log   aclLog
}

const defaultUser = "default"

func (a *acl) init(r *ruleBook) {
	a.home = r.newUser(defaultUser)
	for _, rule := range []string{"on", "nopass", "~*", "&*", "+@all"} {
		r.apply(a.home, []byte(rule))
	}
	a.users = []*user{a.home}
}

func (a *acl) find(name string) (i int, found bool) {
	return slices.BinarySearchFunc(a.users, name, func(u *user, name string) int { return strings.Compare(u.name, name) })
}

func (a *acl) named(name string) *user {
	if i, found := a.find(name); found {
		return a.users[i]
	}
	return nil
}

func (e *Engine) rules() ruleBook {
	return ruleBook{table: e.table, allChannels: e.config.aclChannels == "allchannels", profile70: e.opts.Profile70}
}

// setPassword is requirepass: the default user's password, "" for none.
func (e *Engine) setPassword(password string) {
	e.acl.home.setPassword(password)
	e.guardAll()
}

func (u *user) setPassword(password string) {
	if u.passwords, u.nopass = nil, password == ""; !u.nopass {
		u.passwords = []string{hashPassword([]byte(password))}
	}
}

// greet makes the session the default user's, authenticated if that needs no password.
func (s *Session) greet() {
	s.user = s.e.acl.home
	s.authenticated = s.user.nopass && s.user.on
	s.guard()
}

// guard notes whether the session's commands are to be looked at.
func (s *Session) guard() {
	s.in.Guest = s.needsAuth()
	s.guarded = s.in.Guest || !s.user.everything()
}

func (e *Engine) guardAll() {
	for _, s := range e.order {
		s.guard()
	}
}

// needsAuth tells whether only the commands of that purpose are allowed yet.
func (s *Session) needsAuth() bool {
	home := s.e.acl.home
	return !s.authenticated && !(home.nopass && home.on)
}

// denial is why something is refused.
type denial uint8

// By weight: of several selectors' denials the heaviest is told.
const (
	granted denial = iota
	deniedCommand
	deniedKey
	deniedChannel
)

var denialNames = [...]string{granted: "auth", deniedCommand: "command", deniedKey: "key", deniedChannel: "channel"}

// check tells whether u may call cmd with these words, and the position of the word that it may not touch.
func (u *user) check(cmd *command.Command, words [][]byte) (why denial, at int) {
	q := query{cmd: cmd, words: words}
	why, at = q.ask(&u.root)
	for i := 0; why != granted && i < len(u.selectors); i++ {
		switch other, pos := q.ask(&u.selectors[i]); {
		case other == granted:
			return granted, 0
		case other > why, other == why && pos > at:
			why, at = other, pos
		}
	}
	return why, at
}

// query is a command for which selectors are asked; its keys are looked up once.
type query struct {
	cmd   *command.Command
	words [][]byte
	keys  []command.KeyAt
	known bool
}

func (q *query) ask(s *selector) (why denial, at int) {
	if !s.allCommands && q.cmd.Flags&command.NoAuth == 0 && !s.has(q.cmd) && !s.allowsFirstArg(q.cmd, q.words) {
		return deniedCommand, 0
	}
	if !s.allKeys {
		if !q.known {
			q.keys = q.cmd.KeysTouched(q.words) // words that contradict themselves touch no key
			q.known = true
		}
		for _, k := range q.keys {
			if !s.allowsKey(q.words[k.Pos], k.Flags) {
				return deniedKey, k.Pos
			}
		}
	}
	if !s.allChannels {
		first, last, pattern := channelsOf(q.cmd, len(q.words))
		for i := first; i < last; i++ {
			if !s.allowsChannel(q.words[i], pattern) {
				return deniedChannel, i
			}
		}
	}
	return granted, 0
}

// unrestricted tells whether a selector allows the command and every key to be read.
func (u *user) unrestricted(cmd *command.Command, words [][]byte) bool {
	q := query{cmd: cmd, words: words}
	for _, s := range append([]selector{u.root}, u.selectors...) {
		any := s.allKeys || slices.ContainsFunc(s.keys, func(p keyPattern) bool { return p.read && string(p.pattern) == "*" })
		if why, _ := q.ask(&s); any && why == granted {
			return true
		}
	}
	return false
}

func (s *selector) allowsFirstArg(cmd *command.Command, words [][]byte) bool {
	if len(words) < 2 {
		return false
	}
	for _, arg := range s.firstArgs[cmd.ID] {
		if strings.EqualFold(arg, string(words[1])) {
			return true
		}
	}
	return false
}

func (s *selector) allowsKey(key []byte, flags command.KeyFlag) bool {
	read := flags&command.KeyAccess != 0
	write := flags&(command.KeyInsert|command.KeyDelete|command.KeyUpdate) != 0
	for i := range s.keys {
		if p := &s.keys[i]; (p.read || !read) && (p.write || !write) && command.Match(p.pattern, key) {
			return true
		}
	}
	return false
}

// allowsChannel: a pattern to subscribe to must be one of those that are allowed, word for word.
func (s *selector) allowsChannel(channel []byte, pattern bool) bool {
	for _, p := range s.channels {
		if pattern && p == string(channel) || !pattern && command.Match([]byte(p), channel) {
			return true
		}
	}
	return false
}

// channelsOf tells which of a command's n words, [first, last), are channels that are listened to or published on.
func channelsOf(cmd *command.Command, n int) (first, last int, pattern bool) {
	switch cmd.Name {
	case "publish", "spublish":
		return 1, 2, false
	case "subscribe", "ssubscribe":
		return 1, n, false
	case "psubscribe":
		return 1, n, true
	}
	return 0, 0, false
}

const errNoAuth resp.Error = "NOAUTH Authentication required."

// deny is Redis's check of a command before it is called or queued; "" when the session may.
func (e *Engine) deny(s *Session, cmd *command.Command, words [][]byte) resp.Error {
	why, at := s.user.check(cmd, words)
	if why == granted {
		return ""
	}
	context := "toplevel"
	if s.multi != nil {
		context = "multi"
	}
	e.logDenial(s, cmd, words, why, at, context)
	if !e.opts.Profile70 {
		return "NOPERM " + denialText(s.user, cmd, why)
	}
	switch why {
	case deniedCommand:
		return resp.Error("NOPERM this user has no permissions to run the '" + cmd.FullName() + "' command")
	case deniedKey:
		return "NOPERM this user has no permissions to access one of the keys used as arguments"
	}
	return "NOPERM this user has no permissions to access one of the channels used as arguments"
}

func denialText(u *user, cmd *command.Command, why denial) resp.Error {
	switch why {
	case deniedCommand:
		return resp.Error("User " + u.name + " has no permissions to run the '" + cmd.FullName() + "' command")
	case deniedKey:
		return "No permissions to access a key"
	}
	return "No permissions to access a channel"
}

// denyQueued is the check of a command that was queued, when EXEC comes to it.
func (e *Engine) denyQueued(s *Session, q queued) resp.Error {
	why, at := s.user.check(q.cmd, q.words)
	if why == granted {
		return ""
	}
	e.logDenial(s, q.cmd, q.words, why, at, "multi")
	reason := [...]string{deniedCommand: "no permission to execute the command or subcommand", deniedKey: "no permission to touch the specified keys",
		deniedChannel: "no permission to access one of the channels used as arguments"}[why]
	return resp.Error("NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. " +
		"This command is no longer allowed for the following reason: " + reason)
}

func (e *Engine) logDenial(s *Session, cmd *command.Command, words [][]byte, why denial, at int, context string) {
	object := cmd.FullName()
	if why != deniedCommand {
		object = string(words[at])
	}
	e.logRefusal(s, why, context, object, s.user.name)
}
