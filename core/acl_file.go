package core

import (
	"slices"
	"strconv"
	"strings"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/resp"
)

// ACLFile keeps the users, a line each as ACL LIST tells them. Both methods are called within a turn.
type ACLFile interface {
	Read() ([]byte, error)
	// Replace puts the text in place of the old one, all of it or nothing.
	Replace(text []byte) error
}

const (
	errNoACLFile   resp.Error = "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration."
	errACLSave     resp.Error = "ERR There was an error trying to save the ACLs. Please check the server logs for more information"
	aclFileRefused            = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
)

// loadUsers makes the users of the configuration file. Users in a file of their own and here at once would be two truths.
func (e *Engine) loadUsers() error {
	if len(e.opts.Users) > 0 && e.config.aclFile != "" {
		return resp.Error("users stand in the configuration and in the aclfile: keep them in one of the two")
	}
	for _, words := range e.opts.Users {
		rules := [][]byte{[]byte("reset")} // the default user's line counts, not requirepass
		for _, w := range words[1:] {
			rules = append(rules, []byte(w))
		}
		if err := (aclOps{e}).SetUser([]byte(words[0]), rules, nil); err != nil {
			return resp.Error("user '" + words[0] + "': " + strings.TrimPrefix(err.Error(), "ERR "))
		}
	}
	return nil
}

// loadACLFile reads the users at the start.
func (e *Engine) loadACLFile() error {
	if e.config.aclFile == "" {
		return nil
	}
	if e.opts.ACLFile == nil {
		return resp.Error("aclfile: there is no such file here")
	}
	if err := (aclOps{e}).Load(nil); err != nil {
		return resp.Error(strings.TrimPrefix(err.Error(), "ERR "))
	}
	return nil
}

// Load puts the users of the ACL file in place of those in force, or changes nothing. A session whose user the file names goes on as
// that user, unless it listens to what it may no longer listen to.
func (a aclOps) Load(me command.Session) error {
	e := a.e
	if e.config.aclFile == "" {
		return errNoACLFile
	}
	text, err := e.opts.ACLFile.Read()
	if err != nil {
		return resp.Error("ERR Error loading ACLs, opening file '" + e.config.aclFile + "': " + err.Error())
	}
	book := e.rules()
	next, wrong := book.parseFile(e.config.aclFile, string(text))
	if wrong != "" {
		return resp.Error("ERR " + wrong + aclFileRefused)
	}
	before, was := e.acl.users, *e.acl.home
	*e.acl.home = *next.home // what all sessions that have no other user point to
	i, _ := next.find(defaultUser)
	next.users[i] = e.acl.home
	e.acl.users = next.users
	for _, u := range before {
		if e.acl.named(u.name) == nil {
			a.dismiss(u, me)
		}
	}
	for _, s := range slices.Clone(e.order) {
		old := s.user
		s.user = e.acl.named(old.name)
		s.guard()
		if old == e.acl.home {
			old = &was
		}
		if s.subscribed > 0 && s.user.hearsLess(old) && !s.mayListen() {
			a.expel(s, me)
		}
	}
	return nil
}

// Save writes the users to the ACL file.
func (a aclOps) Save() error {
	if a.e.config.aclFile == "" {
		return errNoACLFile
	}
	var text []byte
	for _, line := range a.Lines() {
		text = append(append(text, line...), '\n')
	}
	if err := a.e.opts.ACLFile.Replace(text); err != nil {
		a.e.logLine(aof.Warning, "ACL SAVE: "+err.Error())
		return errACLSave
	}
	return nil
}

// parseFile reads the users of a file; wrong is all that is wrong with it. Without a line for it the default user is as at first.
func (r *ruleBook) parseFile(name, text string) (a acl, wrong string) {
	a.init(r)
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.Trim(line, " \t\r"); line == "" {
			continue
		}
		at := name + ":" + strconv.Itoa(i+1)
		words := strings.Split(line, " ")
		if words[0] != "user" || len(words) < 2 {
			wrong += at + " should start with user keyword followed by the username. "
			continue
		}
		u := r.newUser(words[1])
		switch {
		case hasSpace(u.name):
			wrong += "'" + at + ": username '" + u.name + "' contains invalid characters. "
			continue
		case seen[u.name]:
			wrong += "WARNING: Duplicate user '" + u.name + "' found on line " + strconv.Itoa(i+1) + ". "
			continue
		}
		seen[u.name] = true
		wrong += r.applyAll(u, words[2:], at)
		if j, found := a.find(u.name); found {
			*a.users[j] = *u
		} else {
			a.users = slices.Insert(a.users, j, u)
		}
	}
	return a, wrong
}

// applyAll applies the words of a file's line to u, and gives all that is wrong with them.
func (r *ruleBook) applyAll(u *user, words []string, at string) (wrong string) {
	var rules [][]byte
	for _, w := range words {
		if w != "" {
			rules = append(rules, []byte(w))
		}
	}
	rules, unmatched := mergeSelectors(rules)
	if unmatched != nil {
		return at + ": Unmatched parenthesis in selector definition."
	}
	for _, rule := range rules {
		switch err := r.apply(u, rule); err {
		case "":
		case errRuleCommand:
			wrong += at + ": Error in applying operation '" + command.CString(rule) + "': " + string(err) + ". "
		default:
			wrong += at + ": " + string(err) + ". "
		}
	}
	return wrong
}
