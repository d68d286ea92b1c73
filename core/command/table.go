package command

// Command is a row of the one table that drives dispatch, COMMAND, COMMAND DOCS and COMMAND GETKEYS,
// and from which the client's types, the demo's completion and the README's list are made.
// Arities, flags and key positions are those of Redis 7.2; the prose is our own.
type Command struct {
	Name                        string // in lower case; a subcommand's is its own word: "set" of CONFIG SET
	Arity                       int    // number of words with the name; -n: at least n
	Flags                       Flag
	Group                       string // "string", "sorted-set" …, as COMMAND DOCS names them
	Since                       string
	Summary                     string
	Complexity                  string
	DocFlags                    []string // "deprecated", "syscmd"
	DeprecatedSince, ReplacedBy string
	History                     [][2]string // version, what it changed
	Categories                  Category    // those that Flags don't imply
	Tips                        []string
	Keys                        []KeySpec
	Args                        []Arg
	Subcommands                 []*Command
	// GetKeys appends the keys where Keys cannot say it all (EVAL, SORT, …); nil: Keys is enough.
	GetKeys func(args [][]byte, dst []KeyAt) []KeyAt
	Do      func(c *Call)

	// ID is the row's number among all rows and their subcommands, for those who count by command.
	ID int

	parent *Command
}

// Flag is a set of a command's properties, as COMMAND INFO lists them.
type Flag uint32

// In the order in which Redis lists them.
const (
	Write Flag = 1 << iota
	ReadOnly
	DenyOOM
	Module
	Admin
	PubSub
	NoScript
	Blocking
	Loading
	Stale
	SkipMonitor
	SkipSlowlog
	Asking
	Fast
	NoAuth
	MayReplicate
	Sentinel
	OnlySentinel
	NoMandatoryKeys
	ProtectedCmd
	ModuleGetKeys
	ModuleNoCluster
	NoAsyncLoading
	NoMulti
	MovableKeys
	AllowBusy
	ModuleGetChannels

	// Quick: it does not take long though it lacks Fast. Ours, too.
	Quick Flag = 1 << 30
	// Grows: it may take more memory than its words tell. Ours, and told to nobody.
	Grows Flag = 1 << 31
)

var flagNames = []string{"write", "readonly", "denyoom", "module", "admin", "pubsub", "noscript", "blocking",
	"loading", "stale", "skip_monitor", "skip_slowlog", "asking", "fast", "no_auth", "may_replicate", "sentinel",
	"only_sentinel", "no_mandatory_keys", "protected", "module_getkeys", "module_no_cluster", "no_async_loading",
	"no_multi", "movablekeys", "allow_busy", "module_getchannels"}

// Category is a set of ACL categories.
type Category uint32

// In the order in which Redis lists them.
const (
	CatKeyspace Category = 1 << iota
	CatRead
	CatWrite
	CatSet
	CatSortedSet
	CatList
	CatHash
	CatString
	CatBitmap
	CatHyperLogLog
	CatGeo
	CatStream
	CatPubSub
	CatAdmin
	CatFast
	CatSlow
	CatBlocking
	CatDangerous
	CatConnection
	CatTransaction
	CatScripting
)

var categoryNames = []string{"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap",
	"hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection",
	"transaction", "scripting"}

// KeyFlag is a set of what a command does with the keys of one KeySpec.
type KeyFlag uint16

// In the order in which Redis lists them.
const (
	KeyRO KeyFlag = 1 << iota
	KeyRW
	KeyOW
	KeyRM
	KeyAccess
	KeyUpdate
	KeyInsert
	KeyDelete
	KeyNotKey
	KeyIncomplete
	KeyVariableFlags
)

var keyFlagNames = []string{"RO", "RW", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete",
	"variable_flags"}

// KeySpec tells where in a command's words some of its keys stand
// (https://redis.io/docs/latest/develop/reference/key-specs/).
type KeySpec struct {
	Flags KeyFlag
	Notes string
	Begin BeginSearch
	Find  FindKeys
}

// BeginSearch is where the search for keys starts: at a fixed Index, behind a Keyword, or unknown (neither).
type BeginSearch struct {
	Index     int
	Keyword   string // in lower case
	StartFrom int    // where to look for Keyword; negative: from the end
}

// FindKeys is how the keys follow: a range, a number of keys that stands before them, or unknown (neither).
type FindKeys struct {
	Range  *KeyRange
	KeyNum *KeyNum
}

// KeyRange is a run of keys: LastKey counts from the beginning of the search, or from the end when negative.
type KeyRange struct{ LastKey, Step, Limit int }

// KeyNum says that word KeyNumIdx holds the number of keys, which start at FirstKey; both from the beginning.
type KeyNum struct{ KeyNumIdx, FirstKey, Step int }

func at(index int) BeginSearch { return BeginSearch{Index: index} }
func keyword(word string, startFrom int) BeginSearch { // word in lower case
	return BeginSearch{Keyword: word, StartFrom: startFrom}
}
func keyRange(last, step, limit int) FindKeys { return FindKeys{Range: &KeyRange{last, step, limit}} }
func keyNum(idx, first, step int) FindKeys    { return FindKeys{KeyNum: &KeyNum{idx, first, step}} }

// ArgType is the kind of an argument in COMMAND DOCS.
type ArgType uint8

// The kinds of arguments.
const (
	ArgString ArgType = iota
	ArgInteger
	ArgDouble
	ArgKey
	ArgPattern
	ArgUnixTime
	ArgPureToken
	ArgOneOf
	ArgBlock
)

var argTypeNames = []string{"string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof", "block"}

// ArgFlag is a set of an argument's properties in COMMAND DOCS.
type ArgFlag uint8

// In the order in which Redis lists them.
const (
	Optional ArgFlag = 1 << iota
	Multiple
	MultipleToken
)

// Arg is an argument as COMMAND DOCS describes it.
type Arg struct {
	Name       string
	Type       ArgType
	Token      string // the word that precedes it: "EX"
	Flags      ArgFlag
	KeySpec    int // index into Keys, for ArgKey; see HasSpec
	HasSpec    bool
	Since      string
	Deprecated string
	Summary    string
	Display    string // when it differs from Name
	Args       []Arg
}
