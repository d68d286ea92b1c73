package clients

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dial makes a client whose connections end with the test.
func dial(t *testing.T, p peer, set ...func(*redis.Options)) *redis.Client {
	o := &redis.Options{Addr: p.addr, MaxRetries: -1}
	for _, f := range set {
		f(o)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

func protocol(n int) func(*redis.Options) { return func(o *redis.Options) { o.Protocol = n } }

func TestGoRedisTypes(t *testing.T) {
	both := peers(t)
	for _, part := range []struct {
		name  string
		steps func(*report, *redis.Client)
	}{
		{"strings", goStrings}, {"lists", goLists}, {"hashes", goHashes}, {"sets", goSets}, {"sorted sets", goSortedSets}, {"geo", goGeo}, {"generic", goGeneric},
		{"streams", goStreams},
	} {
		for _, version := range []int{2, 3} {
			t.Run(fmt.Sprintf("%s, RESP%d", part.name, version), func(t *testing.T) {
				compare(t, both, func(t *testing.T, p peer) []string {
					var r report
					c := dial(t, p, protocol(version))
					r.say(c.FlushAll(ctx))
					part.steps(&r, c)
					return r
				})
			})
		}
	}
}

func TestGoRedisPipelinesAndTransactions(t *testing.T) {
	same(t, func(t *testing.T, p peer) []string {
		var r report
		c := dial(t, p)
		sayAll := func(cmds []redis.Cmder, err error) {
			for _, cmd := range cmds {
				r.say(cmd)
			}
			r.note("%v", err)
		}
		sayAll(c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i := range 300 {
				pipe.HSet(ctx, "h", i, i*i)
			}
			pipe.LPush(ctx, "h", "wrong")
			pipe.HGet(ctx, "h", "none")
			pipe.HLen(ctx, "h")
			return nil
		}))
		sayAll(c.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Incr(ctx, "n")
			pipe.RPush(ctx, "h", "wrong")
			pipe.Expire(ctx, "n", time.Hour)
			pipe.TTL(ctx, "n")
			pipe.BLPop(ctx, 0, "none")
			return nil
		}))
		sayAll(c.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Incr(ctx, "n")
			pipe.Do(ctx, "nosuchcommand", "x")
			return nil
		}))
		r.say(c.Get(ctx, "n"))

		// Optimistic locking, as everyone writes it: many who retry, and no increment is lost.
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				for done := 0; done < 5; {
					err := c.Watch(ctx, func(tx *redis.Tx) error {
						n, err := tx.Get(ctx, "counter").Int()
						if err != nil && !errors.Is(err, redis.Nil) {
							return err
						}
						_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
							pipe.Set(ctx, "counter", n+1, 0)
							return nil
						})
						return err
					}, "counter")
					if err == nil {
						done++
					} else if !errors.Is(err, redis.TxFailedErr) {
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		r.say(c.Get(ctx, "counter"))
		return r
	})
}

func TestGoRedisPubSub(t *testing.T) {
	for _, version := range []int{2, 3} {
		same(t, func(t *testing.T, p peer) []string {
			var r report
			c := dial(t, p, protocol(version))
			sub := c.Subscribe(ctx, "news", "weather")
			defer sub.Close()
			hear := func(n int) {
				for range n {
					m, err := sub.ReceiveTimeout(ctx, 5*time.Second)
					require.NoError(t, err)
					r.note("%v", m)
				}
			}
			hear(2)
			require.NoError(t, sub.PSubscribe(ctx, "n?ws", "t.*"))
			hear(2)
			r.say(c.Publish(ctx, "news", "hello"), c.Publish(ctx, "t.1", "pattern"), c.Publish(ctx, "nobody", "x"), c.PubSubNumSub(ctx, "news", "nobody"), c.PubSubNumPat(ctx))
			r.sorted(c.PubSubChannels(ctx, "*"))
			hear(3)
			require.NoError(t, sub.Ping(ctx, "still there"))
			hear(1)
			require.NoError(t, sub.Unsubscribe(ctx, "news"))
			require.NoError(t, sub.PUnsubscribe(ctx))
			hear(3)
			shard := c.SSubscribe(ctx, "orders")
			defer shard.Close()
			_, err := shard.Receive(ctx)
			require.NoError(t, err)
			r.say(c.SPublish(ctx, "orders", "7"), c.PubSubShardChannels(ctx, "*"), c.PubSubShardNumSub(ctx, "orders"))
			m, err := shard.ReceiveMessage(ctx)
			r.note("%v %v", m, err)

			r.say(c.ConfigSet(ctx, "notify-keyspace-events", "KEA"))
			events := c.PSubscribe(ctx, "__key*__:*")
			defer events.Close()
			_, err = events.Receive(ctx)
			require.NoError(t, err)
			r.say(c.Set(ctx, "k", 1, time.Hour), c.Del(ctx, "k"), c.RPush(ctx, "l", 1), c.LPop(ctx, "l"))
			for range 12 {
				m, err := events.ReceiveMessage(ctx)
				require.NoError(t, err)
				r.note("%v", m)
			}
			return r
		})
	}
}

func TestGoRedisBlocksAndTimesOut(t *testing.T) {
	same(t, func(t *testing.T, p peer) []string {
		var r report
		c := dial(t, p)
		// A worker in another goroutine gets what is pushed, in order.
		got := make(chan string, 10)
		go func() {
			for range 3 {
				got <- c.BLPop(ctx, 10*time.Second, "jobs", "urgent").String()
			}
			got <- c.BLMove(ctx, "jobs", "done", "LEFT", "RIGHT", 10*time.Second).String()
			got <- c.BZPopMin(ctx, 10*time.Second, "z").String()
			got <- c.XRead(ctx, &redis.XReadArgs{Streams: []string{"x", "$"}, Block: 10 * time.Second}).String()
			c.XGroupCreate(ctx, "x", "g", "$")
			got <- c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "me", Streams: []string{"x", ">"}, Block: 10 * time.Second}).String()
		}()
		blocked := func() {
			require.Eventually(t, func() bool { return strings.Contains(c.Info(ctx, "clients").Val(), "blocked_clients:1\r\n") }, 10*time.Second, time.Millisecond)
		}
		for _, step := range []func() fmt.Stringer{
			func() fmt.Stringer { return c.RPush(ctx, "jobs", "a") },
			func() fmt.Stringer { return c.RPush(ctx, "urgent", "b") },
			func() fmt.Stringer { return c.LPush(ctx, "jobs", "c") },
			func() fmt.Stringer { return c.LPush(ctx, "jobs", "d") },
			func() fmt.Stringer { return c.ZAdd(ctx, "z", redis.Z{Score: 1.5, Member: "m"}) },
			func() fmt.Stringer {
				return c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: "1-1", Values: []string{"f", "v"}})
			},
			func() fmt.Stringer {
				return c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: "2-1", Values: []string{"f", "w"}})
			},
		} {
			blocked()
			r.say(step())
			r.note("%s", <-got)
		}
		// The client gives up, its connection ends, and nobody takes the element from the list.
		impatient, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		defer cancel()
		hasty := dial(t, p, func(o *redis.Options) { o.ContextTimeoutEnabled = true })
		err := hasty.BLPop(impatient, 10*time.Second, "jobs").Err()
		r.note("%v", errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "i/o timeout"))
		require.Eventually(t, func() bool { return strings.Contains(c.Info(ctx, "clients").Val(), "blocked_clients:0\r\n") }, 10*time.Second, time.Millisecond)
		r.say(c.RPush(ctx, "jobs", "kept"), c.LLen(ctx, "jobs"))
		// Another ends the wait.
		conn := hasty.Conn()
		defer conn.Close()
		id := conn.ClientID(ctx).Val()
		go func() { got <- conn.BLPop(ctx, 10*time.Second, "none").String() }()
		blocked()
		r.note("%v", c.ClientUnblockWithError(ctx, id).Val())
		r.note("%s", <-got)
		return r
	})
}

func TestGoRedisUsersAndConnections(t *testing.T) {
	same(t, func(t *testing.T, p peer) []string {
		var r report
		admin := dial(t, p, func(o *redis.Options) { o.ClientName = "admin" })
		r.say(admin.ClientGetName(ctx), admin.ACLSetUser(ctx, "ada", "on", ">secret", "~app:*", "&app:*", "+@all", "-@dangerous"), admin.ACLSetUser(ctx, "bad", "+nosuch"))
		r.sorted(admin.ACLUsers(ctx), admin.ACLList(ctx), admin.ACLCatArgs(ctx, &redis.ACLCatArgs{Category: "hyperloglog"}))
		for _, version := range []int{2, 3} {
			as := func(user, password string) *redis.Client {
				return dial(t, p, protocol(version), func(o *redis.Options) { o.Username, o.Password, o.DB = user, password, 2 })
			}
			ada := as("ada", "secret")
			r.say(ada.Set(ctx, "app:k", "v", 0), ada.Get(ctx, "app:k"), ada.Get(ctx, "other"), ada.FlushAll(ctx), ada.ACLWhoAmI(ctx), ada.Publish(ctx, "other", "x"))
			for _, c := range []*redis.Client{as("ada", "wrong"), as("nobody", "x"), as("", "secret")} {
				r.note("%v", c.Ping(ctx).Err())
			}
		}
		r.say(admin.ACLDryRun(ctx, "ada", "get", "app:x"), admin.ACLDryRun(ctx, "ada", "get", "x"), admin.ConfigSet(ctx, "requirepass", "pw"))
		r.note("%v", dial(t, p).Ping(ctx).Err())
		r.say(dial(t, p, func(o *redis.Options) { o.Password = "pw" }).Ping(ctx), admin.ConfigSet(ctx, "requirepass", ""), admin.ACLDelUser(ctx, "ada"))
		log := admin.ACLLog(ctx, 100).Val()
		for _, e := range log {
			r.note("%s %s %s %s", e.Reason, e.Context, e.Object, e.Username)
		}

		r.say(admin.Echo(ctx, "hi"), admin.Ping(ctx), admin.ConfigGet(ctx, "appendfsync"), admin.ConfigGet(ctx, "no*such"), admin.ConfigSet(ctx, "no-such", "1"),
			admin.Wait(ctx, 0, 10*time.Millisecond), admin.Do(ctx, "nosuchcommand", "a"), admin.Do(ctx, "get"), admin.CommandGetKeys(ctx, "mset", "a", 1, "b", 2),
			admin.CommandGetKeysAndFlags(ctx, "lmove", "a", "b", "left", "right"), admin.SlowLogReset(ctx), admin.Do(ctx, "reset"))
		r.sorted(admin.CommandList(ctx, &redis.FilterBy{Pattern: "xr*"}), admin.CommandList(ctx, &redis.FilterBy{ACLCat: "geo"}))
		for _, name := range []string{"set", "xreadgroup", "zunionstore"} {
			i := admin.Command(ctx).Val()[name]
			require.NotNil(t, i, name)
			i.CommandPolicy = nil // go-redis makes it of the tips
			r.note("%+v", *i)
		}
		set := func(words ...any) { r.say(admin.Do(ctx, append([]any{"client"}, words...)...)) }
		set("setname", "with space")
		set("no-evict", "on")
		set("kill", "id", "999999")
		set("nosuch")
		info := admin.ClientInfo(ctx)
		require.NoError(t, info.Err())
		r.note("%s %d %v", info.Val().Name, info.Val().DB, info.Val().Flags)
		return r
	}, acl72...)
}

// go-redis tells its name and version to each server it connects to, and goes on where that is not known: 7.0 does not know it.
func TestGoRedisTellsItsLibrary(t *testing.T) {
	c := dial(t, peer{"tabdis", serve(t)}, func(o *redis.Options) { o.ClientName = "app" })
	info, err := c.ClientInfo(ctx).Result()
	require.NoError(t, err)
	assert.Contains(t, info.LibName, "go-redis")
	assert.NotEmpty(t, info.LibVer)
	assert.Equal(t, "app", info.Name)
	assert.Contains(t, c.ClientList(ctx).Val(), "lib-name="+info.LibName)
	assert.Equal(t, "OK", c.Do(ctx, "client", "setinfo", "lib-name", "mine").Val())
	assert.EqualError(t, c.Do(ctx, "client", "setinfo", "lib-name", "with space").Err(), "ERR lib-name cannot contain spaces, newlines or special characters.")
	// ZRANK WITHSCORE is 7.2's too.
	require.NoError(t, c.ZAdd(ctx, "z", redis.Z{Score: 1.5, Member: "a"}, redis.Z{Score: 2, Member: "b"}).Err())
	assert.Equal(t, redis.RankScore{Rank: 1, Score: 2}, c.ZRankWithScore(ctx, "z", "b").Val())
	local, err := c.WaitAOF(ctx, 1, 0, 10*time.Second).Result()
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 0}, local)
}

// Fifty goroutines share a pool of few connections, some of which break under way.
func TestGoRedisPools(t *testing.T) {
	same(t, func(t *testing.T, p peer) []string {
		var r report
		c := dial(t, p, func(o *redis.Options) { o.PoolSize, o.MaxRetries = 10, 5 })
		var group sync.WaitGroup
		for g := range 50 {
			group.Go(func() {
				for i := range 40 {
					key := fmt.Sprintf("g:%d", g)
					if err := c.RPush(ctx, key, i).Err(); err != nil {
						t.Errorf("%s: %v", key, err)
					}
					if n, err := c.LIndex(ctx, key, -1).Int(); err != nil || n != i {
						t.Errorf("%s: %d instead of %d: %v", key, n, i, err)
					}
				}
			})
		}
		group.Wait()
		n := 0
		for g := range 50 {
			n += int(c.LLen(ctx, fmt.Sprintf("g:%d", g)).Val())
		}
		r.note("%d elements", n)
		killed := c.ClientKillByFilter(ctx, "TYPE", "normal", "SKIPME", "yes").Val()
		r.note("%v", killed > 0 && killed < 10)
		for range 20 {
			r.say(c.LLen(ctx, "g:1")) // on another connection, or a new one
		}
		return r
	})
}
