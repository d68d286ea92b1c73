package core

import (
	"slices"

	"tabdis/core/command"
	"tabdis/core/resp"
)

// aclOps is what the commands AUTH, HELLO and ACL ask of the engine.
type aclOps struct{ e *Engine }

// ACL gives the users.
func (e *Engine) ACL() command.ACL { return aclOps{e} }

var _ command.ACL = aclOps{}

// Authenticate makes the session the user's if the password is right, and notes it if not.
func (a aclOps) Authenticate(c *command.Call, name, password []byte) bool {
	s := c.Session.(*Session)
	u := a.e.acl.named(string(name))
	if u == nil || !u.on || !u.nopass && !slices.Contains(u.passwords, hashPassword(password)) {
		context := "toplevel"
		if c != &a.e.call {
			context = "multi"
		}
		a.e.logRefusal(s, granted, context, string(c.Args[0]), string(name))
		return false
	}
	s.user, s.authenticated = u, true
	s.guard()
	return true
}

// Authenticated tells whether the session may use more than the commands that need no authentication.
func (a aclOps) Authenticated(s command.Session) bool { return !s.(*Session).needsAuth() }

// OpenDefault tells whether the default user needs no password.
func (a aclOps) OpenDefault() bool { return a.e.acl.home.nopass }

// Unrestricted tells whether the session may read every key with the command; what is in the log may.
func (a aclOps) Unrestricted(c *command.Call) bool {
	s := c.Session.(*Session)
	return !s.guarded || s.user.unrestricted(c.Cmd, c.Args)
}

// Users gives all names, sorted.
func (a aclOps) Users() []string {
	names := make([]string, len(a.e.acl.users))
	for i, u := range a.e.acl.users {
		names[i] = u.name
	}
	return names
}

// Lines describes every user as an ACL file does.
func (a aclOps) Lines() []string {
	lines := make([]string, len(a.e.acl.users))
	for i, u := range a.e.acl.users {
		lines[i] = u.describe()
	}
	return lines
}

// User describes one user.
func (a aclOps) User(name []byte) (info command.ACLUser, found bool) {
	u := a.e.acl.named(string(name))
	if u == nil {
		return info, false
	}
	info = command.ACLUser{Flags: u.flagNames(), Passwords: u.passwords}
	for _, s := range append([]selector{u.root}, u.selectors...) {
		info.Selectors = append(info.Selectors, command.ACLSelector{Commands: s.commandRules(), Keys: s.keyRules(), Channels: s.channelRules()})
	}
	return info, true
}

// SetUser applies rules to a user, who is made if there is none; all of them or none. The error is the reply. His sessions that listen to
// what he may no longer listen to end, me when it was answered.
func (a aclOps) SetUser(name []byte, words [][]byte, me command.Session) error {
	if hasSpace(string(name)) {
		return resp.Error("ERR Usernames can't contain spaces or null characters")
	}
	merged, unmatched := mergeSelectors(words)
	if unmatched != nil {
		return resp.Error("ERR Unmatched parenthesis in acl selector starting at '" + command.CString(unmatched) + "'.")
	}
	book := a.e.rules()
	i, found := a.e.acl.find(string(name))
	next := book.newUser(string(name))
	if found {
		next = a.e.acl.users[i].clone()
	}
	for _, rule := range merged {
		if wrong := book.apply(next, rule); wrong != "" {
			return resp.Error("ERR Error in ACL SETUSER modifier '" + command.CString(rule) + "': " + string(wrong))
		}
	}
	if !found {
		a.e.acl.users = slices.Insert(a.e.acl.users, i, next)
		return nil
	}
	u := a.e.acl.users[i]
	lost := next.hearsLess(u)
	*u = *next
	a.e.guardAll()
	if lost {
		for _, s := range slices.Clone(a.e.order) {
			if s.user == u && !s.mayListen() {
				a.expel(s, me)
			}
		}
	}
	return nil
}

// DeleteUser removes a user, whose sessions end; false when there is none. me ends when it was answered.
func (a aclOps) DeleteUser(name []byte, me command.Session) bool {
	i, found := a.e.acl.find(string(name))
	if !found {
		return false
	}
	u := a.e.acl.users[i]
	a.e.acl.users = slices.Delete(a.e.acl.users, i, i+1)
	a.dismiss(u, me)
	return true
}

// dismiss ends the sessions of a user who is no more.
func (a aclOps) dismiss(u *user, me command.Session) {
	for _, s := range slices.Clone(a.e.order) {
		if s.user == u {
			a.expel(s, me)
		}
	}
}

// expel ends a session that was its user's; me when it was answered.
func (a aclOps) expel(s *Session, me command.Session) {
	s.user, s.authenticated = a.e.acl.home, false
	s.guard()
	if s == me {
		s.CloseAfterReply()
	} else {
		a.e.Kill(s)
	}
}

// hearsLess tells whether was could subscribe to something that u can't.
func (u *user) hearsLess(was *user) bool {
	patterns, all := u.channels()
	if all {
		return false
	}
	before, all := was.channels()
	return all || slices.ContainsFunc(before, func(p string) bool { return !slices.Contains(patterns, p) })
}

// channels are the patterns of all selectors.
func (u *user) channels() (patterns []string, all bool) {
	for _, s := range append([]selector{u.root}, u.selectors...) {
		patterns, all = append(patterns, s.channels...), all || s.allChannels
	}
	return patterns, all
}

// mayListen tells whether the session's user may listen to all that it listens to.
func (s *Session) mayListen() bool {
	may := true
	for kind := range s.subs {
		k := command.Topic(kind)
		s.Subscribed(k, func(name []byte) { may = may && s.user.mayHear(name, k == command.Pattern) })
	}
	return may
}

func (u *user) mayHear(channel []byte, pattern bool) bool {
	for _, s := range append([]selector{u.root}, u.selectors...) {
		if s.allChannels || s.allowsChannel(channel, pattern) {
			return true
		}
	}
	return false
}

// DryRun tells why a user may not call a command, "" when it may.
func (a aclOps) DryRun(name []byte, cmd *command.Command, words [][]byte) string {
	u := a.e.acl.named(string(name))
	who := "User " + u.name
	if a.e.opts.Profile70 {
		who = "This user"
	}
	switch why, at := u.check(cmd, words); why {
	case deniedCommand:
		return who + " has no permissions to run the '" + cmd.FullName() + "' command"
	case deniedKey:
		return who + " has no permissions to access the '" + string(words[at]) + "' key"
	case deniedChannel:
		return who + " has no permissions to access the '" + string(words[at]) + "' channel"
	}
	return ""
}
