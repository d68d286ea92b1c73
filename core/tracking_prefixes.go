package core

import (
	"slices"
	"strings"

	"tabdis/core/resp"
)

// trackedPrefixes are those that sessions track with BCAST.
type trackedPrefixes struct {
	named   map[string]*broadcast
	lengths []prefixLength // for a key to be looked up by what it begins with, however many prefixes there are
	changed []*broadcast   // those with keys that have changed in this turn
}

type prefixLength struct{ length, prefixes int }

// broadcast is one prefix.
type broadcast struct {
	prefix   string
	sessions []*Session
	changed  map[string]*Session // keys of this turn, and who changed each last
}

// add makes s one of those who track a prefix; it did not before.
func (t *trackedPrefixes) add(prefix string, s *Session) {
	b := t.named[prefix]
	if b == nil {
		b = &broadcast{prefix: prefix}
		if t.named == nil {
			t.named = map[string]*broadcast{}
		}
		t.named[prefix] = b
		i := slices.IndexFunc(t.lengths, func(l prefixLength) bool { return l.length == len(prefix) })
		if i < 0 {
			i = len(t.lengths)
			t.lengths = append(t.lengths, prefixLength{length: len(prefix)})
		}
		t.lengths[i].prefixes++
	}
	b.sessions = append(b.sessions, s)
}

// remove undoes add. What was gathered for a prefix goes with the last who tracks it.
func (t *trackedPrefixes) remove(prefix string, s *Session) {
	b := t.named[prefix]
	if b.sessions = slices.DeleteFunc(b.sessions, func(other *Session) bool { return other == s }); len(b.sessions) > 0 {
		return
	}
	delete(t.named, prefix)
	i := slices.IndexFunc(t.lengths, func(l prefixLength) bool { return l.length == len(prefix) })
	if t.lengths[i].prefixes--; t.lengths[i].prefixes == 0 {
		t.lengths = slices.Delete(t.lengths, i, i+1)
	}
}

// gather notes that by changed key.
func (t *trackedPrefixes) gather(key []byte, by *Session) {
	for _, l := range t.lengths {
		if l.length > len(key) {
			continue
		}
		b := t.named[string(key[:l.length])]
		if b == nil {
			continue
		}
		if b.changed == nil {
			b.changed = map[string]*Session{}
			t.changed = append(t.changed, b)
		}
		b.changed[string(key)] = by
	}
}

// take gives the prefixes with keys that have changed, in order, and forgets them.
func (t *trackedPrefixes) take() []*broadcast {
	if len(t.changed) == 0 {
		return nil
	}
	changed := t.changed
	t.changed = nil
	slices.SortFunc(changed, func(a, b *broadcast) int { return strings.Compare(a.prefix, b.prefix) })
	return changed
}

// broadcast sends the changed keys of a prefix, in their order, to those who track it.
func (e *Engine) broadcast(b *broadcast) {
	keys := make([]string, 0, len(b.changed))
	for key := range b.changed {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	all := b.list(keys, nil)
	for _, s := range b.sessions {
		text := all
		if s.tracking.NoLoop {
			text = b.list(keys, s)
		}
		if text != nil {
			e.sendInvalidation(s, text)
		}
	}
	b.changed = nil
}

// list is the list of the keys that but did not change; nil when there are none.
func (b *broadcast) list(keys []string, but *Session) []byte {
	n := 0
	var items, w resp.Writer
	for _, key := range keys {
		if but == nil || b.changed[key] != but {
			items.BulkString(key)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	w.Array(n)
	w.Raw(items.Bytes())
	return w.Bytes()
}
