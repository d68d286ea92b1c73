package clients

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// report collects the lines of a go-redis program: commands print themselves with their words and reply.
type report []string

func (r *report) say(cmds ...fmt.Stringer) {
	for _, c := range cmds {
		*r = append(*r, c.String())
	}
}

func (r *report) note(format string, args ...any) { *r = append(*r, fmt.Sprintf(format, args...)) }

// sorted prints a reply whose order is the server's own.
func (r *report) sorted(cmds ...*redis.StringSliceCmd) {
	for _, c := range cmds {
		slices.Sort(c.Val())
		r.say(c)
	}
}

var (
	ctx = context.Background()
	// far is when nothing here has expired yet.
	far = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

func goStrings(r *report, c *redis.Client) {
	r.say(c.Set(ctx, "s", "value", 0), c.Get(ctx, "s"), c.Get(ctx, "none"), c.SetNX(ctx, "s", "x", 0), c.SetXX(ctx, "s", "y", time.Hour),
		c.SetArgs(ctx, "s", "z", redis.SetArgs{Mode: "XX", Get: true, KeepTTL: true}), c.SetEx(ctx, "e", 1, time.Minute),
		c.Set(ctx, "p", "v", 1500*time.Millisecond), c.GetEx(ctx, "p", time.Hour), c.TTL(ctx, "p"), c.GetDel(ctx, "p"), c.GetSet(ctx, "s", "new"),
		c.Append(ctx, "s", "er"), c.StrLen(ctx, "s"), c.GetRange(ctx, "s", -3, -1), c.SetRange(ctx, "s", 2, "-_-"), c.Get(ctx, "s"),
		c.Incr(ctx, "n"), c.IncrBy(ctx, "n", 41), c.Decr(ctx, "n"), c.DecrBy(ctx, "n", 7), c.IncrByFloat(ctx, "f", 0.1), c.IncrByFloat(ctx, "f", 0.2),
		c.Incr(ctx, "s"), c.IncrBy(ctx, "n", 1<<62), c.IncrBy(ctx, "n", 1<<62),
		c.MSet(ctx, "a", 1, "b", "two", "c", 3.5), c.MGet(ctx, "a", "none", "b", "c"), c.MSetNX(ctx, "a", 1, "new", 2), c.MSetNX(ctx, "k1", 1, "k2", 2),
		c.Set(ctx, "t1", "ohmytext", 0), c.Set(ctx, "t2", "mynewtext", 0), c.LCS(ctx, &redis.LCSQuery{Key1: "t1", Key2: "t2"}),
		c.LCS(ctx, &redis.LCSQuery{Key1: "t1", Key2: "t2", Len: true}), c.Set(ctx, "bin", []byte{0, 255, 10, 13}, 0), c.Get(ctx, "bin"))
	lcs := c.LCS(ctx, &redis.LCSQuery{Key1: "t1", Key2: "t2", Idx: true, MinMatchLen: 4, WithMatchLen: true})
	r.note("lcs idx: %+v %v", lcs.Val(), lcs.Err())

	r.say(c.SetBit(ctx, "bits", 7, 1), c.SetBit(ctx, "bits", 100, 1), c.GetBit(ctx, "bits", 7), c.BitCount(ctx, "bits", nil),
		c.BitCount(ctx, "bits", &redis.BitCount{Start: 0, End: 50, Unit: "BIT"}), c.BitPos(ctx, "bits", 1), c.BitPos(ctx, "bits", 1, 2, -1),
		c.BitPosSpan(ctx, "bits", 0, 8, 90, "bit"), c.BitOpAnd(ctx, "and", "bits", "s"), c.BitOpOr(ctx, "or", "bits", "s"), c.BitOpXor(ctx, "xor", "bits", "s"),
		c.BitOpNot(ctx, "not", "bits"), c.Get(ctx, "xor"), c.BitField(ctx, "bf", "INCRBY", "i5", 100, 1, "GET", "u4", 0, "OVERFLOW", "FAIL", "INCRBY", "u2", 102, 5),
		c.BitFieldRO(ctx, "bf", "u8", 96), c.PFAdd(ctx, "hll", "a", "b", "c", 7), c.PFAdd(ctx, "hll2", "c", "d"), c.PFCount(ctx, "hll"), c.PFCount(ctx, "hll", "hll2"),
		c.PFMerge(ctx, "hll3", "hll", "hll2"), c.PFCount(ctx, "hll3"), c.PFCount(ctx, "s"))
}

func goLists(r *report, c *redis.Client) {
	r.say(c.RPush(ctx, "l", "a", "b", "c", "b", 5), c.LPush(ctx, "l", "z"), c.LPushX(ctx, "none", 1), c.RPushX(ctx, "l", "end"), c.LRange(ctx, "l", 0, -1),
		c.LLen(ctx, "l"), c.LIndex(ctx, "l", 1), c.LIndex(ctx, "l", 100), c.LInsertBefore(ctx, "l", "c", "bb"), c.LInsertAfter(ctx, "l", "nope", "x"),
		c.LPos(ctx, "l", "b", redis.LPosArgs{Rank: -1}), c.LPosCount(ctx, "l", "b", 0, redis.LPosArgs{}), c.LPos(ctx, "l", "nope", redis.LPosArgs{}),
		c.LRem(ctx, "l", -1, "b"), c.LSet(ctx, "l", 0, "first"), c.LSet(ctx, "l", 100, "x"), c.LSet(ctx, "none", 0, "x"), c.LTrim(ctx, "l", 0, 4), c.LRange(ctx, "l", 0, -1),
		c.LPop(ctx, "l"), c.RPop(ctx, "l"), c.LPopCount(ctx, "l", 2), c.RPopCount(ctx, "none", 2), c.RPush(ctx, "l", 1, 2, 3, 4, 5, 6), c.RPopLPush(ctx, "l", "m"),
		c.LMove(ctx, "l", "m", "LEFT", "RIGHT"), c.LMPop(ctx, "right", 2, "none", "l"), c.LMPop(ctx, "left", 2, "none", "none2"),
		c.BLPop(ctx, time.Second, "none", "m"), c.BRPop(ctx, time.Second, "m"), c.BRPopLPush(ctx, "l", "m", time.Second), c.BLMove(ctx, "l", "m", "left", "left", time.Second),
		c.BLMPop(ctx, time.Second, "left", 10, "m"), c.Do(ctx, "blpop", "none", "0.01"), c.Do(ctx, "blmpop", "0.01", "1", "none", "left"), c.LPush(ctx, "s", 1))
}

func goHashes(r *report, c *redis.Client) {
	type row struct {
		Name string  `redis:"name"`
		Age  int     `redis:"age"`
		Rate float64 `redis:"rate"`
	}
	r.say(c.HSet(ctx, "h", "f", "v", "n", 1), c.HSet(ctx, "h", map[string]any{"m": "x"}), c.HSet(ctx, "row", row{"ada", 36, 1.5}), c.HGet(ctx, "h", "f"), c.HGet(ctx, "h", "none"),
		c.HGetAll(ctx, "h"), c.HGetAll(ctx, "none"), c.HMSet(ctx, "h", "k", "w"), c.HMGet(ctx, "h", "f", "none", "k"), c.HExists(ctx, "h", "f"), c.HDel(ctx, "h", "f", "none"),
		c.HLen(ctx, "h"), c.HStrLen(ctx, "h", "k"), c.HSetNX(ctx, "h", "k", "2"), c.HIncrBy(ctx, "h", "n", 10), c.HIncrByFloat(ctx, "h", "n", 0.5), c.HIncrBy(ctx, "h", "k", 1),
		c.HRandField(ctx, "one", 2), c.HSet(ctx, "one", "only", 1), c.HRandField(ctx, "one", -2), c.HRandFieldWithValues(ctx, "one", 5), c.HScan(ctx, "row", 0, "*", 100))
	r.sorted(c.HKeys(ctx, "h"), c.HVals(ctx, "h"))
	var back row
	err := c.HGetAll(ctx, "row").Scan(&back)
	r.note("row %+v %v", back, err)
}

func goSets(r *report, c *redis.Client) {
	r.say(c.SAdd(ctx, "s1", "a", "b", "c", "d"), c.SAdd(ctx, "s2", "c", "d", "e"), c.SAdd(ctx, "ints", 3, 1, 2), c.SMembers(ctx, "ints"), c.SMembersMap(ctx, "s1"), c.SCard(ctx, "s1"),
		c.SIsMember(ctx, "s1", "a"), c.SMIsMember(ctx, "s1", "a", "x"), c.SInterCard(ctx, 1, "s1", "s2"), c.SDiffStore(ctx, "sd", "s1", "s2"), c.SInterStore(ctx, "si", "s1", "s2"),
		c.SUnionStore(ctx, "su", "s1", "s2"), c.SMove(ctx, "s1", "s2", "a"), c.SMove(ctx, "s1", "s2", "nope"), c.SRem(ctx, "s1", "b", "nope"), c.SAdd(ctx, "single", "x"), c.SPop(ctx, "single"),
		c.SPop(ctx, "single"), c.SAdd(ctx, "single", "x"), c.SRandMember(ctx, "single"), c.SRandMemberN(ctx, "single", -3), c.SPopN(ctx, "single", 5), c.SScan(ctx, "ints", 0, "", 10))
	r.sorted(c.SMembers(ctx, "s1"), c.SDiff(ctx, "su", "s1"), c.SInter(ctx, "s1", "s2"), c.SUnion(ctx, "s1", "s2"), c.Sort(ctx, "ints", &redis.Sort{Order: "DESC"}),
		c.Sort(ctx, "s1", &redis.Sort{Alpha: true, By: "nosort"}), c.SortRO(ctx, "ints", &redis.Sort{Get: []string{"#", "w_*"}}))
	r.say(c.SortStore(ctx, "ints", "sorted", &redis.Sort{Offset: 1, Count: 1}), c.SortInterfaces(ctx, "ints", &redis.Sort{Get: []string{"w_*"}}), c.Sort(ctx, "s1", &redis.Sort{}))
}

func goSortedSets(r *report, c *redis.Client) {
	z := func(score float64, member string) redis.Z { return redis.Z{Score: score, Member: member} }
	r.say(c.ZAdd(ctx, "z", z(1, "a"), z(2.5, "b"), z(3, "c"), z(1e20, "big")), c.ZAddNX(ctx, "z", z(9, "a")), c.ZAddXX(ctx, "z", z(1.5, "a")), c.ZAddGT(ctx, "z", z(1, "a")),
		c.ZAddArgs(ctx, "z", redis.ZAddArgs{Ch: true, LT: true, Members: []redis.Z{z(1, "a"), z(7, "new")}}), c.ZAddArgsIncr(ctx, "z", redis.ZAddArgs{Members: []redis.Z{z(1, "a")}}),
		c.ZIncrBy(ctx, "z", 0.1, "a"), c.ZCard(ctx, "z"), c.ZCount(ctx, "z", "(2", "+inf"), c.ZScore(ctx, "z", "a"), c.ZScore(ctx, "z", "none"), c.ZMScore(ctx, "z", "a", "c"),
		c.ZRank(ctx, "z", "c"), c.ZRevRank(ctx, "z", "c"), c.ZRank(ctx, "z", "none"), c.ZRange(ctx, "z", 0, -1), c.ZRangeWithScores(ctx, "z", 0, -1), c.ZRevRange(ctx, "z", 0, 1),
		c.ZRevRangeWithScores(ctx, "z", 0, 1), c.ZRangeByScore(ctx, "z", &redis.ZRangeBy{Min: "-inf", Max: "(7", Offset: 1, Count: 2}),
		c.ZRangeByScoreWithScores(ctx, "z", &redis.ZRangeBy{Min: "2", Max: "3"}), c.ZRevRangeByScore(ctx, "z", &redis.ZRangeBy{Min: "0", Max: "10"}),
		c.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "z", Start: 0, Stop: "10", ByScore: true, Rev: true, Offset: 0, Count: 2}), c.ZRangeStore(ctx, "zs", redis.ZRangeArgs{Key: "z", Start: 0, Stop: 1}),
		c.ZAdd(ctx, "lex", z(0, "a"), z(0, "b"), z(0, "c"), z(0, "d")), c.ZRangeByLex(ctx, "lex", &redis.ZRangeBy{Min: "[b", Max: "(d"}), c.ZLexCount(ctx, "lex", "-", "+"),
		c.ZRevRangeByLex(ctx, "lex", &redis.ZRangeBy{Min: "-", Max: "[c"}), c.ZRemRangeByLex(ctx, "lex", "[a", "[b"), c.ZRemRangeByRank(ctx, "lex", 0, 0), c.ZRemRangeByScore(ctx, "lex", "-inf", "+inf"),
		c.ZRem(ctx, "z", "big", "none"), c.ZAdd(ctx, "y", z(10, "a"), z(20, "y")), c.ZUnionWithScores(ctx, redis.ZStore{Keys: []string{"z", "y"}, Weights: []float64{1, 2}, Aggregate: "MAX"}),
		c.ZInter(ctx, &redis.ZStore{Keys: []string{"z", "y"}}), c.ZInterWithScores(ctx, &redis.ZStore{Keys: []string{"z", "y"}}), c.ZInterCard(ctx, 0, "z", "y"), c.ZDiff(ctx, "z", "y"),
		c.ZDiffWithScores(ctx, "z", "y"), c.ZUnionStore(ctx, "zu", &redis.ZStore{Keys: []string{"z", "y"}}), c.ZInterStore(ctx, "zi", &redis.ZStore{Keys: []string{"z", "y"}}), c.ZDiffStore(ctx, "zd", "z", "y"),
		c.ZPopMin(ctx, "z"), c.ZPopMax(ctx, "z", 2), c.ZMPop(ctx, "min", 2, "none", "z"), c.BZPopMin(ctx, time.Second, "none", "zu"), c.BZPopMax(ctx, time.Second, "zu"),
		c.BZMPop(ctx, time.Second, "max", 2, "zu"), c.Do(ctx, "bzpopmin", "none", "0.01"), c.ZMPop(ctx, "min", 1, "none"), c.ZAdd(ctx, "one", z(1, "x")), c.Del(ctx, "one"), c.ZAdd(ctx, "one", z(1, "x")),
		c.ZRandMember(ctx, "one", -2), c.ZRandMemberWithScores(ctx, "one", 3), c.ZScan(ctx, "y", 0, "", 10), c.ZAdd(ctx, "z", redis.Z{Score: 0, Member: "nan"}), c.ZIncrBy(ctx, "zd", 1.5, "a"))
}

func goGeo(r *report, c *redis.Client) {
	r.say(c.GeoAdd(ctx, "g", &redis.GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556}, &redis.GeoLocation{Name: "Catania", Longitude: 15.087269, Latitude: 37.502669}),
		c.GeoDist(ctx, "g", "Palermo", "Catania", "km"), c.GeoDist(ctx, "g", "Palermo", "none", "km"), c.GeoHash(ctx, "g", "Palermo", "Catania"),
		c.GeoSearch(ctx, "g", &redis.GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200, RadiusUnit: "km", Sort: "ASC"}),
		c.GeoSearchStore(ctx, "g", "gs", &redis.GeoSearchStoreQuery{GeoSearchQuery: redis.GeoSearchQuery{Member: "Catania", BoxWidth: 400, BoxHeight: 400, BoxUnit: "km"}, StoreDist: true}))
	for _, p := range c.GeoPos(ctx, "g", "Palermo", "none").Val() {
		r.note("pos %v", p == nil)
		if p != nil {
			r.note("pos %.9f %.9f", p.Longitude, p.Latitude)
		}
	}
	found := c.GeoSearchLocation(ctx, "g", &redis.GeoSearchLocationQuery{GeoSearchQuery: redis.GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200, RadiusUnit: "km", Sort: "DESC", Count: 1},
		WithCoord: true, WithDist: true, WithHash: true})
	r.note("search %+v %v", found.Val(), found.Err())
	radius := c.GeoRadius(ctx, "g", 15, 37, &redis.GeoRadiusQuery{Radius: 200, Unit: "km", WithDist: true, Sort: "ASC"})
	r.note("radius %+v %v", radius.Val(), radius.Err())
	member := c.GeoRadiusByMember(ctx, "g", "Palermo", &redis.GeoRadiusQuery{Radius: 100, Unit: "m"})
	r.note("member %+v %v", member.Val(), member.Err())
}

func goGeneric(r *report, c *redis.Client) {
	r.say(c.Set(ctx, "k", "v", 0), c.Exists(ctx, "k", "k", "none"), c.Expire(ctx, "k", time.Hour), c.ExpireNX(ctx, "k", time.Hour), c.ExpireXX(ctx, "k", 2*time.Hour), c.ExpireGT(ctx, "k", time.Hour),
		c.ExpireLT(ctx, "k", time.Hour), c.Persist(ctx, "k"), c.TTL(ctx, "k"), c.TTL(ctx, "none"), c.PTTL(ctx, "none"), c.ExpireAt(ctx, "k", far), c.ExpireTime(ctx, "k"),
		c.PExpireAt(ctx, "k", far), c.PExpireTime(ctx, "k"), c.Expire(ctx, "k", -time.Second), c.Exists(ctx, "k"), c.Set(ctx, "k", "v", 0), c.Type(ctx, "k"), c.Type(ctx, "none"),
		c.ObjectEncoding(ctx, "k"), c.ObjectRefCount(ctx, "k"), c.ObjectEncoding(ctx, "none"), c.Touch(ctx, "k", "none"), c.Copy(ctx, "k", "copy", 0, false), c.Copy(ctx, "k", "copy", 0, true),
		c.Rename(ctx, "copy", "moved"), c.Rename(ctx, "none", "x"), c.RenameNX(ctx, "moved", "k"), c.Move(ctx, "moved", 1), c.Dump(ctx, "none"), c.Del(ctx, "k", "none"), c.Unlink(ctx, "k"))
	dump := c.Dump(ctx, "n").Val()
	r.say(c.RestoreReplace(ctx, "restored", time.Hour, dump), c.Get(ctx, "restored"), c.TTL(ctx, "restored"))
	r.note("restored again: %v, nonsense: %v", c.Restore(ctx, "restored", 0, dump).Err(), c.Restore(ctx, "x", 0, "nonsense").Err())
	for i := range 1000 {
		c.Set(ctx, fmt.Sprintf("scan:%d", i), i, 0)
	}
	r.sorted(c.Keys(ctx, "scan:99*"))
	seen := map[string]bool{}
	it := c.Scan(ctx, 0, "scan:*", 50).Iterator()
	for it.Next(ctx) {
		seen[it.Val()] = true
	}
	lists := 0
	types := c.ScanType(ctx, 0, "*", 100, "list").Iterator()
	for types.Next(ctx) {
		lists++
	}
	r.note("scanned %d %v, lists %d %v", len(seen), it.Err(), lists, types.Err())
}

func goStreams(r *report, c *redis.Client) {
	for i := range 10 {
		r.say(c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: fmt.Sprintf("%d-1", i+1), Values: []any{"n", i, "sq", i * i}}))
	}
	r.say(c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: "1-1", Values: []any{"n", 1}}), c.XAdd(ctx, &redis.XAddArgs{Stream: "none", NoMkStream: true, Values: []any{"n", 1}}),
		c.XLen(ctx, "x"), c.XRange(ctx, "x", "-", "+"), c.XRangeN(ctx, "x", "(2", "+", 2), c.XRevRangeN(ctx, "x", "+", "-", 1), c.XDel(ctx, "x", "3-1", "99-1"),
		c.XTrimMaxLen(ctx, "x", 8), c.XTrimMinID(ctx, "x", "3"), c.XRead(ctx, &redis.XReadArgs{Streams: []string{"x", "y", "8", "0"}, Count: 5, Block: -1}),
		c.XRead(ctx, &redis.XReadArgs{Streams: []string{"x", "$"}, Block: 10 * time.Millisecond}),
		c.XGroupCreate(ctx, "none", "g", "0"), c.XGroupCreate(ctx, "x", "g", "0"), c.XGroupCreate(ctx, "x", "g", "0"), c.XGroupCreateMkStream(ctx, "y", "g", "$"),
		c.XGroupCreateConsumer(ctx, "x", "g", "idle"))
	read := func(from string, count int64) *redis.XStreamSliceCmd {
		return c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "me", Streams: []string{"x", from}, Count: count, Block: -1})
	}
	for { // the loop of every worker: take some, handle them, acknowledge
		got := read(">", 3)
		r.say(got)
		if got.Err() != nil {
			break
		}
		for i, m := range got.Val()[0].Messages {
			if i > 0 {
				r.say(c.XAck(ctx, "x", "g", m.ID))
			}
		}
	}
	r.say(read("0", 10), c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "nope", Consumer: "me", Streams: []string{"x", ">"}, Block: -1}), c.XPending(ctx, "x", "g"), c.XPending(ctx, "y", "g"))
	for _, p := range c.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 10}).Val() {
		r.note("pending %s %s %d", p.ID, p.Consumer, p.RetryCount)
	}
	r.say(c.XClaim(ctx, &redis.XClaimArgs{Stream: "x", Group: "g", Consumer: "other", Messages: []string{"4-1"}}), c.XClaimJustID(ctx, &redis.XClaimArgs{Stream: "x", Group: "g", Consumer: "other", Messages: []string{"4-1", "99-1"}}),
		c.XAutoClaimJustID(ctx, &redis.XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "me", Start: "0"}), c.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "third", Start: "0", Count: 1}))
	groups := c.XInfoGroups(ctx, "x")
	r.note("groups %+v %v", groups.Val(), groups.Err())
	for _, m := range c.XInfoConsumers(ctx, "x", "g").Val() {
		r.note("consumer %s %d", m.Name, m.Pending)
	}
	info, err := c.XInfoStream(ctx, "x").Result()
	if err == nil {
		info.RadixTreeNodes = 0 // Redis counts those of its rax, we of an equal one: compared in conformance
	}
	r.note("stream %+v %v", info, err)
	full, err := c.XInfoStreamFull(ctx, "x", 2).Result()
	r.note("full %v", err)
	if err == nil {
		r.note("full %d %v %s", full.Length, full.Entries, full.Groups[0].Name)
	}
	r.say(c.XGroupSetID(ctx, "x", "g", "$"), c.XGroupDelConsumer(ctx, "x", "g", "third"), c.XGroupDestroy(ctx, "x", "g"), c.XGroupDestroy(ctx, "x", "g"), c.XInfoGroups(ctx, "none"))
}
