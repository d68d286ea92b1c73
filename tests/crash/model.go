package crash

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// databases that the workload uses.
const databases = 3

// state is what a store should hold. It is never changed once it stands in a history: the values are shared between states.
type state [databases]map[string]value

// value is one key's: one of the fields, by the first letter of the key, which is that of its type.
type value struct {
	str    string            // s, n, b (bits)
	list   []string          // l
	items  map[string]string // h, t (a set: no values), z and g (scores), p (what was added to a HyperLogLog: no values)
	stream *streamValue      // x
	expiry int64             // Unix ms; 0: none
}

func newState() (s state) {
	for i := range s {
		s[i] = map[string]value{}
	}
	return s
}

// copy is a state that may be changed; its values may not.
func (s *state) copy() (c state) {
	for i := range s {
		c[i] = maps.Clone(s[i])
	}
	return c
}

// at is the state as it is seen at a time: without what is past its time.
func (s *state) at(now int64) state {
	c := s.copy()
	for _, db := range c {
		maps.DeleteFunc(db, func(_ string, v value) bool { return v.expiry != 0 && v.expiry <= now })
	}
	return c
}

// text is a value in one spelling, to compare.
func (v *value) text(key string) string {
	var b strings.Builder
	switch key[0] {
	case 's', 'n', 'b':
		b.WriteString(v.str)
	case 'p':
		b.WriteString(strconv.Itoa(len(v.items)))
	case 'x':
		v.stream.text(&b)
	case 'l':
		b.WriteString(strings.Join(v.list, "|"))
	default:
		for _, f := range slices.Sorted(maps.Keys(v.items)) {
			b.WriteString(f + "=" + v.items[f] + "|")
		}
	}
	if v.expiry != 0 {
		b.WriteString(" until " + strconv.FormatInt(v.expiry, 10))
	}
	return b.String()
}

// difference names the first key in which two states differ; "" when there is none.
func (s *state) difference(other *state) string {
	for db := range s {
		keys := maps.Clone(s[db])
		maps.Copy(keys, other[db])
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			a, here := s[db][key]
			b, there := other[db][key]
			if here != there || a.text(key) != b.text(key) {
				return strconv.Itoa(db) + "/" + key + ": " + a.text(key) + " ≠ " + b.text(key)
			}
		}
	}
	return ""
}

const ok = "+OK\r\n"

func integer(n int) string { return ":" + strconv.Itoa(n) + "\r\n" }

func bulk(s string) string { return "$" + strconv.Itoa(len(s)) + "\r\n" + s + "\r\n" }

const null = "$-1\r\n"

// apply executes a command: it gives the reply that is to be expected, "" for any, and whether something certainly changed.
func (s *state) apply(db int, now int64, words []string) (reply string, changed bool) {
	*s = s.at(now)
	keys := s[db]
	if len(words) == 1 || words[0] == "SWAPDB" || words[0] == "CONFIG" || words[0] == "DEBUG" || words[0] == "EVICT" || words[0] == "WAITAOF" || words[0] == "PUBLISH" {
		return s.whole(db, words)
	}
	if words[0][0] == 'X' {
		return s.stream(keys, now, words)
	}
	key, args := words[1], words[2:]
	old, there := keys[key]
	switch words[0] {
	case "GET":
		if !there {
			return null, false
		}
		return bulk(old.str), false
	case "PFCOUNT":
		return integer(len(old.items)), false
	case "SET":
		keys[key] = value{str: args[0]}
		if len(args) == 3 {
			ms, _ := strconv.ParseInt(args[2], 10, 64)
			keys[key] = value{str: args[0], expiry: now + ms}
		}
		return ok, true
	case "DEL":
		delete(keys, key)
		return integer(count(there)), there
	case "INCR":
		n, _ := strconv.Atoi(old.str)
		keys[key] = value{str: strconv.Itoa(n + 1), expiry: old.expiry}
		return integer(n + 1), true
	case "APPEND":
		keys[key] = value{str: old.str + args[0], expiry: old.expiry}
		return integer(len(old.str) + len(args[0])), true
	case "PEXPIRE":
		if there {
			ms, _ := strconv.ParseInt(args[0], 10, 64)
			old.expiry = now + ms
			keys[key] = old
		}
		return integer(count(there)), there
	case "PERSIST":
		had := there && old.expiry != 0
		if had {
			old.expiry = 0
			keys[key] = old
		}
		return integer(count(had)), had
	case "RENAME":
		if !there {
			return "-ERR no such key\r\n", false
		}
		delete(keys, key)
		keys[args[0]] = old
		return ok, key != args[0]
	case "MOVE":
		to, _ := strconv.Atoi(args[0])
		_, taken := s[to][key]
		if !there || taken {
			return integer(0), false
		}
		delete(keys, key)
		s[to][key] = old
		return integer(1), true
	case "RPUSH", "LPUSH", "LPOP", "RPOP":
		return s.list(keys, key, words[0], args)
	case "RESTORE":
		return s.restore(keys, now, key, args)
	case "SETBIT", "BITOP":
		return s.bits(keys, words)
	case "PFMERGE", "GEOSEARCHSTORE":
		return s.merge(keys, words)
	}
	return s.collection(keys, key, words[0], args)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// whole executes what is about databases.
func (s *state) whole(db int, words []string) (string, bool) {
	switch words[0] {
	case "FLUSHDB":
		s[db] = map[string]value{}
	case "FLUSHALL":
		*s = newState()
	case "SWAPDB":
		i, _ := strconv.Atoi(words[1])
		j, _ := strconv.Atoi(words[2])
		s[i], s[j] = s[j], s[i]
		return ok, i != j
	case "CONFIG":
		return ok, false
	case "EVICT":
		s.evict(words[1])
		return "", false
	case "WAITAOF", "DEBUG":
		return "", false
	case "PUBLISH":
		return integer(1), false
	default:
		return "", false // BGREWRITEAOF, BGSAVE
	}
	return ok, true
}

func (s *state) list(keys map[string]value, key, name string, args []string) (string, bool) {
	v := keys[key]
	v.list = slices.Clone(v.list)
	reply := ""
	switch {
	case name == "RPUSH":
		v.list = append(v.list, args...)
		reply = integer(len(v.list))
	case name == "LPUSH":
		for _, a := range args {
			v.list = slices.Insert(v.list, 0, a)
		}
		reply = integer(len(v.list))
	case len(v.list) == 0:
		return null, false
	case name == "LPOP":
		reply, v.list = bulk(v.list[0]), v.list[1:]
	default:
		last := len(v.list) - 1
		reply, v.list = bulk(v.list[last]), v.list[:last]
	}
	keys[key] = v
	if len(v.list) == 0 {
		delete(keys, key)
	}
	return reply, true
}

// collection executes what is about a hash, a set or a sorted set.
func (s *state) collection(keys map[string]value, key, name string, args []string) (reply string, changed bool) {
	v := keys[key]
	before := len(v.items)
	if v.items = maps.Clone(v.items); v.items == nil {
		v.items = map[string]string{}
	}
	old, there := v.items[args[0]]
	switch name {
	case "HSET":
		v.items[args[0]] = args[1]
		reply, changed = integer(count(!there)), true
	case "ZADD":
		v.items[args[1]] = args[0]
		reply, changed = integer(len(v.items)-before), len(v.items) > before
	case "HINCRBY":
		n, _ := strconv.Atoi(old)
		by, _ := strconv.Atoi(args[1])
		v.items[args[0]] = strconv.Itoa(n + by)
		reply, changed = integer(n+by), true
	case "ZINCRBY":
		n, _ := strconv.Atoi(v.items[args[1]])
		by, _ := strconv.Atoi(args[0])
		v.items[args[1]] = strconv.Itoa(n + by)
		reply, changed = bulk(v.items[args[1]]), by != 0
	case "SADD":
		for _, m := range args {
			v.items[m] = ""
		}
		reply, changed = integer(len(v.items)-before), len(v.items) > before
	case "GEOADD":
		for _, p := range places {
			if p.member == args[2] {
				v.items[p.member] = p.score
			}
		}
		reply, changed = integer(len(v.items)-before), len(v.items) > before
	case "PFADD":
		for _, m := range args {
			v.items[m] = ""
		}
		reply, changed = integer(count(len(v.items) > before)), len(v.items) > before
	case "SPOP": // of all members, in any order
		v.items = nil
		changed = before > 0
	default: // HDEL, SREM, ZREM
		delete(v.items, args[0])
		reply, changed = integer(count(there)), there
	}
	keys[key] = v
	if len(v.items) == 0 {
		delete(keys, key)
	}
	return reply, changed
}

// evict lets all go that the policy lets go.
func (s *state) evict(policy string) {
	for _, db := range s {
		maps.DeleteFunc(db, func(_ string, v value) bool { return strings.HasPrefix(policy, "allkeys") || v.expiry != 0 })
	}
}

func (s *state) restore(keys map[string]value, now int64, key string, args []string) (string, bool) {
	if _, there := keys[key]; there && len(args) < 3 {
		return "-BUSYKEY Target key name already exists.\r\n", false
	}
	v := value{str: "restored"}
	if args[1] == dumpedList {
		v = value{list: []string{"a", "b", "restored"}}
	}
	if ms, _ := strconv.ParseInt(args[0], 10, 64); ms > 0 {
		v.expiry = now + ms
	}
	keys[key] = v
	return ok, true
}

// bits executes SETBIT, and BITOP of two keys.
func (s *state) bits(keys map[string]value, words []string) (string, bool) {
	if words[0] == "SETBIT" {
		v := keys[words[1]]
		at, _ := strconv.Atoi(words[2])
		b := []byte(v.str)
		for len(b) <= at/8 {
			b = append(b, 0)
		}
		mask := byte(0x80) >> (at % 8)
		was := b[at/8]&mask != 0
		if b[at/8] &^= mask; words[3] == "1" {
			b[at/8] |= mask
		}
		v.str = string(b)
		keys[words[1]] = v
		return integer(count(was)), was != (words[3] == "1")
	}
	x, y := keys[words[3]].str, keys[words[4]].str
	b := make([]byte, max(len(x), len(y)))
	at := func(s string, i int) byte {
		if i < len(s) {
			return s[i]
		}
		return 0
	}
	for i := range b {
		if b[i] = at(x, i) | at(y, i); words[1] == "AND" {
			b[i] = at(x, i) & at(y, i)
		}
	}
	_, there := keys[words[2]]
	delete(keys, words[2])
	if len(b) > 0 {
		keys[words[2]] = value{str: string(b)}
	}
	return integer(len(b)), there || len(b) > 0
}

// merge executes PFMERGE of one key, and a GEOSEARCHSTORE that finds what is on Sicily.
func (s *state) merge(keys map[string]value, words []string) (string, bool) {
	to, from := words[1], words[2]
	old, there := keys[to]
	items := map[string]string{}
	for m, score := range keys[from].items {
		if m != "SF" {
			items[m] = score
		}
	}
	if words[0] == "PFMERGE" {
		maps.Copy(items, old.items)
		keys[to] = value{items: items, expiry: old.expiry}
		return ok, len(items) > len(old.items)
	}
	delete(keys, to)
	if len(items) > 0 {
		keys[to] = value{items: items}
	}
	return integer(len(items)), there || len(items) > 0
}
