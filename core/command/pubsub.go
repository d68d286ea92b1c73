package command

import "tabdis/core/resp"

// Topic is a kind of what one can subscribe to.
type Topic uint8

// The kinds of topics.
const (
	Channel      Topic = iota
	Pattern            // all channels whose names match
	ShardChannel       // channels with a name space of their own
	TopicKinds   = iota
)

// Publisher is what the commands of pub/sub need of the engine. Names are valid until the call returns.
type Publisher interface {
	// Publish sends a message to the subscribers of a Channel, and of the patterns that match it, or of a ShardChannel; it tells to how
	// many.
	Publish(kind Topic, channel, message []byte) int
	// Topics yields those that have subscribers; Subscribers tells how many one has.
	Topics(kind Topic, yield func(name string) bool)
	Subscribers(kind Topic, name []byte) int
	TopicCount(kind Topic) int
}

// Subscriber is the part of Session that pub/sub needs.
type Subscriber interface {
	// Subscribe and Unsubscribe change nothing where there is nothing to change. Subscribed calls fn with the names of all
	// topics of a kind, in the order in which they were subscribed to; fn may unsubscribe.
	Subscribe(kind Topic, name []byte)
	Unsubscribe(kind Topic, name []byte)
	Subscribed(kind Topic, fn func(name []byte))
	Subscriptions(kind Topic) int
	// Limited: subscribed, with a protocol that cannot tell messages from replies.
	Limited() bool
	// Confirm writes a message to this session as part of a command's reply: not even CLIENT REPLY OFF keeps it back.
	// A nil name is a null.
	Confirm(kind string, name []byte, subscriptions int)
}

func cmdSubscribe(c *Call)    { c.subscribe(Channel) }
func cmdPsubscribe(c *Call)   { c.subscribe(Pattern) }
func cmdSsubscribe(c *Call)   { c.subscribe(ShardChannel) }
func cmdUnsubscribe(c *Call)  { c.unsubscribe(Channel) }
func cmdPunsubscribe(c *Call) { c.unsubscribe(Pattern) }
func cmdSunsubscribe(c *Call) { c.unsubscribe(ShardChannel) }

// subscribe answers with a message for each word, in place of a reply.
func (c *Call) subscribe(kind Topic) {
	for _, name := range c.Args[1:] {
		c.Session.Subscribe(kind, name)
		c.confirm(kind, name)
	}
}

// unsubscribe answers with a message for each topic that it was told, or for each that there was; at least one.
func (c *Call) unsubscribe(kind Topic) {
	if len(c.Args) == 1 && c.Session.Subscriptions(kind) > 0 {
		c.Session.Subscribed(kind, func(name []byte) {
			c.Session.Unsubscribe(kind, name)
			c.confirm(kind, name)
		})
		return
	}
	for _, name := range c.Args[1:] {
		c.Session.Unsubscribe(kind, name)
		c.confirm(kind, name)
	}
	if len(c.Args) == 1 {
		c.confirm(kind, nil)
	}
}

// confirm tells what the command, whose name the message bears, did to one topic. Channels and patterns are counted as one.
func (c *Call) confirm(kind Topic, name []byte) {
	n := c.Session.Subscriptions(kind)
	switch kind {
	case Channel:
		n += c.Session.Subscriptions(Pattern)
	case Pattern:
		n += c.Session.Subscriptions(Channel)
	}
	c.Session.Confirm(c.Cmd.Name, name, n)
}

func cmdPublish(c *Call)  { c.publish(Channel) }
func cmdSpublish(c *Call) { c.publish(ShardChannel) }

func (c *Call) publish(kind Topic) {
	c.W.Int(int64(c.Server.Operations().Publish(kind, c.Args[1], c.Args[2])))
}

func cmdPubsubChannels(c *Call)      { c.topics(Channel) }
func cmdPubsubShardchannels(c *Call) { c.topics(ShardChannel) }

func (c *Call) topics(kind Topic) {
	if len(c.Args) > 3 {
		c.W.Error(resp.Error("ERR unknown subcommand or wrong number of arguments for '" + cString(c.Args[1], quoteMax) +
			"'. Try PUBSUB HELP."))
		return
	}
	m, n := c.W.Mark(), 0
	c.Server.Operations().Topics(kind, func(name string) bool {
		if len(c.Args) == 2 || globMatch(c.Args[2], []byte(name), false) {
			c.W.BulkString(name)
			n++
		}
		return true
	})
	c.W.InsertArray(m, n)
}

func cmdPubsubNumsub(c *Call)      { c.numsub(Channel) }
func cmdPubsubShardnumsub(c *Call) { c.numsub(ShardChannel) }

func (c *Call) numsub(kind Topic) {
	c.W.Array(2 * (len(c.Args) - 2))
	for _, name := range c.Args[2:] {
		c.W.Bulk(name)
		c.W.Int(int64(c.Server.Operations().Subscribers(kind, name)))
	}
}

func cmdPubsubNumpat(c *Call) { c.W.Int(int64(c.Server.Operations().TopicCount(Pattern))) }
