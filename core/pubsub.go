package core

import (
	"container/list"

	"tabdis/core/command"
	"tabdis/core/resp"
)

// topics are the channels, the patterns or the shard channels that somebody is subscribed to, in the order of their first
// subscriptions.
type topics struct {
	named map[string]*topic
	order list.List // of *topic
	bytes int       // of their names
}

type topic struct {
	name        string
	subscribers list.List // of *subscription, in order of subscription
	at          *list.Element
}

// subscription is one session's to one topic; it stands in the lists of both, so that it ends at once among however many.
type subscription struct {
	session           *Session
	topic             *topic
	inTopic, ofMember *list.Element
}

// subscriptions are a session's, of one kind.
type subscriptions struct {
	named map[string]*subscription
	order list.List // of *subscription
}

// Subscribe subscribes to a topic, once. Whoever replays a log that holds such a command listens to nothing.
func (s *Session) Subscribe(kind command.Topic, name []byte) {
	mine, all := &s.subs[kind], &s.e.topics[kind]
	if mine.named[string(name)] != nil || s.e.loading {
		return
	}
	t := all.named[string(name)]
	if t == nil {
		t = &topic{name: string(name)}
		t.at = all.order.PushBack(t)
		if all.named == nil {
			all.named = map[string]*topic{}
		}
		all.named[t.name] = t
		all.bytes += len(t.name)
	}
	sub := &subscription{session: s, topic: t}
	sub.inTopic, sub.ofMember = t.subscribers.PushBack(sub), mine.order.PushBack(sub)
	if mine.named == nil {
		mine.named = map[string]*subscription{}
	}
	mine.named[t.name] = sub
	s.subscribed++
}

// Unsubscribe ends the subscription to a topic, and the topic with its last one.
func (s *Session) Unsubscribe(kind command.Topic, name []byte) {
	mine, all := &s.subs[kind], &s.e.topics[kind]
	sub := mine.named[string(name)]
	if sub == nil {
		return
	}
	t := sub.topic
	delete(mine.named, t.name)
	mine.order.Remove(sub.ofMember)
	t.subscribers.Remove(sub.inTopic)
	if t.subscribers.Len() == 0 {
		delete(all.named, t.name)
		all.bytes -= len(t.name)
		all.order.Remove(t.at)
	}
	s.subscribed--
}

// Subscribed calls fn, which may unsubscribe, with the names of all topics of a kind.
func (s *Session) Subscribed(kind command.Topic, fn func(name []byte)) {
	for at := s.subs[kind].order.Front(); at != nil; {
		sub := at.Value.(*subscription)
		at = at.Next()
		fn([]byte(sub.topic.name))
	}
}

// Subscriptions tells how many there are.
func (s *Session) Subscriptions(kind command.Topic) int { return len(s.subs[kind].named) }

// Limited tells that the session may send only what RESP2 allows to subscribers: messages look like replies there.
func (s *Session) Limited() bool { return s.subscribed > 0 && s.Proto() == 2 }

// unsubscribeAll ends all subscriptions without a word.
func (s *Session) unsubscribeAll() {
	for kind := range s.subs {
		k := command.Topic(kind)
		s.Subscribed(k, func(name []byte) { s.Unsubscribe(k, name) })
	}
}

// Confirm writes a message of SUBSCRIBE and its like, which is their reply, though CLIENT REPLY OFF can't keep it back.
func (s *Session) Confirm(kind string, name []byte, subscriptions int) {
	w := &s.out.w
	if s.muted() {
		w = s.e.lateWriter(s)
	}
	w.Push(3)
	w.BulkString(kind)
	if name != nil {
		w.Bulk(name)
	} else {
		w.Null()
	}
	w.Int(int64(subscriptions))
}

// push gives the writer for one message to a session; nil when it can no longer be told anything. It may stand between any two
// replies. What a session's own command sends it stands behind the reply of that command, behind that of EXEC as a whole; in Redis 7.0 it
// stood before, within EXEC's array too.
func (e *Engine) push(s *Session) *resp.Writer {
	switch {
	case s.closing:
		return nil
	case s == e.running && (!e.opts.Profile70 || s.muted()):
		return e.lateWriter(s)
	}
	s.write()
	return &s.out.w
}

func (e *Engine) lateWriter(s *Session) *resp.Writer {
	e.late.SetProto(s.Proto())
	return &e.late
}

// pushLate writes what waited for the end of the command under way: first what the session's own tracking has to tell.
func (s *Session) pushLate() {
	s.write()
	if len(s.e.tracking.pending) > 0 {
		s.e.tellPending(s)
	}
	if !s.closing {
		s.out.w.Raw(s.e.late.Bytes())
	}
	s.e.late.Release(keptOutput)
}

// Publish sends a message to the subscribers of a channel, then to those of each pattern that matches it. It touches sessions, which
// loading, on the control plane, must not.
func (e *Engine) Publish(kind command.Topic, channel, message []byte) (receivers int) {
	if e.loading {
		return 0
	}
	if t := e.topics[kind].named[string(channel)]; t != nil {
		word := "message"
		if kind == command.ShardChannel {
			word = "smessage"
		}
		receivers += e.send(t, word, nil, channel, message)
	}
	if kind != command.Channel {
		return receivers
	}
	patterns := &e.topics[command.Pattern].order
	for at := patterns.Front(); at != nil; at = at.Next() {
		t := at.Value.(*topic)
		if pattern := []byte(t.name); command.Match(pattern, channel) {
			receivers += e.send(t, "pmessage", pattern, channel, message)
		}
	}
	return receivers
}

// send sends one message to all subscribers of a topic.
func (e *Engine) send(t *topic, word string, pattern, channel, message []byte) int {
	for at := t.subscribers.Front(); at != nil; at = at.Next() {
		w := e.push(at.Value.(*subscription).session)
		if w == nil {
			continue
		}
		if pattern != nil {
			w.Push(4)
			w.BulkString(word)
			w.Bulk(pattern)
		} else {
			w.Push(3)
			w.BulkString(word)
		}
		w.Bulk(channel)
		w.Bulk(message)
	}
	return t.subscribers.Len()
}

// Topics yields the topics that have subscribers.
func (e *Engine) Topics(kind command.Topic, yield func(name string) bool) {
	for at := e.topics[kind].order.Front(); at != nil && yield(at.Value.(*topic).name); at = at.Next() {
	}
}

// TopicCount tells how many topics have subscribers.
func (e *Engine) TopicCount(kind command.Topic) int { return len(e.topics[kind].named) }

// Subscribers tells how many a topic has.
func (e *Engine) Subscribers(kind command.Topic, name []byte) int {
	if t := e.topics[kind].named[string(name)]; t != nil {
		return t.subscribers.Len()
	}
	return 0
}

// What these take, in bytes, with what Go's maps and lists need for each: measured.
const (
	topicSize        = 150
	subscriptionSize = 180
	subscriberSize   = 500 // its first maps
	watchSize        = 170
)

// listening is about how many bytes the subscriptions and watches of all sessions take.
func (e *Engine) listening() (n int64) {
	for i := range e.topics {
		n += int64(topicSize*len(e.topics[i].named) + e.topics[i].bytes)
	}
	for _, s := range e.order {
		n += int64(subscriptionSize*s.subscribed + watchSize*len(s.watched))
		if s.subscribed > 0 {
			n += subscriberSize
		}
	}
	return n
}
