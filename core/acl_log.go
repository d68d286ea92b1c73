package core

import (
	"math"
	"slices"
	"strings"

	"tabdis/core/command"
)

// aclLog is what was refused lately, the latest first.
type aclLog struct {
	entries []command.ACLEntry
	next    int64                   // the id of the next entry
	denied  [len(denialNames)]int64 // how much was ever refused, for what reason; at 0 those who did not authenticate
}

// aclGrouping is for how long, in ms, the same refusal is counted and not noted anew.
const aclGrouping = 60_000

// maxACLObject bounds what an entry keeps of a key, a channel or a name, in bytes: they come from who was refused.
const maxACLObject = 64 << 10

// add notes a refusal; one that is there already is counted and comes first again.
func (l *aclLog) add(x command.ACLEntry, max int) {
	for i := range l.entries {
		old := &l.entries[i]
		if old.Reason != x.Reason || old.Context != x.Context || old.Object != x.Object || old.User != x.User ||
			x.Updated-old.Updated > aclGrouping {
			continue
		}
		x.ID, x.Created, x.Count = old.ID, old.Created, old.Count
		l.entries = slices.Delete(l.entries, i, i+1)
		l.push(x, max)
		return
	}
	x.ID = l.next
	l.next++
	l.push(x, max)
}

func (l *aclLog) push(x command.ACLEntry, max int) {
	x.Count++
	l.entries = slices.Insert(l.entries, 0, x)
	if len(l.entries) > max {
		clear(l.entries[max:])
		l.entries = l.entries[:max]
	}
}

// logRefusal notes that the session's user was refused something; granted stands for a login that failed.
func (e *Engine) logRefusal(s *Session, why denial, context, object, name string) {
	e.acl.log.denied[why]++
	e.acl.log.add(command.ACLEntry{
		Reason: denialNames[why], Context: context, Object: cut(object), User: cut(name), Created: e.now, Updated: e.now,
		Client: string(s.Describe(nil)),
	}, e.config.aclLogMax)
}

// cut gives a copy of at most maxACLObject bytes.
func cut(text string) string { return strings.Clone(text[:min(len(text), maxACLObject)]) }

// Log gives the latest n refusals.
func (a aclOps) Log(n int64) []command.ACLEntry {
	return a.e.acl.log.entries[:min(max(n, 0), int64(len(a.e.acl.log.entries)), math.MaxInt32)]
}

// ResetLog forgets all refusals.
func (a aclOps) ResetLog() { a.e.acl.log.entries = nil }
