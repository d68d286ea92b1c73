package command

import (
	"errors"
	"math"
	"strconv"
)

// KeyAt is a key among a command's words: its position, and what the command does with it.
type KeyAt struct {
	Pos   int
	Flags KeyFlag
}

// ErrNoKeys tells that the keys can't be found: the words are not as the command wants them.
var ErrNoKeys = errors.New("the words don't tell where the keys are")

// KeyPositions appends to dst the positions of the keys among a command's words, which are as many as its arity asks.
// On an error dst comes back as it was.
func (c *Command) KeyPositions(args [][]byte, dst []int) ([]int, error) {
	var some [8]KeyAt
	keys, err := c.KeysOf(args, some[:0])
	for _, k := range keys {
		dst = append(dst, k.Pos)
	}
	return dst, err
}

// KeysOf is KeyPositions with flags. As in Redis, the key specs are asked first, unless their flags depend on the words,
// and then GetKeys.
func (c *Command) KeysOf(args [][]byte, dst []KeyAt) ([]KeyAt, error) {
	from := len(dst)
	for i := range c.Keys {
		spec := &c.Keys[i]
		ok := spec.Flags&KeyVariableFlags == 0
		if ok {
			if spec.Flags&KeyNotKey != 0 {
				continue
			}
			n := len(dst)
			dst, ok = spec.keys(args, dst)
			ok = ok && (spec.Flags&KeyIncomplete == 0 || len(dst) == n)
		}
		if ok {
			continue
		}
		if c.GetKeys != nil {
			return c.GetKeys(args, dst[:from]), nil
		}
		return dst[:from], ErrNoKeys
	}
	return dst, nil
}

// KeysTouched gives the keys for which a user needs rights: those of KeysOf, and where the specs can be led astray by a word that looks like a
// keyword also those that the command will take.
func (c *Command) KeysTouched(args [][]byte) []KeyAt {
	keys, _ := c.KeysOf(args, nil)
	switch c.Name {
	case "georadius", "georadiusbymember": // STORE or STOREDIST twice, or as a key's name
		return geoRadiusGetKeys(args, keys)
	case "xreadgroup": // NOACK GROUP group streams STREAMS …
		return xreadgroupKeys(args, keys)
	}
	return keys
}

// xreadgroupKeys gives the keys of XREADGROUP: the first half of what follows STREAMS.
func xreadgroupKeys(args [][]byte, dst []KeyAt) []KeyAt {
	for i := 1; i < len(args); i++ {
		switch {
		case is(args[i], "streams"):
			for first, n := i+1, (len(args)-i-1)/2; n > 0; first, n = first+1, n-1 {
				dst = append(dst, KeyAt{first, KeyRO | KeyAccess})
			}
			return dst
		case is(args[i], "group"):
			i += 2
		case is(args[i], "count"), is(args[i], "block"):
			i++
		}
	}
	return dst
}

// keys appends the keys that the spec finds; false when the words contradict it.
func (s *KeySpec) keys(args [][]byte, dst []KeyAt) ([]KeyAt, bool) {
	first, ok := s.Begin.find(args)
	if !ok {
		return dst, false
	}
	if first == 0 { // the keyword isn't there
		return dst, true
	}
	var last, step int
	switch {
	case s.Find.Range != nil:
		r := s.Find.Range
		step = r.Step
		switch {
		case r.LastKey >= 0:
			last = first + r.LastKey
		case r.Limit == 0:
			last = len(args) + r.LastKey
		default:
			last = first + (len(args)-first)/r.Limit + r.LastKey
		}
	case s.Find.KeyNum != nil:
		k := s.Find.KeyNum
		step = k.Step
		if first+k.KeyNumIdx >= len(args) {
			return dst, false
		}
		n, err := strconv.ParseInt(string(args[first+k.KeyNumIdx]), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return dst, false
		}
		first += k.FirstKey
		last = first + (int(n)-1)*step
	default:
		return dst, false
	}
	if first >= len(args) || last >= len(args) || last < first {
		return dst, false
	}
	for i := first; i <= last; i += step {
		dst = append(dst, KeyAt{i, s.Flags})
	}
	return dst, true
}

// find gives where the search for keys starts, 0 when its keyword isn't among the words; false when the spec
// doesn't say.
func (b *BeginSearch) find(args [][]byte) (first int, ok bool) {
	if b.Index > 0 {
		return b.Index, true
	}
	if b.Keyword == "" {
		return 0, false
	}
	if b.StartFrom > 0 {
		for i := b.StartFrom; i < len(args)-1; i++ { // the last word has nothing behind it
			if is(args[i], b.Keyword) {
				return i + 1, true
			}
		}
		return 0, true
	}
	for i := len(args) + b.StartFrom; i > 0; i-- {
		if is(args[i], b.Keyword) {
			return i + 1, true
		}
	}
	return 0, true
}

// LegacyKeys gives the key positions as one range, the only thing that COMMAND told before Redis 7:
// first 0 when the command has none that can be told so.
func (c *Command) LegacyKeys() (first, last, step int) {
	if len(c.Keys) == 1 {
		if s := c.Keys[0]; s.Begin.Index > 0 && s.Find.Range != nil {
			return s.Begin.Index, absolute(s.Begin.Index, s.Find.Range.LastKey), s.Find.Range.Step
		}
	}
	for _, s := range c.Keys {
		if s.Begin.Index == 0 || s.Find.Range == nil || s.Find.Range.Step != 1 || last != 0 && last != s.Begin.Index-1 {
			continue
		}
		if first == 0 {
			first = s.Begin.Index
		}
		first = min(first, s.Begin.Index)
		// A negative last counts from the end and lies behind every other.
		if l := absolute(s.Begin.Index, s.Find.Range.LastKey); uint(l) > uint(last) {
			last = l
		}
		step = 1
	}
	return first, last, step
}

func absolute(begin, last int) int {
	if last < 0 {
		return last
	}
	return begin + last
}

// FirstKey is the position of the first key, 0 when there is none or it has no fixed place.
func (c *Command) FirstKey() int {
	first, _, _ := c.LegacyKeys()
	return first
}

// setGetKeys gives the key of SET: it is read too when the word GET is there.
func setGetKeys(args [][]byte, dst []KeyAt) []KeyAt {
	flags := KeyOW | KeyUpdate
	for i := 3; i < len(args); i++ {
		if is(args[i], "get") {
			flags = KeyRW | KeyAccess | KeyUpdate
		}
	}
	return append(dst, KeyAt{1, flags})
}

// bitfieldGetKeys gives the key of BITFIELD: it is only read when every operation is a GET.
func bitfieldGetKeys(args [][]byte, dst []KeyAt) []KeyAt {
	for i := 2; i < len(args); i++ {
		rest := len(args) - i - 1
		switch {
		case is(args[i], "get") && rest >= 2:
			i += 2
		case is(args[i], "overflow") && rest >= 1:
			i++
		default:
			return append(dst, KeyAt{1, KeyRW | KeyAccess | KeyUpdate})
		}
	}
	return append(dst, KeyAt{1, KeyRO | KeyAccess})
}

// sortGetKeys gives the keys of SORT: the key itself and what follows the last STORE. BY and GET name patterns, not keys.
func sortGetKeys(args [][]byte, dst []KeyAt) []KeyAt {
	dst = append(dst, KeyAt{1, KeyRO | KeyAccess})
	store := 0
	for i := 2; i < len(args); i++ {
		switch {
		case is(args[i], "limit"):
			i += 2
		case is(args[i], "by"), is(args[i], "get"):
			i++
		case is(args[i], "store") && i+1 < len(args):
			store = i + 1
		}
	}
	if store > 0 {
		dst = append(dst, KeyAt{store, KeyOW | KeyUpdate})
	}
	return dst
}

// sortROGetKeys gives the key of SORT_RO.
func sortROGetKeys(_ [][]byte, dst []KeyAt) []KeyAt { return append(dst, KeyAt{1, KeyRO | KeyAccess}) }

// geoRadiusGetKeys gives the keys of GEORADIUS and GEORADIUSBYMEMBER where a STORE without a key confuses the specs: the key
// itself and what follows the last STORE or STOREDIST.
func geoRadiusGetKeys(args [][]byte, dst []KeyAt) []KeyAt {
	dst = append(dst, KeyAt{1, KeyRO | KeyAccess})
	store := 0
	for i := 5; i+1 < len(args); i++ {
		if is(args[i], "store") || is(args[i], "storedist") {
			i++
			store = i
		}
	}
	if store > 0 {
		dst = append(dst, KeyAt{store, KeyOW | KeyUpdate})
	}
	return dst
}

// migrateGetKeys gives the keys of MIGRATE: word 3, or when that is empty all behind KEYS.
func migrateGetKeys(args [][]byte, dst []KeyAt) []KeyAt {
	const flags = KeyRW | KeyAccess | KeyDelete
	for i := 6; i < len(args); i++ {
		switch {
		case is(args[i], "auth"):
			i++
		case is(args[i], "auth2"):
			i += 2
		case is(args[i], "keys"):
			for i++; i < len(args) && len(args[3]) == 0; i++ {
				dst = append(dst, KeyAt{i, flags})
			}
			return dst
		}
	}
	return append(dst, KeyAt{3, flags})
}
