package keyspace

// Type is the type of a value as users see it.
type Type uint8

// The types, in Redis's numbering (OBJ_STRING …).
const (
	String Type = iota
	List
	Set
	ZSet
	Hash
	Module
	Stream
)

var typeNames = [...]string{"string", "list", "set", "zset", "hash", "module", "stream"}

// String is the name that TYPE answers: "string", "list", "set", "zset", "hash", "stream".
func (t Type) String() string { return typeNames[t] }

// Encoding is how a value is stored, under the names that OBJECT ENCODING answers.
type Encoding uint8

// The encodings.
const (
	EncRaw Encoding = iota
	EncInt
	EncEmbstr
	EncListpack
	EncIntset
	EncHashtable
	EncQuicklist
	EncSkiplist
	EncStream
)

var encodingNames = [...]string{"raw", "int", "embstr", "listpack", "intset", "hashtable", "quicklist", "skiplist", "stream"}

// String is Redis's name: "raw", "int", "embstr", "listpack", "intset", "hashtable", "quicklist", "skiplist", "stream".
func (e Encoding) String() string { return encodingNames[e] }

// kind is a type and an encoding in the four bits that a record has for them. Members of a collection are of kind 0.
type kind uint8

var kinds = [...]struct {
	t   Type
	enc Encoding
}{
	{String, EncRaw}, {String, EncInt}, {String, EncEmbstr},
	{List, EncListpack}, {List, EncQuicklist},
	{Set, EncIntset}, {Set, EncListpack}, {Set, EncHashtable},
	{Hash, EncListpack}, {Hash, EncHashtable},
	{ZSet, EncListpack}, {ZSet, EncSkiplist},
	{Stream, EncStream},
}

const (
	kindRaw kind = iota
	kindInt
	kindEmbstr
)

func kindOf(t Type, enc Encoding) kind {
	for k := range kinds {
		if kinds[k].t == t && kinds[k].enc == enc {
			return kind(k)
		}
	}
	panic("keyspace: no " + t.String() + " is encoded as " + enc.String())
}

// NoExpiry is the time of a key that does not expire.
const NoExpiry int64 = -1

// Limits are the thresholds up to which collections stay packed, with Redis's parameter names.
// The owner of the keyspace may change them at any time; existing values follow on their next change.
type Limits struct {
	HashMaxListpackEntries int
	HashMaxListpackValue   int
	HLLSparseMaxBytes      int64 // of a HyperLogLog, with its header
	ListMaxListpackSize    int   // > 0: elements a node; -1 … -5: 4, 8, 16, 32, 64 KiB a node
	SetMaxIntsetEntries    int
	SetMaxListpackEntries  int
	SetMaxListpackValue    int
	ZSetMaxListpackEntries int
	ZSetMaxListpackValue   int
	StreamNodeMaxBytes     int64 // 0: no limit
	StreamNodeMaxEntries   int   // 0: no limit
	NoListpackSets         bool  // Redis 7.0 had none
	ListsAlwaysQuicklist   bool  // nor lists of one listpack
}

// DefaultLimits are Redis 7.2's.
func DefaultLimits() Limits {
	return Limits{
		HashMaxListpackEntries: 512, HashMaxListpackValue: 64,
		HLLSparseMaxBytes:   3000,
		ListMaxListpackSize: -2,
		SetMaxIntsetEntries: 512, SetMaxListpackEntries: 128, SetMaxListpackValue: 64,
		ZSetMaxListpackEntries: 128, ZSetMaxListpackValue: 64,
		StreamNodeMaxBytes: 4096, StreamNodeMaxEntries: 100,
	}
}
