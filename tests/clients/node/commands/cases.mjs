// Calls that are made alike through node-redis and through the package, in this order on one empty server: method and arguments.
// Marks before the method: "~" the reply is sorted first, it comes in the server's own order; "?" only its form is compared, it depends on
// chance, clock or machine; "7.2" redis-server 7.0 answers otherwise than 7.2, which tabdis follows, so both are compared on tabdis;
// "alone" not to be run in a transaction; "text" only there and not with bytes: node-redis fails or forgets there.
const far = 4102444800; // 2100-01-01
const until = new Date(far * 1000);
const palermo = { longitude: 13.361389, latitude: 38.115556, member: "Palermo" };
const catania = { longitude: 15.087269, latitude: 37.502669, member: "Catania" };
const here = { longitude: 15, latitude: 37 };
const all = ["WITHDIST", "WITHHASH", "WITHCOORD"];
const secret = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

export const strings = [
  ["set", "s", "value"], ["set", "s", "x", { NX: true }], ["set", "s", "y", { condition: "XX", GET: true }], ["set", "n", 10, { EX: 1000 }], ["set", "n2", "5", { expiration: { type: "PX", value: 100_000 } }],
  ["set", "at", "v", { expiration: { type: "EXAT", value: far } }], ["set", "at", "w", { expiration: "KEEPTTL" }], ["expireTime", "at"], ["set", "at", "w", { KEEPTTL: true }], ["set", "at", "u", { EXAT: far }], ["set", "at", "u", { PXAT: far * 1000 }],
  ["set", "at", "u", { expiration: { type: "KEEPTTL" } }], ["set", "none", "v", { XX: true }], ["set", "s", "z", { condition: "NX", GET: true }], ["set", "ü", "ä\0\r\n€"], ["get", "ü"], ["get", "s"], ["get", "none"], ["getSet", "s", "value"],
  ["getDel", "at"], ["getDel", "none"], ["getEx", "s", { type: "EXAT", value: until }], ["getEx", "s", { PXAT: until }], ["getEx", "s", { EX: 100 }], ["getEx", "s", { type: "PX", value: 100_000 }], ["getEx", "s", { EXAT: far }], ["getEx", "s", { type: "PERSIST" }],
  ["getRange", "s", 0, 2], ["setRange", "s", 2, "LU"], ["append", "s", "!"], ["strLen", "s"], ["incr", "n"], ["incrBy", "n", 5], ["decr", "n"], ["decrBy", "n", 4], ["incrByFloat", "n", 0.5], ["incr", "s"], ["incrBy", "none2", -3],
  ["mSet", { a: "ohmytext", b: "mynewtext" }], ["mSet", ["c", "1", "d", "2"]], ["mSet", [["e", "3"], ["f", "4"]]], ["mSetNX", { a: "x", g: "y" }], ["mSetNX", ["g", "y"]], ["mGet", ["a", "none", "g"]],
  ["setEx", "x", 100, "v"], ["pSetEx", "x", 100_000, "v"], ["setNX", "x", "v"], ["setNX", "x2", "v"], ["lcs", "a", "b"], ["lcsLen", "a", "b"], ["lcsIdx", "a", "b"], ["lcsIdx", "a", "b", { MINMATCHLEN: 4 }],
  ["lcsIdxWithMatchLen", "a", "b"], ["setBit", "bits", 9, 1], ["getBit", "bits", 9], ["bitCount", "bits"], ["bitCount", "bits", { start: 0, end: -1 }], ["bitCount", "bits", { start: 0, end: 5, mode: "BIT" }], ["bitPos", "bits", 1], ["bitPos", "bits", 0, 0],
  ["bitPos", "bits", 1, 0, -1, "BIT"], ["bitOp", "OR", "bits2", ["bits", "a"]], ["bitOp", "NOT", "bits3", "bits"],
  ["bitField", "bits", [{ operation: "GET", encoding: "u4", offset: 6 }, { operation: "OVERFLOW", behavior: "FAIL" }, { operation: "SET", encoding: "i5", offset: "#1", value: 3 }, { operation: "INCRBY", encoding: "u2", offset: 0, increment: 7 }]],
  ["bitFieldRo", "bits", [{ encoding: "u8", offset: 0 }, { encoding: "i4", offset: 4 }]], ["pfAdd", "hll", ["a", "b"]], ["pfAdd", "hll", "a"], ["pfAdd", "hll2"], ["pfCount", "hll"], ["pfCount", ["hll", "hll2"]], ["pfMerge", "hll3", ["hll", "hll2"]], ["pfMerge", "hll4"],
];

export const keys = [
  ["exists", ["s", "a", "none"]], ["exists", "s"], ["type", "s"], ["expire", "s", 100, "GT"], ["expire", "s", 100], ["expireAt", "s", far], ["expireAt", "s", until, "XX"], ["expireTime", "s"], ["pExpire", "s", 100_000], ["pExpireAt", "s", until], ["pExpireAt", "s", far * 1000, "NX"],
  ["pExpireTime", "s"], ["persist", "s"], ["persist", "s"], ["ttl", "s"], ["ttl", "none"], ["pTTL", "s"], ["copy", "a", "copied"], ["copy", "a", "copied", { REPLACE: true }], ["copy", "a", "copied", { DB: 1 }], ["move", "b", 1], ["rename", "c", "c2"],
  ["rename", "none", "x"], ["renameNX", "c2", "d"], ["touch", ["a", "d"]], ["touch", "a"], ["del", "d"], ["del", ["e", "none"]], ["unlink", ["f", "g"]], ["unlink", "x"], ["~", "keys", "b*"], ["?", "randomKey"], ["dump", "none"], ["dump", "n2"],
  ["restore", "n3", 0, "junk"], ["restore", "n2", 0, "junk", { REPLACE: true, ABSTTL: true, IDLETIME: 3 }], ["objectEncoding", "a"], ["objectEncoding", "none"], ["objectIdleTime", "none"], ["objectRefCount", "a"], ["objectFreq", "a"], ["objectFreq", "none"],
  ["rPush", "tosort", ["3", "1", "2"]], ["sort", "tosort"], ["sort", "tosort", { DIRECTION: "DESC", LIMIT: { offset: 0, count: 2 }, ALPHA: true }], ["sort", "tosort", { BY: "nosort", GET: ["#", "w_*"] }], ["sort", "tosort", { GET: "#" }], ["sortRo", "tosort", { DIRECTION: "DESC" }],
  ["sortStore", "tosort", "sorted"], ["sortStore", "tosort", "sorted", { ALPHA: true }], ["?", "scan", "0"], ["?", "scan", "0", { MATCH: "sort*", COUNT: 1000, TYPE: "list" }], ["wait", 0, 10], ["wait", 1, 5], ["memoryUsage", "none"], ["?", "memoryUsage", "a", { SAMPLES: 2 }],
  ["dbSize"], ["swapDb", 2, 3], ["alone", "sendCommand", ["SELECT", "1"]], ["alone", "get", "copied"], ["alone", "sendCommand", ["SELECT", "0"]], ["alone", "select", 99],
];

export const lists = [
  ["rPush", "l", ["a", "b", "c", "b"]], ["rPush", "l", "d"], ["lPush", "l", ["y", "z"]], ["lPushX", "l", "w"], ["rPushX", "none", ["w"]], ["lRange", "l", 0, -1], ["lIndex", "l", 1], ["lIndex", "l", 99], ["lInsert", "l", "BEFORE", "a", "new"], ["lLen", "l"], ["lSet", "l", 0, "set"],
  ["lSet", "l", 99, "set"], ["lRem", "l", 1, "b"], ["lTrim", "l", 0, 5], ["lPos", "l", "b"], ["lPos", "l", "none"], ["lPos", "l", "b", { RANK: -1, MAXLEN: 10 }], ["lPosCount", "l", "b", 0], ["lPosCount", "l", "b", 2, { RANK: 1, MAXLEN: 100 }], ["lMove", "l", "l2", "LEFT", "RIGHT"],
  ["lMove", "none", "l2", "LEFT", "RIGHT"], ["rPopLPush", "l", "l2"], ["lmPop", "l", "LEFT"], ["lmPop", ["none", "l"], "RIGHT", { COUNT: 2 }], ["lmPop", "none", "LEFT"], ["lPop", "l"], ["lPop", "none"], ["lPopCount", "l2", 1], ["lPopCount", "none", 1], ["rPop", "l2"], ["rPop", "none"],
  ["rPopCount", "none", 2], ["rPush", "l", ["1", "2", "3", "4", "5", "6", "7", "8"]], ["rPopCount", "l", 2], ["blPop", "l", 1], ["blPop", ["none", "l"], 0], ["blPop", "none", 0.01], ["brPop", "l", 1], ["brPop", "none", 0.01], ["blMove", "l", "l3", "LEFT", "LEFT", 1],
  ["blMove", "none", "l3", "LEFT", "LEFT", 0.01], ["blmPop", 1, "l", "LEFT"], ["blmPop", 1, ["l", "l3"], "RIGHT", { COUNT: 2 }], ["blmPop", 0.01, "none", "LEFT"], ["brPopLPush", "l3", "l4", 1], ["brPopLPush", "none", "l4", 0.01], ["lPush", "s", "x"],
];

export const sets = [
  ["sAdd", "ints", ["3", "1", "2"]], ["sAdd", "more", "3"], ["~", "sMembers", "ints"], ["sCard", "ints"], ["sIsMember", "ints", "1"], ["smIsMember", "ints", ["1", "9"]], ["smIsMember", "ints", "1"], ["sInter", ["ints", "more"]], ["~", "sUnion", ["ints", "more"]], ["~", "sDiff", ["ints", "more"]],
  ["sInter", "more"], ["sInterCard", ["ints", "more"]], ["sInterCard", "ints", 2], ["sInterCard", "ints", { LIMIT: 1 }], ["sInterStore", "out", ["ints", "more"]], ["sUnionStore", "out", ["ints", "more"]], ["sDiffStore", "out", ["ints", "more"]], ["sMove", "ints", "more", "1"],
  ["sRem", "ints", ["2", "9"]], ["sPop", "ints"], ["sPop", "none"], ["~", "sPopCount", "more", 5], ["sPopCount", "none", 2], ["sAdd", "one", "m"], ["sRandMember", "one"], ["sRandMember", "none"], ["sRandMemberCount", "one", -3], ["sRandMemberCount", "none", 3], ["sScan", "one", "0"],
  ["sScan", "one", "0", { MATCH: "x*", COUNT: 10 }],
];

export const hashes = [
  ["hSet", "h", "f", "v"], ["hSet", "h", "num", 1], ["hSet", "h", { g: "w", n: 1 }], ["hSet", "h", new Map([["k", "v"], ["n2", 2]])], ["hSet", "h", ["t", "1", "u", "2"]], ["hSet", "h", [["p", "1"], ["q", "2"]]], ["hGet", "h", "f"], ["hGet", "h", "none"], ["hGetAll", "h"], ["hGetAll", "none"],
  ["hmGet", "h", ["f", "none"]], ["hmGet", "h", "f"], ["hIncrBy", "h", "n", 4], ["hIncrByFloat", "h", "n", 1.25], ["hKeys", "h"], ["hVals", "h"], ["hLen", "h"], ["hStrLen", "h", "f"], ["hExists", "h", "f"], ["hSetNX", "h", "f", "x"], ["hSetNX", "h", "new", "x"], ["hDel", "h", ["t", "u", "none"]],
  ["hDel", "h", "p"], ["hScan", "h", "0"], ["hScan", "h", "0", { MATCH: "n*", COUNT: 100 }], ["hSet", "h1", "only", "v"], ["hRandField", "h1"], ["hRandField", "none"], ["hRandFieldCount", "h1", 3], ["hRandFieldCount", "none", 3], ["hRandFieldCountWithValues", "h1", -2],
  ["hRandFieldCountWithValues", "none", 2], ["hIncrBy", "h", "f", 1],
];

export const sortedSets = [
  ["zAdd", "z", { score: 1, value: "a" }], ["zAdd", "z", [{ score: 2.5, value: "b" }, { score: Infinity, value: "top" }, { score: -Infinity, value: "low" }]], ["zAdd", "z", { score: 3, value: "a" }, { condition: "XX", comparison: "GT", CH: true }], ["zAdd", "z", { score: 9, value: "a" }, { NX: true }],
  ["zAdd", "z", { score: 0, value: "a" }, { GT: true }], ["zAdd", "z", { score: 2, value: "a" }, { XX: true, LT: true, CH: true }], ["zAddIncr", "z", { score: 1.5, value: "a" }], ["zAddIncr", "z", { score: 1, value: "a" }, { condition: "NX" }], ["zCard", "z"], ["zCount", "z", 1, 3], ["zCount", "z", "(1", "+inf"],
  ["zCount", "z", -Infinity, Infinity], ["zScore", "z", "b"], ["zScore", "z", "none"], ["zmScore", "z", ["a", "none"]], ["zmScore", "z", "a"], ["zIncrBy", "z", 0.25, "a"], ["zRank", "z", "b"], ["zRank", "z", "none"], ["zRevRank", "z", "b"], ["7.2", "zRankWithScore", "z", "b"],
  ["7.2", "zRankWithScore", "z", "none"], ["7.2", "zRevRankWithScore", "z", "b"], ["zRange", "z", 0, -1], ["zRange", "z", "(1", "+inf", { BY: "SCORE", LIMIT: { offset: 0, count: 1 } }], ["zRange", "z", Infinity, 1, { BY: "SCORE", REV: true }], ["zRange", "z", "-", "+", { BY: "LEX" }],
  ["zRangeWithScores", "z", 0, -1], ["zRangeWithScores", "z", 0, -1, { REV: true }], ["zRangeByScore", "z", 1, 5], ["zRangeByScore", "z", "-inf", "(5", { LIMIT: { offset: 1, count: 2 } }], ["zRangeByScoreWithScores", "z", 1, Infinity], ["zRangeByLex", "z", "-", "[c"],
  ["zRangeByLex", "z", "-", "+", { LIMIT: { offset: 0, count: 1 } }], ["zRangeStore", "zs", "z", 0, 1], ["zRangeStore", "zs", "z", 5, 0, { BY: "SCORE", REV: true, LIMIT: { offset: 0, count: 1 } }], ["zLexCount", "z", "-", "+"], ["zAdd", "z2", [{ score: 1, value: "a" }, { score: 7, value: "c" }]],
  ["zDiff", ["z", "z2"]], ["zDiff", "z2"], ["zDiffWithScores", ["z", "z2"]], ["zDiffStore", "zs", ["z", "z2"]], ["zInter", ["z", "z2"]], ["zInter", [{ key: "z", weight: 2 }, { key: "z2", weight: 0.5 }], { AGGREGATE: "MAX" }], ["zInterWithScores", ["z", "z2"], { AGGREGATE: "MIN" }], ["zInterCard", ["z", "z2"]],
  ["zInterCard", "z", 1], ["zInterCard", "z", { LIMIT: 2 }], ["zInterStore", "zs", ["z", "z2"], { AGGREGATE: "SUM" }], ["zUnion", ["z", "z2"]], ["zUnionWithScores", { key: "z2", weight: 3 }], ["zUnionWithScores", "z2"], ["zUnionStore", "zs", [{ key: "z", weight: 2 }, { key: "z2", weight: 1 }], { AGGREGATE: "MIN" }],
  ["zScan", "z2", "0"], ["zScan", "z", "0", { MATCH: "l*", COUNT: 5 }], ["zPopMin", "z"], ["zPopMin", "none"], ["zPopMax", "z"], ["zPopMax", "none"], ["zPopMinCount", "z", 1], ["zPopMaxCount", "z", 5], ["zPopMaxCount", "none", 1], ["zPopMinCount", "none", 1], ["zmPop", "z2", "MIN"],
  ["zmPop", ["none", "z2"], "MAX", { COUNT: 5 }], ["zmPop", "none", "MIN"], ["bzPopMin", "zs", 1], ["bzPopMax", ["none", "zs"], 1], ["bzPopMin", "none", 0.01], ["bzPopMax", "none", 0.01], ["bzmPop", 1, "zs", "MIN"], ["bzmPop", 0.01, ["none"], "MAX", { COUNT: 2 }], ["zAdd", "z1", { score: 1, value: "m" }],
  ["zRandMember", "z1"], ["zRandMember", "none"], ["zRandMemberCount", "z1", -2], ["zRandMemberCountWithScores", "z1", 3], ["zRandMemberCountWithScores", "none", 3], ["zRem", "z1", ["m", "x"]], ["zAdd", "z1", [{ score: 1, value: "a" }, { score: 2, value: "b" }, { score: 3, value: "c" }]],
  ["zRemRangeByLex", "z1", "[a", "[a"], ["zRemRangeByScore", "z1", 2, 2], ["zRemRangeByScore", "z1", "-inf", "(2"], ["zRemRangeByRank", "z1", 0, 0], ["zAdd", "z1", { score: NaN, value: "x" }],
];

export const places = [
  ["geoAdd", "g", [palermo, catania]], ["geoAdd", "g", palermo, { condition: "NX", CH: true }], ["geoAdd", "g", palermo, { XX: true }], ["geoAdd", "g", { ...palermo, longitude: 13.4 }, { CH: true }], ["geoAdd", "g", palermo], ["geoDist", "g", "Palermo", "Catania"], ["geoDist", "g", "Palermo", "Catania", "km"],
  ["geoDist", "g", "Palermo", "none"], ["geoHash", "g", ["Palermo", "none"]], ["geoHash", "g", "Palermo"], ["geoPos", "g", ["Palermo", "none"]], ["geoPos", "g", "Catania"], ["geoSearch", "g", "Palermo", { radius: 200, unit: "km" }, { SORT: "ASC", COUNT: 5 }],
  ["geoSearch", "g", here, { width: 400, height: 400, unit: "km" }, { SORT: "DESC", COUNT: { value: 1, ANY: true } }], ["geoSearchWith", "g", here, { radius: 200, unit: "km" }, all, { SORT: "ASC" }], ["geoSearchWith", "g", here, { radius: 200, unit: "km" }, ["WITHDIST"], { SORT: "ASC" }],
  ["geoSearchWith", "g", "Palermo", { radius: 1, unit: "m" }, ["WITHCOORD"]], ["geoSearchStore", "gs", "g", here, { radius: 200, unit: "km" }], ["geoSearchStore", "gs", "g", here, { radius: 200, unit: "km" }, { STOREDIST: true, SORT: "ASC" }],
  ["geoRadius", "g", here, 200, "km", { SORT: "ASC" }], ["geoRadiusRo", "g", here, 200, "km", { SORT: "ASC", COUNT: 1 }], ["geoRadiusWith", "g", here, 200, "km", all, { SORT: "ASC" }], ["geoRadiusRoWith", "g", here, 200, "km", ["WITHHASH"], { SORT: "DESC" }], ["geoRadiusStore", "g", here, 200, "km", "gs"],
  ["geoRadiusStore", "g", here, 200, "km", "gs", { STOREDIST: true, COUNT: 1 }], ["geoRadiusByMember", "g", "Palermo", 200, "km", { SORT: "ASC" }], ["geoRadiusByMemberRo", "g", "Palermo", 200, "km", { SORT: "DESC" }], ["geoRadiusByMemberWith", "g", "Palermo", 200, "km", all, { SORT: "ASC" }],
  ["geoRadiusByMemberRoWith", "g", "Palermo", 200, "km", ["WITHCOORD"], { SORT: "ASC" }], ["geoRadiusByMemberStore", "g", "Palermo", 200, "km", "gs"], ["geoRadiusByMemberStore", "g", "Palermo", 200, "km", "gs", { STOREDIST: true }],
];

export const streams = [
  ["xAdd", "x", "1-1", { f: "v", g: "w" }], ["xAdd", "x", "1-1", { f: "v" }], ["xAdd", "x", "2-1", { f: "w" }, { TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: 1000, limit: 100 } }], ["xAdd", "x", "3-1", { f: "u" }, { TRIM: { strategy: "MINID", threshold: 1 } }], ["xAddNoMkStream", "none", "1-1", { f: "v" }],
  ["xAddNoMkStream", "x", "4-1", { f: "t" }], ["xLen", "x"], ["xRange", "x", "-", "+"], ["xRange", "x", "-", "+", { COUNT: 1 }], ["xRange", "none", "-", "+"], ["xRevRange", "x", "+", "-", { COUNT: 2 }], ["xRead", { key: "x", id: "0" }, { COUNT: 1 }], ["xRead", [{ key: "x", id: "2" }, { key: "none", id: "0" }]],
  ["xRead", { key: "x", id: "$" }, { BLOCK: 5 }], ["xRead", { key: "x", id: "3" }, { BLOCK: 0 }], ["xRead", { key: "none", id: "0" }], ["xGroupCreate", "x", "g", "0"], ["xGroupCreate", "x", "g", "0"], ["xGroupCreate", "x2", "g", "$", { MKSTREAM: true, ENTRIESREAD: 1 }], ["xGroupSetId", "x2", "g", "0", { ENTRIESREAD: 2 }],
  ["xGroupCreateConsumer", "x", "g", "idle"], ["xReadGroup", "g", "me", { key: "x", id: ">" }, { COUNT: 2 }], ["xReadGroup", "g", "me", [{ key: "x", id: "0" }]], ["xReadGroup", "g", "you", { key: "x", id: ">" }, { NOACK: true, COUNT: 1 }], ["xReadGroup", "g", "you", { key: "x", id: ">" }, { BLOCK: 5 }],
  ["xReadGroup", "g", "you", { key: "x", id: ">" }, { BLOCK: 5 }], ["xPending", "x", "g"], ["xPending", "x2", "g"], ["?", "xPendingRange", "x", "g", "-", "+", 10], ["?", "xPendingRange", "x", "g", "-", "+", 10, { IDLE: 0, consumer: "me" }], ["xPendingRange", "x", "g", "-", "+", 10, { consumer: "none" }],
  ["xClaim", "x", "g", "you", 0, "1-1"], ["xClaim", "x", "g", "you", 0, ["1-1", "2-1"], { IDLE: 5, RETRYCOUNT: 3, FORCE: true, LASTID: "1-1" }], ["xClaim", "x", "g", "you", 0, "2-1", { TIME: until }], ["xClaimJustId", "x", "g", "me", 0, ["1-1"], { TIME: 1 }], ["xAutoClaim", "x", "g", "other", 0, "0"],
  ["xAutoClaim", "x", "g", "other", 0, "0", { COUNT: 1 }], ["xAutoClaimJustId", "x", "g", "me", 0, "0-0"], ["xAck", "x", "g", "1-1"], ["xAck", "x", "g", ["2-1", "9-9"]], ["7.2", "?", "xInfoConsumers", "x", "g"], ["xInfoGroups", "x"], ["xInfoStream", "x"], ["xInfoStream", "none"],
  ["xGroupDelConsumer", "x", "g", "me"], ["xGroupDestroy", "x", "g"], ["xDel", "x", "1-1"], ["xDel", "x", ["2-1", "9-9"]], ["xTrim", "x", "MAXLEN", 1], ["xTrim", "x", "MINID", 4, { strategyModifier: "~", LIMIT: 10 }], ["xTrim", "x", "MAXLEN", 10, { strategyModifier: "=" }], ["xSetId", "x", "9-9"],
  ["xSetId", "x", "9-9", { ENTRIESADDED: 50, MAXDELETEDID: "5-5" }], ["xInfoStream", "x2"],
];

export const server = [
  ["ping"], ["ping", "hi"], ["echo", "hi"], ["publish", "news", "x"], ["sPublish", "news", "x"], ["pubSubChannels"], ["pubSubChannels", "n*"], ["pubSubNumPat"], ["pubSubNumSub"], ["pubSubNumSub", ["news", "x"]], ["pubSubShardChannels"], ["pubSubShardChannels", "n*"], ["pubSubShardNumSub", "news"],
  ["text", "watch", "a"], ["text", "unwatch"], ["clientGetName"], ["clientSetName", "me"], ["clientGetName"], ["?", "clientId"], ["7.2", "?", "clientInfo"], ["7.2", "?", "clientList"], ["7.2", "?", "clientList", { TYPE: "NORMAL" }], ["clientList", { ID: ["99999"] }],
  ["clientKill", { filter: "ID", id: 99999 }], ["clientKill", [{ filter: "USER", username: "nobody" }, { filter: "SKIPME", skipMe: true }]], ["clientKill", [{ filter: "ADDR", address: "1.2.3.4:5" }, { filter: "LADDR", localAddress: "1.2.3.4:5" }, { filter: "TYPE", type: "normal" }]], ["clientNoEvict", true], ["clientNoEvict", false],
  ["7.2", "clientNoTouch", true], ["7.2", "clientNoTouch", false], ["clientPause", 1, "WRITE"], ["clientPause", 1], ["clientUnpause"], ["clientTrackingInfo"], ["clientGetRedir"], ["clientTracking", true, { BCAST: true, PREFIX: ["a:", "b:"], NOLOOP: true }], ["clientTrackingInfo"], ["clientTracking", false],
  ["clientTracking", true, { OPTIN: true }], ["clientCaching", true], ["clientTracking", false], ["clientTracking", true, { OPTOUT: true }], ["clientCaching", false], ["clientTracking", false], ["clientUnblock", 99999], ["clientUnblock", 99999, "ERROR"], ["alone", "?", "hello", 3],
  ["alone", "?", "hello", 3, { AUTH: { username: "default", password: "any" }, SETNAME: "me" }], ["auth", { username: "nobody", password: "x" }], ["auth", { password: "x" }], ["aclWhoAmI"], ["aclUsers"], ["aclSetUser", "eve", ["on", `#${secret}`, "~eve:*", "+get"]], ["aclSetUser", "eve", "+set"],
  ["7.2", "aclGetUser", "eve"], ["aclGetUser", "none"], ["7.2", "aclList"], ["aclDryRun", "eve", ["get", "eve:x"]], ["7.2", "aclDryRun", "eve", ["get", "other"]], ["aclDelUser", "eve"], ["aclDelUser", ["eve", "none"]], ["~", "aclCat"], ["~", "aclCat", "pubsub"], ["?", "aclGenPass"], ["?", "aclGenPass", 64],
  ["alone", "7.2", "?", "aclLog"], ["aclLogReset"], ["aclLog", 2], ["aclLoad"], ["aclSave"], ["configGet", "appendfsync"], ["configGet", ["maxmemory-policy", "hash-max-listpack-entries"]], ["configSet", "slowlog-max-len", "77"], ["configSet", { "slowlog-max-len": "78", "lfu-log-factor": "11" }], ["configSet", "nope", "1"], ["configResetStat"],
  ["configRewrite"], ["?", "commandCount"], ["commandGetKeys", ["mset", "a", "1", "b", "2"]], ["commandGetKeysAndFlags", ["set", "a", "1"]], ["~", "commandList", { FILTERBY: { type: "PATTERN", value: "xr*" } }], ["?", "commandList"], ["?", "time"], ["?", "lastSave"], ["?", "info", "server"], ["?", "info"],
  ["latencyGraph", "command"], ["latencyHistory", "command"], ["latencyLatest"], ["latencyReset"], ["latencyReset", "command", "fork"], ["latencyHistogram", "none"], ["?", "memoryDoctor"], ["memoryPurge"], ["text", "role"],
  ["scriptExists", "00"], ["scriptExists", ["00", "11"]], ["scriptFlush"], ["scriptFlush", "SYNC"], ["scriptKill"], ["functionList"], ["functionList", { LIBRARYNAME: "x" }], ["functionListWithCode"], ["functionDelete", "none"], ["functionFlush"], ["functionFlush", "SYNC"], ["functionKill"],
  ["moduleList"], ["alone", "bgSave"], ["flushDb"], ["flushDb", "SYNC"], ["flushAll", "ASYNC"], ["flushAll"],
];

// What redis-server can do and tabdis answers with an error, or in words of its own: both clients are compared on each.
export const ours = [
  ["readonly"], ["replicaOf", "NO", "ONE"], ["bgRewriteAof"], ["?", "memoryMallocStats"], ["?", "memoryStats"], ["?", "functionStats"], ["functionDump"], ["functionRestore", "junk"], ["functionRestore", "junk", { mode: "FLUSH" }], ["scriptDebug", "NO"],
  ["moduleLoad", "/none"], ["moduleLoad", "/none", ["a", "b"]], ["eval", "return {KEYS[1], ARGV[1]}", { keys: ["k"], arguments: ["a"] }], ["eval", "return 1"], ["evalRo", "return ARGV[1]", { arguments: ["a"] }], ["scriptLoad", "return 7"],
  ["evalSha", "0000000000000000000000000000000000000000", { keys: ["a", "b"], arguments: ["c"] }], ["evalShaRo", "0000000000000000000000000000000000000000"], ["functionLoad", "#!lua name=lib\nredis.register_function('f', function(keys, args) return args[1] end)"],
  ["functionLoad", "#!lua name=lib\nredis.register_function{function_name='f', callback=function(keys, args) return args[1] end, flags={'no-writes'}}", { REPLACE: true }], ["fCall", "f", { keys: ["k"], arguments: ["a"] }], ["fCallRo", "f", { arguments: ["b"] }], ["functionList", { LIBRARYNAME: "l*" }], ["functionListWithCode"], ["commandDocs", "get"], ["commandDocs", ["get", "set"]], ["text", "commandInfo", ["get", "none", "config"]], ["~", "text", "command"], ["latencyDoctor"],
  ["migrate", "127.0.0.1", 1, "none", 0, 10], ["migrate", "127.0.0.1", 1, ["none", "none2x"], 0, 10, { COPY: true, REPLACE: true, AUTH: { username: "u", password: "p" } }], ["moduleUnload", "none"],
];
