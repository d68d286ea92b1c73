package core

import (
	"slices"
	"strings"

	"tabdis/core/command"
	"tabdis/core/resp"
)

// tracking is client-side caching: sessions are told of changes of the keys that they have read, or with BCAST of all keys with a
// prefix (https://redis.io/docs/latest/develop/reference/client-side-caching/). As in Redis keys are remembered whatever their database.
//
// An invalidation is a message like those of pub/sub: it leaves when what it tells of is as safe as appendfsync asks. What a session's own
// command invalidates stands behind its reply.
type tracking struct {
	clients   int // sessions that track
	followers int // sessions that the table may name: they track or have done so. With none of them nothing here costs anything
	table     trackingTable
	prefixes  trackedPrefixes
	found     []command.KeyAt // what remember finds, to be used again
	pending   [][]byte        // keys that the running session is to be told of, once it was answered; nil: all keys
}

// keptKeys is how many keys of one command found keeps room for.
const keptKeys = 1024

// What command.Tracker asks.

func (s *Session) Tracking() *command.Tracking { return &s.tracking }

// StartTracking is CLIENT TRACKING ON. Prefixes come beside those that there are; other options come in place of those before.
func (s *Session) StartTracking(want command.Tracking) {
	if s.e.loading {
		return
	}
	t, mine := &s.e.tracking, &s.tracking
	if !mine.On {
		t.clients++
	}
	if !s.follows {
		s.follows = true
		t.followers++
	}
	if want.Bcast && len(want.Prefixes) == 0 && !slices.Contains(mine.Prefixes, "") {
		want.Prefixes = []string{""}
	}
	for _, p := range want.Prefixes {
		t.prefixes.add(p, s)
	}
	want.Prefixes = slices.Concat(mine.Prefixes, want.Prefixes)
	slices.Sort(want.Prefixes)
	want.On, want.Caching = true, mine.Caching
	*mine = want
}

// StopTracking is CLIENT TRACKING OFF. The keys that were remembered stay so: if they are tracked again the session hears of them.
func (s *Session) StopTracking() {
	t, mine := &s.e.tracking, &s.tracking
	if !mine.On {
		return
	}
	t.clients--
	for _, p := range mine.Prefixes {
		t.prefixes.remove(p, s)
	}
	*mine = command.Tracking{Redirect: mine.Redirect} // what is pending still goes there
}

// leaveTracking ends all that tracking knows of a session. What only those remember who are gone is forgotten.
func (s *Session) leaveTracking() {
	s.StopTracking()
	if t := &s.e.tracking; s.follows {
		s.follows = false
		if t.followers--; t.followers == 0 {
			t.table = trackingTable{}
		}
	}
}

// CanRedirect tells whether there is a session with this id.
func (s *Session) CanRedirect(id int64) bool { return s.e.session(id) != nil }

// session is the open session with this id, nil when there is none.
func (e *Engine) session(id int64) *Session {
	if s := e.sessions[id]; s != nil && !s.closing {
		return s
	}
	return nil
}

// track is called when a command of a session that tracks has run.
func (e *Engine) track(s *Session, cmd *command.Command, words [][]byte) {
	e.remember(s, cmd, words)
	if s.blocked == nil {
		s.endCaching(cmd)
	}
	e.limitTracking()
}

// endCaching ends CLIENT CACHING: it counts for one command, or for one transaction, but not for another CLIENT.
func (s *Session) endCaching(cmd *command.Command) {
	if s.tracking.Caching && s.multi == nil && (cmd == nil || !strings.HasPrefix(cmd.FullName(), "client|")) {
		s.tracking.Caching = false
	}
}

// remember notes the keys that a command has read for a session, be they there or not. Those of a script are not what it reads.
func (e *Engine) remember(s *Session, cmd *command.Command, words [][]byte) {
	t := &s.tracking
	if cmd.Flags&command.ReadOnly == 0 || cmd.Group == "scripting" || t.Bcast || t.OptIn && !t.Caching || t.OptOut && t.Caching {
		return
	}
	all := &e.tracking
	keys, err := cmd.KeysOf(words, all.found[:0])
	if err != nil {
		return
	}
	for _, key := range keys {
		all.table.add(words[key.Pos], s.id, e)
	}
	if all.found = keys; cap(keys) > keptKeys {
		all.found = nil
	}
}

// invalidate tells those who track key that it changed; by is whose command did it, nil: nobody's.
func (e *Engine) invalidate(by *Session, key []byte) {
	t := &e.tracking
	if e.loading || t.followers == 0 {
		return
	}
	t.prefixes.gather(key, by)
	e.forget(key, e.running)
}

// forget tells those who have read key that it changed, but not noLoop if it does not want that; they have to read it again to hear more.
func (e *Engine) forget(key []byte, noLoop *Session) {
	for _, id := range e.tracking.table.remove(key) {
		switch s := e.session(id); {
		case s == nil || !s.tracking.On || s.tracking.Bcast: // reading was before
		case s == noLoop && s.tracking.NoLoop:
		case s == e.running:
			e.tracking.pending = append(e.tracking.pending, append([]byte{}, key...))
		default:
			e.sendInvalidation(s, invalidKeys(key))
		}
	}
}

// invalidateAll tells all who track that every key is gone, of whatever database.
func (e *Engine) invalidateAll() {
	t := &e.tracking
	if e.loading || t.followers == 0 {
		return
	}
	t.table = trackingTable{}
	for _, s := range e.order {
		switch {
		case !s.tracking.On || s.closing:
		case s == e.running:
			t.pending = append(t.pending, nil)
		default:
			e.sendInvalidation(s, s.noKeys())
		}
	}
}

// tellPending tells the running session, whose command was answered, what this changed.
func (e *Engine) tellPending(s *Session) {
	for _, key := range e.tracking.pending {
		if key == nil {
			e.sendInvalidation(s, s.noKeys())
		} else {
			e.sendInvalidation(s, invalidKeys(key))
		}
	}
	e.tracking.pending = nil
}

// invalidKeys is the list of one key.
func invalidKeys(key []byte) []byte {
	var w resp.Writer
	w.Array(1)
	w.Bulk(key)
	return w.Bytes()
}

// noKeys stands for all keys: a null of the session's own protocol, even if it is another one that is told.
func (s *Session) noKeys() []byte {
	var w resp.Writer
	w.SetProto(s.Proto())
	w.Null()
	return w.Bytes()
}

// sendInvalidation sends a list of keys to a session that tracks, or to whom it redirects that. A session with RESP2 cannot be told by
// itself: a message could not be told from a reply there. It can redirect to one that is subscribed, if only to something else.
func (e *Engine) sendInvalidation(s *Session, keys []byte) {
	to, w := s, (*resp.Writer)(nil)
	if id := s.tracking.Redirect; id != 0 {
		if to = e.session(id); to == nil {
			e.redirectionBroke(s)
			return
		}
	}
	switch {
	case to == s && !s.closing:
		s.write()
		w = &s.out.w
	case to != s:
		w = e.push(to)
	}
	switch {
	case w == nil:
		return
	case to.Proto() > 2:
		w.Push(2)
		w.BulkString("invalidate")
	case s.tracking.Redirect != 0 && to.subscribed > 0:
		w.Push(3)
		w.BulkString("message")
		w.BulkString("__redis__:invalidate")
	default:
		return
	}
	w.Raw(keys)
}

// redirectionBroke tells a session that nobody hears its invalidations: it had better forget all.
func (e *Engine) redirectionBroke(s *Session) {
	s.tracking.Broken = s.tracking.On
	if s.Proto() > 2 && !s.closing {
		s.write()
		s.out.w.Push(2)
		s.out.w.BulkString("tracking-redir-broken")
		s.out.w.Int(s.tracking.Redirect)
	}
}

// endTracking is for the end of a turn: it sends what was gathered for those who track prefixes, each key once.
func (e *Engine) endTracking() {
	if e.tracking.followers == 0 || e.dead != "" {
		return
	}
	e.limitTracking()
	for _, b := range e.tracking.prefixes.take() {
		e.broadcast(b)
	}
}
