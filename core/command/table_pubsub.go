package command

// shardKeys are the channels of the commands of sharded pub/sub, which a cluster places as it places keys.
var shardKeys = []KeySpec{{Flags: KeyNotKey, Begin: at(1), Find: keyRange(-1, 1, 0)}}

var pubsubCommands = []*Command{
	{
		Name: "psubscribe", Arity: -2, Flags: PubSub | NoScript | Loading | Stale,
		Group: "pubsub", Since: "2.0.0", Complexity: "O(N) for N patterns",
		Summary:    "Subscribes to all channels whose names match patterns.",
		Categories: CatPubSub,
		Args: []Arg{
			{Name: "pattern", Type: ArgPattern, Flags: Multiple},
		},
		Do: cmdPsubscribe,
	},
	{
		Name: "publish", Arity: 3, Flags: PubSub | Loading | Stale | Fast,
		Group: "pubsub", Since: "2.0.0", Complexity: "O(N+M) for N subscribers of the channel and M patterns",
		Summary:    "Sends a message to all who listen to a channel.",
		Categories: CatPubSub,
		Args: []Arg{
			{Name: "channel", Type: ArgString},
			{Name: "message", Type: ArgString},
		},
		Do: cmdPublish,
	},
	{
		Name: "pubsub", Arity: -2,
		Group: "pubsub", Since: "2.8.0", Complexity: "By subcommand",
		Summary: "Tells who listens to what.",
		Subcommands: []*Command{
			{
				Name: "channels", Arity: -2, Flags: PubSub | Loading | Stale,
				Group: "pubsub", Since: "2.8.0", Complexity: "O(N) for N channels",
				Summary:    "Lists the channels that have subscribers.",
				Categories: CatPubSub,
				Args: []Arg{
					{Name: "pattern", Type: ArgPattern, Flags: Optional},
				},
				Do: cmdPubsubChannels,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Group: "pubsub", Since: "6.2.0", Complexity: "O(1)",
				Summary: "Lists the subcommands.",
				Do:      cmdPubsubHelp,
			},
			{
				Name: "numpat", Arity: 2, Flags: PubSub | Loading | Stale,
				Group: "pubsub", Since: "2.8.0", Complexity: "O(1)",
				Summary:    "Tells how many patterns have subscribers.",
				Categories: CatPubSub,
				Do:         cmdPubsubNumpat,
			},
			{
				Name: "numsub", Arity: -2, Flags: PubSub | Loading | Stale,
				Group: "pubsub", Since: "2.8.0", Complexity: "O(N) for N channels asked for",
				Summary:    "Tells how many subscribers channels have, those by pattern not among them.",
				Categories: CatPubSub,
				Args: []Arg{
					{Name: "channel", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdPubsubNumsub,
			},
			{
				Name: "shardchannels", Arity: -2, Flags: PubSub | Loading | Stale,
				Group: "pubsub", Since: "7.0.0", Complexity: "O(N) for N shard channels",
				Summary:    "Lists the shard channels that have subscribers.",
				Categories: CatPubSub,
				Args: []Arg{
					{Name: "pattern", Type: ArgPattern, Flags: Optional},
				},
				Do: cmdPubsubShardchannels,
			},
			{
				Name: "shardnumsub", Arity: -2, Flags: PubSub | Loading | Stale,
				Group: "pubsub", Since: "7.0.0", Complexity: "O(N) for N shard channels asked for",
				Summary:    "Tells how many subscribers shard channels have.",
				Categories: CatPubSub,
				Args: []Arg{
					{Name: "shardchannel", Type: ArgString, Flags: Optional | Multiple},
				},
				Do: cmdPubsubShardnumsub,
			},
		},
	},
	{
		Name: "punsubscribe", Arity: -1, Flags: PubSub | NoScript | Loading | Stale,
		Group: "pubsub", Since: "2.0.0", Complexity: "O(N) for N patterns",
		Summary:    "Ends subscriptions to patterns, or all of them.",
		Categories: CatPubSub,
		Args: []Arg{
			{Name: "pattern", Type: ArgPattern, Flags: Optional | Multiple},
		},
		Do: cmdPunsubscribe,
	},
	{
		Name: "spublish", Arity: 3, Flags: PubSub | Loading | Stale | Fast,
		Group: "pubsub", Since: "7.0.0", Complexity: "O(N) for N subscribers of the shard channel",
		Summary:    "Sends a message to all who listen to a shard channel.",
		Categories: CatPubSub,
		Keys:       []KeySpec{{Flags: KeyNotKey, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "shardchannel", Type: ArgString},
			{Name: "message", Type: ArgString},
		},
		Do: cmdSpublish,
	},
	{
		Name: "ssubscribe", Arity: -2, Flags: PubSub | NoScript | Loading | Stale,
		Group: "pubsub", Since: "7.0.0", Complexity: "O(N) for N shard channels",
		Summary:    "Subscribes to shard channels.",
		Categories: CatPubSub,
		Keys:       shardKeys,
		Args: []Arg{
			{Name: "shardchannel", Type: ArgString, Flags: Multiple},
		},
		Do: cmdSsubscribe,
	},
	{
		Name: "subscribe", Arity: -2, Flags: PubSub | NoScript | Loading | Stale,
		Group: "pubsub", Since: "2.0.0", Complexity: "O(N) for N channels",
		Summary:    "Subscribes to channels.",
		Categories: CatPubSub,
		Args: []Arg{
			{Name: "channel", Type: ArgString, Flags: Multiple},
		},
		Do: cmdSubscribe,
	},
	{
		Name: "sunsubscribe", Arity: -1, Flags: PubSub | NoScript | Loading | Stale,
		Group: "pubsub", Since: "7.0.0", Complexity: "O(N) for N shard channels",
		Summary:    "Ends subscriptions to shard channels, or all of them.",
		Categories: CatPubSub,
		Keys:       shardKeys,
		Args: []Arg{
			{Name: "shardchannel", Type: ArgString, Flags: Optional | Multiple},
		},
		Do: cmdSunsubscribe,
	},
	{
		Name: "unsubscribe", Arity: -1, Flags: PubSub | NoScript | Loading | Stale,
		Group: "pubsub", Since: "2.0.0", Complexity: "O(N) for N channels",
		Summary:    "Ends subscriptions to channels, or all of them.",
		Categories: CatPubSub,
		Args: []Arg{
			{Name: "channel", Type: ArgString, Flags: Optional | Multiple},
		},
		Do: cmdUnsubscribe,
	},
}
