"""Runs redis-py against the server on 127.0.0.1 whose port is the first argument; a line for each step says what redis-py made of it."""

import sys
import threading
import time

import redis

PORT = int(sys.argv[1])


def plain(value):
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in sorted(value.items(), key=repr)}
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    if isinstance(value, Exception):
        return f"{type(value).__name__}: {value}"
    return value


def say(name, call, *args, **options):
    try:
        result = plain(call(*args, **options))
    except redis.RedisError as err:
        result = plain(err)
    print(f"{name}: {result!r}")


def eventually(ask):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if ask():
            return
        time.sleep(0.002)
    raise TimeoutError(f"it did not come to be: {ask}")


def blocked(db, n):
    return db.info("clients")["blocked_clients"] == n


def types(db):
    """Typed methods for every type: (method, arguments…), the last one a dict where it takes options."""
    steps = [
        ("set", "s", "value", {"ex": 100}), ("get", "s"), ("get", "none"), ("set", "s", "x", {"nx": True}), ("set", "s", "y", {"xx": True, "get": True}),
        ("getex", "s", {"persist": True}), ("getdel", "s"), ("set", "bin", b"\x00\xff\r\n"), ("get", "bin"), ("mset", {"a": 1, "b": 2}, {}), ("mget", ["a", "none", "b"]), ("msetnx", {"a": 1, "n": 1}, {}),
        ("incrbyfloat", "a", 0.5), ("incrby", "b", 40), ("decr", "b"), ("incr", "bin"), ("append", "s", "!"), ("strlen", "s"), ("getrange", "s", 0, -1), ("setrange", "s", 5, "x"),
        ("lcs", "a", "b"), ("setbit", "bits", 9, 1), ("getbit", "bits", 9), ("bitcount", "bits"), ("bitpos", "bits", 1), ("bitop", "NOT", "not", "bits"), ("pfadd", "hll", "a", "b"), ("pfcount", "hll"),
        ("pfmerge", "hll2", "hll"),
        ("rpush", "l", "a", "b", "c"), ("lrange", "l", 0, -1), ("lpos", "l", "b"), ("linsert", "l", "before", "b", "ab"), ("lmpop", 1, "l", {"direction": "LEFT", "count": 2}), ("blpop", "l", 1),
        ("blpop", "none", 0.01), ("lpop", "none"), ("lpush", "s", "x"), ("lmove", "l", "m"), ("lset", "none", 0, "x"), ("rpoplpush", "m", "m"), ("llen", "m"),
        ("hset", "h", {"mapping": {"f": "v", "n": 1}}), ("hgetall", "h"), ("hgetall", "none"), ("hmget", "h", ["f", "none"]), ("hincrby", "h", "n", 2), ("hincrbyfloat", "h", "n", 1.25), ("hscan", "h"), ("hstrlen", "h", "f"),
        ("hdel", "h", "f"), ("hexists", "h", "f"), ("hrandfield", "none", 2),
        ("sadd", "s1", 1, 2, 3), ("sadd", "s2", 3, 4), ("smembers", "s1"), ("smismember", "s1", [1, 9]), ("sdiff", "s1", "s2"), ("sinter", "s1", "s2"), ("sunion", "s1", "s2"), ("sintercard", 2, ["s1", "s2"]), ("spop", "none"),
        ("srandmember", "none", 3), ("smove", "s1", "s2", 1), ("sscan", "s1"),
        ("zadd", "z", {"a": 1, "b": 2.5, "top": float("inf")}, {}), ("zrange", "z", 0, -1, {"withscores": True}), ("zrange", "z", "(1", "+inf", {"byscore": True, "offset": 0, "num": 1}), ("zscore", "z", "b"),
        ("zmscore", "z", ["a", "none"]), ("zincrby", "z", 0.25, "a"), ("zpopmin", "z"), ("bzpopmax", "z", 1), ("zunion", ["z"], {"withscores": True}), ("zrank", "z", "none"), ("zadd", "z", {"c": 3}, {"gt": True, "ch": True}),
        ("zmpop", 1, ["z"], {"min": True}), ("zrangebylex", "z", "-", "+"), ("zcount", "z", "-inf", 10), ("zrandmember", "none"), ("zscan", "z"),
        ("geoadd", "g", [13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"]), ("geodist", "g", "Palermo", "Catania", {"unit": "km"}), ("geopos", "g", "none"), ("geohash", "g", "Palermo"),
        ("geosearch", "g", {"longitude": 15, "latitude": 37, "radius": 200, "unit": "km", "sort": "ASC", "withdist": True, "withhash": True}),
        ("expire", "z", 100), ("expireat", "z", 4102444800), ("expiretime", "z"), ("pexpire", "z", 5000, {"gt": True}), ("persist", "z"), ("ttl", "z"), ("ttl", "none"), ("type", "h"), ("object", "encoding", "h"),
        ("copy", "h", "t"), ("rename", "none", "x"), ("move", "t", 1), ("exists", "s", "t"), ("delete", "s", "none"), ("unlink", "a"), ("touch", "b"), ("sort", "s2", {"desc": True}), ("sort", "s1", {"store": "sorted"}), ("dump", "none"),
        ("restore", "r", 0, b"nonsense"), ("randomkey",), ("dbsize",),
    ]
    for name, *args in steps:
        options = args.pop() if args and isinstance(args[-1], dict) else {}
        if name == "randomkey":
            say(name, lambda: db.exists(db.randomkey()))
            continue
        say(f"{name} {args} {options}", getattr(db, name), *args, **options)


def streams(db):
    for i in range(1, 6):
        say("xadd", db.xadd, "x", {"n": i, "sq": i * i}, id=f"{i}-1")
    say("xadd again", db.xadd, "x", {"n": 1}, id="1-1")
    say("xrange", db.xrange, "x", min="2", count=2)
    say("xrevrange", db.xrevrange, "x", count=1)
    say("xread", db.xread, {"x": "3", "y": 0}, count=5)
    say("xread, nothing", db.xread, {"x": "$"}, block=10)
    say("xtrim", db.xtrim, "x", maxlen=4, approximate=False)
    say("xgroup", db.xgroup_create, "x", "g", id=0)
    say("xgroup again", db.xgroup_create, "x", "g", id=0)
    while True:
        got = db.xreadgroup("g", "me", {"x": ">"}, count=2)
        say("xreadgroup", lambda: got)
        if not got:
            break
        for entry, _ in got[0][1][1:]:
            say("xack", db.xack, "x", "g", entry)
    say("xpending", db.xpending, "x", "g")
    say("xpending_range", lambda: [(p["message_id"], p["consumer"], p["times_delivered"]) for p in db.xpending_range("x", "g", "-", "+", 10)])
    say("xclaim", db.xclaim, "x", "g", "other", 0, ["2-1"])
    say("xautoclaim", db.xautoclaim, "x", "g", "third", 0)
    say("xinfo_groups", db.xinfo_groups, "x")
    say("xinfo_stream", lambda: db.xinfo_stream("x")["last-entry"])
    say("xinfo_consumers", lambda: [(c["name"], c["pending"]) for c in db.xinfo_consumers("x", "g")])
    say("xgroup_destroy", db.xgroup_destroy, "x", "g")


def pipelines(db):
    pipe = db.pipeline(transaction=False)
    for i in range(500):
        pipe.hset("big", i, i)
    pipe.lpush("big", "wrong").hlen("big")
    say("pipeline", lambda: pipe.execute(raise_on_error=False)[-3:])
    say("transaction", db.pipeline().incr("n").lpush("n", "x").get("n").execute, raise_on_error=False)
    say("it raises", db.pipeline().incr("n").lpush("n", "x").execute)
    say("refused", db.pipeline().incr("n").execute_command("get").execute)

    def add(pipe):
        n = int(pipe.get("counter") or 0)
        pipe.multi()
        pipe.set("counter", n + 1)

    threads = [threading.Thread(target=lambda: [db.transaction(add, "counter") for _ in range(10)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say("counter", db.get, "counter")
    with db.pipeline() as pipe:
        pipe.watch("counter")
        db.incr("counter")
        pipe.multi()
        pipe.get("counter")
        say("watched", pipe.execute)
    db.mset({f"scan:{i}": i for i in range(500)})
    say("scan_iter", lambda: len(set(db.scan_iter("scan:*", count=40))))
    say("hscan_iter", lambda: len(dict(db.hscan_iter("big"))))
    say("sscan_iter", lambda: set(db.sscan_iter("s2")))
    say("zscan_iter", lambda: list(db.zscan_iter("none")))


def messages(db):
    sub = db.pubsub()
    sub.subscribe("news", "weather")
    sub.psubscribe("n*")
    hear = lambda n: [say("heard", sub.get_message, timeout=5) for _ in range(n)]
    hear(3)
    say("publish", db.publish, "news", "hello")
    say("publish", db.publish, "nobody", "x")
    hear(2)
    say("numsub", db.pubsub_numsub, "news", "nobody")
    say("numpat", db.pubsub_numpat)
    sub.ping()
    hear(1)
    sub.unsubscribe("weather")  # of all at once, Redis takes leave in an order of its own
    sub.unsubscribe("news")
    sub.punsubscribe()
    hear(3)
    sub.close()

    got = []
    waiter = threading.Thread(target=lambda: got.append(db.brpop("queue", timeout=10)))
    waiter.start()
    eventually(lambda: blocked(db, 1))
    say("rpush", db.rpush, "queue", "job")
    waiter.join()
    say("brpop", lambda: got)
    hasty = redis.Redis(port=PORT, socket_timeout=0.05)
    say("too slow", hasty.blpop, "none", timeout=10)
    hasty.close()
    eventually(lambda: blocked(db, 0))
    with db.monitor() as monitor:
        say("set", db.set, "monitored", 'a "quoted" word\n')
        say("monitor", lambda: next(m for m in (monitor.next_command()["command"] for _ in range(5)) if "monitored" in m))


def server(db):
    for section in ("server", "clients", "memory", "persistence", "stats", "replication", "cpu", "keyspace"):
        say(f"info {section}", lambda: db.info(section) is not None)
    say("config", db.config_get, "appendfsync")
    say("config", db.config_get, "save", "maxmemory")
    say("config_set", db.config_set, "nope", 1)
    say("config_set", db.config_set, "maxmemory", "100mb")
    say("client", lambda: [c["name"] for c in db.client_list(client_id=[str(db.client_id())])])
    say("client", db.client_setname, "python")
    say("client", db.client_getname)
    say("client", lambda: db.client_info()["db"])
    say("client", db.client_kill_filter, _id="9999")
    say("command", lambda: db.command_count() > 200)
    say("command", lambda: db.command()["xadd"])
    say("command", db.command_getkeys, "mset", "a", 1, "b", 2)
    say("acl", db.acl_setuser, "eve", enabled=True, passwords=["+pw"], keys=["eve:*"], commands=["+get"], reset=True)
    say("acl", lambda: db.acl_getuser("eve")["commands"])
    say("acl", db.acl_whoami)
    say("slowlog", db.slowlog_reset)
    say("slowlog", db.slowlog_len)
    say("memory", lambda: "keys.count" in db.memory_stats())
    say("memory", db.memory_usage, "none")
    say("lastsave", lambda: type(db.lastsave()).__name__)
    say("time", lambda: type(db.time()).__name__)
    say("wait", db.wait, 0, 10)
    say("role", lambda: db.execute_command("role")[0])
    say("swapdb", db.swapdb, 0, 1)
    say("dbsize", db.dbsize)
    eve = redis.Redis(port=PORT, username="eve", password="pw")
    say("eve", eve.get, "eve:k")
    say("eve", eve.set, "eve:k", "v")
    say("wrong password", redis.Redis(port=PORT, username="eve", password="no").ping)
    text = redis.Redis(port=PORT, decode_responses=True)
    say("text", text.set, "ö", "ß")
    say("text", text.get, "ö")
    say("flushall", text.flushall)


def main():
    db = redis.Redis(port=PORT)
    for part in (types, streams, pipelines, messages, server):
        print(f"-- {part.__name__}")
        part(db)


main()
