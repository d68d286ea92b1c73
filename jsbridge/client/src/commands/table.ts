// Made by `go generate ./tests/methods` from core/command's table and tests/methods/methods.txt. Not to be edited.

/** The methods, a line for each: see shape.ts. */
export const table = `
append a a
decr a
decrBy a a
get a
getDel a
getEx a {@expiring|EX=|PX=|EXAT=t|PXAT=T|PERSIST}
getRange a a a
getSet a a
incr a
incrBy a a
incrByFloat a d
lcs a a
lcsLen=LCS a a LEN
lcsIdx=LCS a a IDX {MINMATCHLEN=}
lcsIdxWithMatchLen=LCS a a IDX {MINMATCHLEN=} WITHMATCHLEN
mGet v
mSet m
mSetNX m
pSetEx a a a
set a a {@expiration|EX=|PX=|EXAT=t|PXAT=T|KEEPTTL,:condition|NX|XX,GET}
setEx a a a
setNX a a
setRange a a a
strLen a
subStr a a a
getJSON=GET a >json
setJSON=SET a j {@expiration|EX=|PX=|EXAT=t|PXAT=T|KEEPTTL,:condition|NX|XX,GET}
bitCount a {:start,:end,:mode}
bitField a o.operation.encoding.offset.value.increment.behavior
bitFieldRo=BITFIELD_RO a oGET.encoding.offset
bitOp a a v
bitPos a a a? a? a?
getBit a a
setBit a a a
copy a a {DB=,REPLACE}
del v
dump a
exists v
expire a a a?
expireAt a t a?
expireTime a
keys a
migrate @migrate
move a a
objectEncoding=OBJECT=ENCODING a
objectFreq=OBJECT=FREQ a
objectIdleTime=OBJECT=IDLETIME a
objectRefCount=OBJECT=REFCOUNT a
persist a
pExpire a a a?
pExpireAt a T a?
pExpireTime a
pTTL a
randomKey
rename a a
renameNX a a
restore a a a {REPLACE,ABSTTL,IDLETIME=,FREQ=}
scan a {MATCH=,COUNT=,TYPE=} >cursor.keys
sort a {BY=,LIMIT=.offset.count,GET*,:DIRECTION,ALPHA}
sortRo=SORT_RO a {BY=,LIMIT=.offset.count,GET*,:DIRECTION,ALPHA}
sortStore=SORT a 2{BY=,LIMIT=.offset.count,GET*,:DIRECTION,ALPHA} STORE 1a
touch v
ttl a
type a
unlink v
wait a a
waitAof a a a
blMove! a a a a d
blmPop! d n a {COUNT=}
blPop! v d >key.element
brPop! v d >key.element
brPopLPush! a a d
lIndex a a
lInsert a a a a
lLen a
lMove a a a a
lmPop n a {COUNT=}
lPop a
lPopCount=LPOP a a
lPos a a {RANK=,MAXLEN=}
lPosCount=LPOS a a 3{RANK=,MAXLEN=} COUNT 2a
lPush a v
lPushX a v
lRange a a a
lRem a a a
lSet a a a
lTrim a a a
rPop a
rPopCount=RPOP a a
rPopLPush a a
rPush a v
rPushX a v
sAdd a v
sCard a
sDiff v
sDiffStore a v
sInter v
sInterCard n {LIMIT=}
sInterStore a v
sIsMember a a
sMembers a
smIsMember a v
sMove a a a
sPop a
sPopCount=SPOP a a
sRandMember a
sRandMemberCount=SRANDMEMBER a a
sRem a v
sScan a a {MATCH=,COUNT=} >cursor.members
sUnion v
sUnionStore a v
hDel a v
hExists a a
hGet a a
hGetAll a
hIncrBy a a a
hIncrByFloat a a d
hKeys a
hLen a
hmGet a v
hmSet a m
hRandField a
hRandFieldCount=HRANDFIELD a a
hRandFieldCountWithValues=HRANDFIELD a a WITHVALUES >*field.value
hScan a a {MATCH=,COUNT=} >cursor.entries:entries
hSet a m a?
hSetNX a a a
hStrLen a a
hVals a
bzmPop! d n a {COUNT=} >key.members:scored
bzPopMax! v d >key.value.score
bzPopMin! v d >key.value.score
zAdd a 2{:condition|NX|XX,:comparison|LT|GT,CH} 1o.score.value
zAddIncr=ZADD a 2{:condition|NX|XX,:comparison|LT|GT,CH} INCR 1o.score.value
zCard a
zCount a d d
zDiff n
zDiffStore a n
zDiffWithScores=ZDIFF n WITHSCORES >scored
zIncrBy a d a
zInter @weighted {AGGREGATE=}
zInterCard n {LIMIT=}
zInterStore a @weighted {AGGREGATE=}
zInterWithScores=ZINTER @weighted {AGGREGATE=} WITHSCORES >scored
zLexCount a a a
zmPop n a {COUNT=} >key.members:scored
zmScore a v
zPopMax a >value.score
zPopMaxCount=ZPOPMAX a a >scored
zPopMin a >value.score
zPopMinCount=ZPOPMIN a a >scored
zRandMember a
zRandMemberCount=ZRANDMEMBER a a
zRandMemberCountWithScores=ZRANDMEMBER a a WITHSCORES >scored
zRange a d d {@by,REV,LIMIT=.offset.count}
zRangeByLex a d d {LIMIT=.offset.count}
zRangeByScore a d d {LIMIT=.offset.count}
zRangeByScoreWithScores=ZRANGEBYSCORE a d d {LIMIT=.offset.count} WITHSCORES >scored
zRangeStore a a d d {@by,REV,LIMIT=.offset.count}
zRangeWithScores=ZRANGE a d d {@by,REV,LIMIT=.offset.count} WITHSCORES >scored
zRank a a
zRankWithScore=ZRANK a a WITHSCORE >rank.score
zRem a v
zRemRangeByLex a a a
zRemRangeByRank a a a
zRemRangeByScore a d d
zRevRange a a a
zRevRangeByLex a d d {LIMIT=.offset.count}
zRevRangeByScore a d d {LIMIT=.offset.count}
zRevRank a a
zRevRankWithScore=ZREVRANK a a WITHSCORE >rank.score
zScan a a {MATCH=,COUNT=} >cursor.members:flatScored
zScore a a
zUnion @weighted {AGGREGATE=}
zUnionStore a @weighted {AGGREGATE=}
zUnionWithScores=ZUNION @weighted {AGGREGATE=} WITHSCORES >scored
geoAdd a 2{:condition|NX|XX,CH} 1o.longitude.latitude.member
geoDist a a a a? >number
geoHash a v?
geoPos a v? >*longitude.latitude
geoRadius a o.longitude.latitude a a {:SORT,@count}
geoRadiusRo=GEORADIUS_RO a o.longitude.latitude a a {:SORT,@count}
geoRadiusWith=GEORADIUS a o.longitude.latitude a a 5{:SORT,@count} 4v >places
geoRadiusRoWith=GEORADIUS_RO a o.longitude.latitude a a 5{:SORT,@count} 4v >places
geoRadiusStore=GEORADIUS a o.longitude.latitude a a 5{:SORT,@count,@store} 4a
geoRadiusByMember a a a a {:SORT,@count}
geoRadiusByMemberRo=GEORADIUSBYMEMBER_RO a a a a {:SORT,@count}
geoRadiusByMemberWith=GEORADIUSBYMEMBER a a a a 5{:SORT,@count} 4v >places
geoRadiusByMemberRoWith=GEORADIUSBYMEMBER_RO a a a a 5{:SORT,@count} 4v >places
geoRadiusByMemberStore=GEORADIUSBYMEMBER a a a a 5{:SORT,@count,@store} 4a
geoSearch a @from @within {:SORT,@count}
geoSearchStore a a @from @within {:SORT,@count,STOREDIST}
geoSearchWith=GEOSEARCH a @from @within 4{:SORT,@count} 3v >places
xAck a a v
xAdd a 3{:policy,@trim} 1a m
xAddNoMkStream=XADD a NOMKSTREAM 3{:policy,@trim} 1a m
xAutoClaim a a a a a {COUNT=} >nextId.messages:messages.deletedMessages
xAutoClaimJustId=XAUTOCLAIM a a a a a {COUNT=} JUSTID >nextId.messages.deletedMessages
xClaim a a a a v {IDLE=,TIME=T,RETRYCOUNT=,FORCE,LASTID=} >messages
xClaimJustId=XCLAIM a a a a v {IDLE=,TIME=T,RETRYCOUNT=,FORCE,LASTID=} JUSTID
xDel a v
xGroupCreate=XGROUP=CREATE a a a {MKSTREAM,ENTRIESREAD=}
xGroupCreateConsumer=XGROUP=CREATECONSUMER a a a
xGroupDelConsumer=XGROUP=DELCONSUMER a a a
xGroupDestroy=XGROUP=DESTROY a a
xGroupSetId=XGROUP=SETID a a a {ENTRIESREAD=}
xInfoConsumers=XINFO=CONSUMERS a a
xInfoGroups=XINFO=GROUPS a
xInfoStream=XINFO=STREAM a >stream
xLen a
xPending a a >pending.firstId.lastId.consumers:consumers
xPendingRange=XPENDING a a 5{IDLE=} 2a a a {:consumer} >*id.consumer.millisecondsSinceLastDelivery.deliveriesCounter
xRange a a a {COUNT=} >messages
xRead! 1{COUNT=,BLOCK=} STREAMS 0o.key 0o.id >streams
xReadGroup! GROUP a a 3{COUNT=,BLOCK=,NOACK} STREAMS 2o.key 2o.id >streams
xRevRange a a a {COUNT=} >messages
xSetId a a {ENTRIESADDED=,MAXDELETEDID=}
xTrim a a 3{:strategyModifier} 2a {LIMIT=}
pfAdd a v?
pfCount v
pfMerge a v?
discard
unwatch
watch v
publish a a
pubSubChannels=PUBSUB=CHANNELS a?
pubSubNumPat=PUBSUB=NUMPAT
pubSubNumSub=PUBSUB=NUMSUB v? >object
pubSubShardChannels=PUBSUB=SHARDCHANNELS a?
pubSubShardNumSub=PUBSUB=SHARDNUMSUB v? >object
sPublish a a
auth o.username.password
clientCaching=CLIENT=CACHING b:YES:NO
clientGetName=CLIENT=GETNAME
clientGetRedir=CLIENT=GETREDIR
clientId=CLIENT=ID
clientInfo=CLIENT=INFO >client
clientKill=CLIENT=KILL o.filter.address.localAddress.id.type.username.skipMe.maxAge
clientList=CLIENT=LIST {TYPE=|ID+} >clients
clientNoEvict=CLIENT=NO-EVICT b:ON:OFF
clientNoTouch=CLIENT=NO-TOUCH b:ON:OFF
clientPause=CLIENT=PAUSE a a?
clientSetInfo=CLIENT=SETINFO a a
clientSetName=CLIENT=SETNAME a
clientTracking=CLIENT=TRACKING b:ON:OFF {REDIRECT=,BCAST,PREFIX*,OPTIN,OPTOUT,NOLOOP}
clientTrackingInfo=CLIENT=TRACKINGINFO
clientUnblock=CLIENT=UNBLOCK a a?
clientUnpause=CLIENT=UNPAUSE
echo a
hello a? {AUTH=.username.password,SETNAME=}
ping a?
select a
aclCat=ACL=CAT a?
aclDelUser=ACL=DELUSER v
aclDryRun=ACL=DRYRUN a v
aclGenPass=ACL=GENPASS a?
aclGetUser=ACL=GETUSER a
aclList=ACL=LIST
aclLoad=ACL=LOAD
aclLog=ACL=LOG a?
aclLogReset=ACL=LOG RESET
aclSave=ACL=SAVE
aclSetUser=ACL=SETUSER a v?
aclUsers=ACL=USERS
aclWhoAmI=ACL=WHOAMI
bgRewriteAof
bgSave {SCHEDULE}
command >*command
commandCount=COMMAND=COUNT
commandDocs=COMMAND=DOCS v?
commandGetKeys=COMMAND=GETKEYS v
commandGetKeysAndFlags=COMMAND=GETKEYSANDFLAGS v >*key.flags
commandInfo=COMMAND=INFO v >*command
commandList=COMMAND=LIST {FILTERBY=.type.value}
configGet=CONFIG=GET v
configResetStat=CONFIG=RESETSTAT
configRewrite=CONFIG=REWRITE
configSet=CONFIG=SET m a?
dbSize
debug r
flushAll a?
flushDb a?
info v?
lastSave
latencyDoctor=LATENCY=DOCTOR
latencyGraph=LATENCY=GRAPH a
latencyHistogram=LATENCY=HISTOGRAM r
latencyHistory=LATENCY=HISTORY a
latencyLatest=LATENCY=LATEST
latencyReset=LATENCY=RESET r
lolwut @lolwut
memoryDoctor=MEMORY=DOCTOR
memoryMallocStats=MEMORY=MALLOC-STATS
memoryPurge=MEMORY=PURGE
memoryStats=MEMORY=STATS
memoryUsage=MEMORY=USAGE a {SAMPLES=}
moduleList=MODULE=LIST
moduleLoad=MODULE=LOAD a v?
moduleLoadEx=MODULE=LOADEX r
moduleUnload=MODULE=UNLOAD a
readonly
readwrite
replicaOf a a
role >role
save
shutdown {:mode,NOW,FORCE,ABORT}
slaveOf a a
slowLogGet=SLOWLOG=GET a?
slowLogLen=SLOWLOG=LEN
slowLogReset=SLOWLOG=RESET
swapDb a a
time
eval a @eval
evalRo=EVAL_RO a @eval
evalSha a @eval
evalShaRo=EVALSHA_RO a @eval
fCall a @eval
fCallRo=FCALL_RO a @eval
functionDelete=FUNCTION=DELETE a
functionDump=FUNCTION=DUMP
functionFlush=FUNCTION=FLUSH a?
functionKill=FUNCTION=KILL
functionList=FUNCTION=LIST {LIBRARYNAME=}
functionListWithCode=FUNCTION=LIST {LIBRARYNAME=} WITHCODE
functionLoad=FUNCTION=LOAD 1{REPLACE} 0a
functionRestore=FUNCTION=RESTORE a {:mode}
functionStats=FUNCTION=STATS
scriptDebug=SCRIPT=DEBUG a
scriptExists=SCRIPT=EXISTS v
scriptFlush=SCRIPT=FLUSH a?
scriptKill=SCRIPT=KILL
scriptLoad=SCRIPT=LOAD a
aclHelp=ACL=HELP
clientHelp=CLIENT=HELP
commandHelp=COMMAND=HELP
configHelp=CONFIG=HELP
functionHelp=FUNCTION=HELP
latencyHelp=LATENCY=HELP
memoryHelp=MEMORY=HELP
moduleHelp=MODULE=HELP
objectHelp=OBJECT=HELP
pubsubHelp=PUBSUB=HELP
scriptHelp=SCRIPT=HELP
slowlogHelp=SLOWLOG=HELP
xgroupHelp=XGROUP=HELP
xinfoHelp=XINFO=HELP
`;
