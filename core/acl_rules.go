package core

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"tabdis/core/command"
	"tabdis/core/resp"
)

// user is one of ACL's users: how it is recognized and what it may do.
type user struct {
	name      string
	on        bool
	nopass    bool     // any password is right
	sanitize  sanitize // kept and told; nothing here restores payloads that need it
	passwords []string // SHA-256, in hexadecimal
	root      selector
	selectors []selector // each may allow what the others don't
}

type sanitize uint8

const (
	sanitizeUntold sanitize = iota // Redis 7.0 tells nothing of a new user
	sanitizeOn
	sanitizeSkip
)

// selector is one set of rights: a command is allowed when a single selector allows it with all its keys and channels.
type selector struct {
	allCommands bool // those that are still to come too
	allKeys     bool
	allChannels bool
	positive    bool     // the rules begin with +@all, not with -@all
	allowed     []uint64 // bits by Command.ID
	firstArgs   map[int][]string
	rules       []string // what came since: "+get", "-@write"
	keys        []keyPattern
	channels    []string
}

// keyPattern is a pattern of keys that may be read, written or both.
type keyPattern struct {
	pattern     []byte
	read, write bool
}

// What is wrong with a rule, in the words of ACL SETUSER.
const (
	errRuleSyntax   resp.Error = "Syntax error"
	errRuleCommand  resp.Error = "Unknown command or category name in ACL"
	errRuleChild    resp.Error = "Allowing first-arg of a subcommand is not supported"
	errRuleKeys     resp.Error = "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
	errRuleChannels resp.Error = "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
	errRuleNoPass   resp.Error = "The password you are trying to remove from the user does not exist"
	errRuleHash     resp.Error = "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
)

// ruleBook is what rules are read with: the commands they name, and what a new selector begins with.
type ruleBook struct {
	table       *command.Table
	allChannels bool // acl-pubsub-default
	profile70   bool
}

func (r *ruleBook) newUser(name string) *user {
	u := &user{name: name, sanitize: sanitizeOn, root: r.newSelector()}
	if r.profile70 {
		u.sanitize = sanitizeUntold
	}
	return u
}

func (r *ruleBook) newSelector() selector {
	return selector{allChannels: r.allChannels, allowed: make([]uint64, r.table.Rows()/64+1)}
}

// clone copies u, so that rules can be tried on the copy.
func (u *user) clone() *user {
	c := *u
	c.passwords = slices.Clone(u.passwords)
	c.root = u.root.clone()
	c.selectors = make([]selector, len(u.selectors))
	for i := range u.selectors {
		c.selectors[i] = u.selectors[i].clone()
	}
	return &c
}

func (s *selector) clone() selector {
	c := *s
	c.allowed, c.rules = slices.Clone(s.allowed), slices.Clone(s.rules)
	c.keys, c.channels = slices.Clone(s.keys), slices.Clone(s.channels)
	c.firstArgs = maps.Clone(s.firstArgs) // the lists in it are never changed in place
	return c
}

// everything tells whether nothing is forbidden to u.
func (u *user) everything() bool { return u.root.allCommands && u.root.allKeys && u.root.allChannels }

// mergeSelectors joins the words of selectors, "(+get", "~x)", into one rule each. It gives the word with a parenthesis that is never closed.
func mergeSelectors(words [][]byte) (rules [][]byte, unmatched []byte) {
	var open []byte
	for i, w := range words {
		begins, ends := len(w) > 0 && w[0] == '(', len(w) > 0 && w[len(w)-1] == ')'
		switch {
		case begins && !ends:
			open, unmatched = slices.Clone(w), words[i]
		case unmatched != nil:
			if open = append(append(open, ' '), w...); ends {
				rules, unmatched = append(rules, open), nil
			}
		default:
			rules = append(rules, w)
		}
	}
	return rules, unmatched
}

// apply changes u as a rule says; the error is what is wrong with it.
func (r *ruleBook) apply(u *user, rule []byte) resp.Error {
	if len(rule) == 0 {
		return ""
	}
	switch word := strings.ToLower(string(rule)); {
	case word == "on", word == "off":
		u.on = word == "on"
	case word == "nopass":
		u.nopass, u.passwords = true, nil
	case word == "resetpass":
		u.nopass, u.passwords = false, nil
	case word == "skip-sanitize-payload":
		u.sanitize = sanitizeSkip
	case word == "sanitize-payload":
		u.sanitize = sanitizeOn
	case word == "clearselectors":
		u.selectors = nil
	case word == "reset":
		*u = user{name: u.name, sanitize: sanitizeOn, root: r.newSelector()}
	case strings.IndexByte("><#!", rule[0]) >= 0:
		return u.applyPassword(rule)
	case rule[0] == '(' && rule[len(rule)-1] == ')':
		s := r.newSelector()
		for _, inner := range bytes.Split(rule[1:len(rule)-1], []byte(" ")) {
			if len(inner) == 0 {
				continue
			}
			if wrong := r.applyRight(&s, inner); wrong != "" {
				return wrong
			}
		}
		u.selectors = append(u.selectors, s)
	default:
		return r.applyRight(&u.root, rule)
	}
	return ""
}

// applyPassword carries out >password, <password, #hash and !hash.
func (u *user) applyPassword(rule []byte) resp.Error {
	hash := string(rule[1:])
	if rule[0] == '>' || rule[0] == '<' {
		hash = hashPassword(rule[1:])
	} else if !isHash(rule[1:]) {
		return errRuleHash
	}
	i := slices.Index(u.passwords, hash)
	if rule[0] == '>' || rule[0] == '#' {
		if u.nopass = false; i < 0 {
			u.passwords = append(u.passwords, hash)
		}
		return ""
	}
	if i < 0 {
		return errRuleNoPass
	}
	u.passwords = slices.Delete(u.passwords, i, i+1)
	return ""
}

const hashLen = 64 // hexadecimal digits of a password's SHA-256

func hashPassword(password []byte) string {
	const digits = "0123456789abcdef"
	text := make([]byte, 0, hashLen)
	for _, b := range sha256(password) {
		text = append(text, digits[b>>4], digits[b&15])
	}
	return string(text)
}

func isHash(b []byte) bool {
	for _, d := range b {
		if (d < '0' || d > '9') && (d < 'a' || d > 'f') {
			return false
		}
	}
	return len(b) == hashLen
}

// applyRight changes a selector as a rule says.
func (r *ruleBook) applyRight(s *selector, rule []byte) resp.Error {
	switch word := strings.ToLower(string(rule)); {
	case word == "allkeys", word == "~*":
		s.allKeys, s.keys = true, nil
	case word == "resetkeys":
		s.allKeys, s.keys = false, nil
	case word == "allchannels", word == "&*":
		s.allChannels, s.channels = true, nil
	case word == "resetchannels":
		s.allChannels, s.channels = false, nil
	case word == "allcommands", word == "+@all":
		s.resetCommands(true)
	case word == "nocommands", word == "-@all":
		s.resetCommands(false)
	case rule[0] == '~', rule[0] == '%':
		return s.addKeys(rule)
	case rule[0] == '&':
		return s.addChannels(string(rule[1:]))
	case rule[0] == '+', rule[0] == '-':
		return r.applyCommand(s, word[1:], rule)
	default:
		return errRuleSyntax
	}
	return ""
}

func (s *selector) resetCommands(all bool) {
	for i := range s.allowed {
		s.allowed[i] = 0
		if all {
			s.allowed[i] = ^uint64(0)
		}
	}
	s.allCommands, s.positive, s.firstArgs, s.rules = all, all, nil, nil
}

// addKeys adds ~pattern, or %R~pattern, %W~pattern, %RW~pattern.
func (s *selector) addKeys(rule []byte) resp.Error {
	if s.allKeys {
		return errRuleKeys
	}
	p := keyPattern{read: true, write: true}
	if rest := rule[1:]; rule[0] == '~' {
		p.pattern = slices.Clone(rest)
	} else {
		p.read, p.write = false, false
		for ; len(rest) > 0 && rest[0] != '~'; rest = rest[1:] {
			switch {
			case rest[0]|0x20 == 'r' && !p.read:
				p.read = true
			case rest[0]|0x20 == 'w' && !p.write:
				p.write = true
			default:
				return errRuleSyntax
			}
		}
		if !p.read && !p.write {
			return errRuleSyntax
		}
		if len(rest) > 0 {
			p.pattern = slices.Clone(rest[1:])
		}
	}
	if hasSpace(string(p.pattern)) {
		return errRuleSyntax
	}
	for i := range s.keys {
		if have := &s.keys[i]; bytes.Equal(have.pattern, p.pattern) {
			have.read, have.write = have.read || p.read, have.write || p.write
			return ""
		}
	}
	s.keys = append(s.keys, p)
	return ""
}

func (s *selector) addChannels(pattern string) resp.Error {
	switch {
	case s.allChannels:
		return errRuleChannels
	case hasSpace(pattern):
		return errRuleSyntax
	case !slices.Contains(s.channels, pattern):
		s.channels = append(s.channels, pattern)
	}
	return ""
}

// hasSpace tells whether a name or pattern could not stand in a line of rules.
func hasSpace(text string) bool {
	return strings.ContainsAny(text, " \t\n\v\f\r\x00")
}

// applyCommand carries out +cmd, -cmd, +cmd|sub, -cmd|sub, +@category and -@category; name is what follows the sign, in lower case.
func (r *ruleBook) applyCommand(s *selector, name string, rule []byte) resp.Error {
	allow := rule[0] == '+'
	if strings.HasPrefix(name, "@") {
		cat := command.CategoryNamed(name[1:])
		if cat == 0 {
			return errRuleCommand
		}
		for _, cmd := range r.table.All() {
			for _, each := range append([]*command.Command{cmd}, cmd.Subcommands...) {
				if each.AllCategories()&cat != 0 {
					s.setOne(each, allow)
				}
			}
		}
		s.addRule(name, allow)
		return ""
	}
	if cmd := r.table.FullNamed([]byte(name)); cmd != nil {
		s.set(cmd, allow)
		s.addRule(name, allow)
		return ""
	}
	bar := strings.LastIndexByte(name, '|')
	if bar < 0 || !allow {
		return errRuleCommand
	}
	cmd := r.table.FullNamed([]byte(name[:bar]))
	switch {
	case cmd == nil:
		return errRuleCommand
	case strings.IndexByte(name[:bar], '|') >= 0:
		return errRuleChild
	case bar == len(name)-1:
		return errRuleSyntax
	case len(cmd.Subcommands) > 0:
		return errRuleCommand
	case hasSpace(name):
		return errRuleSyntax
	}
	if s.firstArgs == nil {
		s.firstArgs = map[int][]string{}
	}
	if have := s.firstArgs[cmd.ID]; !slices.Contains(have, name[bar+1:]) {
		s.firstArgs[cmd.ID] = append(slices.Clip(have), name[bar+1:])
	}
	s.addRule(name, allow)
	return ""
}

// set allows or forbids a command with all its subcommands.
func (s *selector) set(cmd *command.Command, allow bool) {
	s.setOne(cmd, allow)
	for _, sub := range cmd.Subcommands {
		s.setOne(sub, allow)
	}
}

func (s *selector) setOne(cmd *command.Command, allow bool) {
	word, bit := &s.allowed[cmd.ID/64], uint64(1)<<(cmd.ID%64)
	if allow {
		*word |= bit
	} else {
		*word &^= bit
		s.allCommands = false
	}
	delete(s.firstArgs, cmd.ID)
}

func (s *selector) has(cmd *command.Command) bool {
	return s.allowed[cmd.ID/64]>>(cmd.ID%64)&1 != 0
}

// addRule notes a rule behind those that went before; it makes earlier ones for the same command or its subcommands void.
func (s *selector) addRule(name string, allow bool) {
	s.rules = slices.DeleteFunc(s.rules, func(old string) bool {
		return old[1:] == name || strings.HasPrefix(old[1:], name+"|")
	})
	sign := "-"
	if allow {
		sign = "+"
	}
	s.rules = append(s.rules, sign+name)
}

// What ACL LIST and GETUSER tell: applied to a fresh user, it makes the same one.

func (u *user) flagNames() []string {
	flags := []string{"off"}
	if u.on {
		flags[0] = "on"
	}
	if u.nopass {
		flags = append(flags, "nopass")
	}
	switch u.sanitize {
	case sanitizeOn:
		flags = append(flags, "sanitize-payload")
	case sanitizeSkip:
		flags = append(flags, "skip-sanitize-payload")
	}
	return flags
}

// describe is the user's line in ACL LIST and in an ACL file.
func (u *user) describe() string {
	words := append([]string{"user", u.name}, u.flagNames()...)
	for _, hash := range u.passwords {
		words = append(words, "#"+hash)
	}
	words = append(words, u.root.describe())
	for i := range u.selectors {
		words = append(words, "("+u.selectors[i].describe()+")")
	}
	return strings.Join(words, " ")
}

func (s *selector) describe() string {
	words := make([]string, 0, 4)
	if keys := s.keyRules(); keys != "" {
		words = append(words, keys)
	}
	if !s.allChannels {
		words = append(words, "resetchannels")
	}
	if channels := s.channelRules(); channels != "" {
		words = append(words, channels)
	}
	return strings.Join(append(words, s.commandRules()), " ")
}

func (s *selector) commandRules() string {
	first := "-@all"
	if s.positive {
		first = "+@all"
	}
	return strings.Join(append([]string{first}, s.rules...), " ")
}

func (s *selector) keyRules() string {
	if s.allKeys {
		return "~*"
	}
	words := make([]string, len(s.keys))
	for i, p := range s.keys {
		switch {
		case p.read && p.write && string(p.pattern) == "*": // ~* would be allkeys, and allow nothing beside it
			words[i] = "%RW~*"
		case p.read && p.write:
			words[i] = "~" + string(p.pattern)
		case p.read:
			words[i] = "%R~" + string(p.pattern)
		default:
			words[i] = "%W~" + string(p.pattern)
		}
	}
	return strings.Join(words, " ")
}

func (s *selector) channelRules() string {
	if s.allChannels {
		return "&*"
	}
	words := make([]string, len(s.channels))
	for i, p := range s.channels {
		words[i] = "&" + p
	}
	return strings.Join(words, " ")
}
