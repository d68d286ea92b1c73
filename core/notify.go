package core

import (
	"strconv"
	"strings"

	"tabdis/core/command"
	"tabdis/core/keyspace"
)

// Where keyspace events are published, beside the classes of command.Class in notify-keyspace-events.
const (
	toKeyspace command.Class = 1 << 15 // K: to the channel of the key
	toKeyevent command.Class = 1 << 14 // E: to the channel of the event
)

// eventLetters are the letters of notify-keyspace-events, in the order in which Redis tells them. A stands for those up to d.
var eventLetters = []struct {
	letter byte
	class  command.Class
}{
	{'g', command.ClassGeneric}, {'$', command.ClassString}, {'l', command.ClassList}, {'s', command.ClassSet},
	{'h', command.ClassHash}, {'z', command.ClassZSet}, {'x', command.ClassExpired}, {'e', command.ClassEvicted},
	{'t', command.ClassStream}, {'d', command.ClassModule}, {'n', command.ClassNew},
	{'K', toKeyspace}, {'E', toKeyevent}, {'m', command.ClassKeyMiss},
}

const allEvents = command.ClassGeneric | command.ClassString | command.ClassList | command.ClassSet | command.ClassHash |
	command.ClassZSet | command.ClassExpired | command.ClassEvicted | command.ClassStream | command.ClassModule

// eventNames are the letters of a set of classes. Redis does not tell n beside A.
func eventNames(set command.Class) string {
	var b []byte
	hidden := command.Class(0)
	if set&allEvents == allEvents {
		b, hidden = append(b, 'A'), allEvents|command.ClassNew
	}
	for _, l := range eventLetters {
		if set&^hidden&l.class != 0 {
			b = append(b, l.letter)
		}
	}
	return string(b)
}

func setEvents(c *config, v string) string {
	set := command.Class(0)
letters:
	for i := range len(v) {
		if v[i] == 'A' {
			set |= allEvents
			continue
		}
		for _, l := range eventLetters {
			if l.letter == v[i] {
				set |= l.class
				continue letters
			}
		}
		return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
	}
	c.events = set
	return ""
}

// Notify publishes a keyspace event, if its class is wanted, to the channel of the key, then to that of the event.
func (e *Engine) Notify(class command.Class, event string, db *keyspace.DB, key []byte) {
	if e.config.events&class == 0 || e.loading || e.TopicCount(command.Channel)+e.TopicCount(command.Pattern) == 0 {
		return
	}
	n := strconv.Itoa(db.Index())
	if e.config.events&toKeyspace != 0 {
		var b strings.Builder
		b.WriteString("__keyspace@" + n + "__:")
		b.Write(key)
		e.Publish(command.Channel, []byte(b.String()), []byte(event))
	}
	if e.config.events&toKeyevent != 0 {
		e.Publish(command.Channel, []byte("__keyevent@"+n+"__:"+event), key)
	}
}
