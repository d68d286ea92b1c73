package keyspace

import "math/rand/v2"

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

// String is the name that TYPE answers: "string", "list", "set", "zset", "hash", "stream".
func (t Type) String() string { panic("stub") }

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

// String is Redis's name: "raw", "int", "embstr", "listpack", "intset", "hashtable", "quicklist", "skiplist", "stream".
func (e Encoding) String() string { panic("stub") }

// NoExpiry is the time of a key that does not expire.
const NoExpiry int64 = -1

// Limits are the thresholds up to which collections stay packed, with Redis's parameter names.
// The owner of the keyspace may change them at any time; existing values follow on their next change.
type Limits struct {
	HashMaxListpackEntries int
	HashMaxListpackValue   int
	ListMaxListpackSize    int // > 0: elements a node; -1 … -5: 4, 8, 16, 32, 64 KiB a node
	SetMaxIntsetEntries    int
	SetMaxListpackEntries  int
	SetMaxListpackValue    int
	ZSetMaxListpackEntries int
	ZSetMaxListpackValue   int
	NoListpackSets         bool // Redis 7.0 had none
}

// DefaultLimits are Redis 7.2's.
func DefaultLimits() Limits { panic("stub") }

// Keyspace is the databases of one engine.
type Keyspace struct {
	Limits Limits
	space  *space
}

// Options of New.
type Options struct {
	Databases int    // 16 when 0
	Seed      uint64 // of the hash; a different one for each process
}

// New makes empty databases.
func New(o Options) *Keyspace { panic("stub") }

// Databases is their number.
func (ks *Keyspace) Databases() int { panic("stub") }

// DB is database i, 0 ≤ i < Databases(). The pointer stays good for the life of the keyspace; Swap exchanges contents.
func (ks *Keyspace) DB(i int) *DB { panic("stub") }

// Swap exchanges the contents of two databases.
func (ks *Keyspace) Swap(i, j int) { panic("stub") }

// Memory is the number of bytes that keys and values take, with all that surrounds them. O(1).
func (ks *Keyspace) Memory() int64 { panic("stub") }

// SetClock sets the access clock (seconds) that Touch and new entries are stamped with.
func (ks *Keyspace) SetClock(unixSeconds int64) { panic("stub") }

// Resize does a slice of deferred work (returning memory, compaction), at most budget segments; it tells whether more is left.
func (ks *Keyspace) Maintain(budget int) (more bool) { panic("stub") }

// DB is one database. It has one owner and no locks.
type DB struct{ ks *Keyspace }

func (db *DB) Index() int          { panic("stub") }
func (db *DB) Keyspace() *Keyspace { panic("stub") }
func (db *DB) Len() int            { panic("stub") }
func (db *DB) Volatile() int       { panic("stub") } // number of keys with an expiry

// Find finds key, whether it is past its time or not.
func (db *DB) Find(key []byte) (Entry, bool) { panic("stub") }

// SetString stores a string under key in place of whatever was there. enc says how: EncInt encodes as an integer when the
// text is one (the normal case), EncEmbstr never does but chooses embstr or raw by length, EncRaw is raw.
// expiresAt is in Unix ms, NoExpiry for none. val is copied.
func (db *DB) SetString(key, val []byte, enc Encoding, expiresAt int64) { panic("stub") }

// SetInt stores an integer string, keeping the expiry of an existing key.
func (db *DB) SetInt(key []byte, n int64, expiresAt int64) { panic("stub") }

// Append appends to the string at key, which exists and is a string, and returns the new length. It becomes raw. Amortised O(len(tail)).
func (db *DB) Append(key, tail []byte) int { panic("stub") }

// SetRange writes val at off into the string at key, zero-padding it; the key exists and is a string. It becomes raw. Returns the new length.
func (db *DB) SetRange(key []byte, off int, val []byte) int { panic("stub") }

// Delete removes key; false when it was not there.
func (db *DB) Delete(key []byte) bool { panic("stub") }

// SetExpiry sets or, with NoExpiry, takes away the expiry of key; false when there is no such key.
func (db *DB) SetExpiry(key []byte, at int64) bool { panic("stub") }

// Rename moves the value and expiry of src to dst of database to (which may be db itself), replacing what is there. src exists; src ≠ dst.
func (db *DB) Rename(src []byte, to *DB, dst []byte) { panic("stub") }

// Copy copies the value and expiry of src, replacing what is at dst of database to.
func (db *DB) Copy(src []byte, to *DB, dst []byte) { panic("stub") }

// Flush removes all keys.
func (db *DB) Flush() { panic("stub") }

// Scan calls fn for about count entries from cursor on (0: from the start) and returns where to go on, 0 at the end.
// Every key that stays from the first call to the last is seen at least once. fn must not change the database.
func (db *DB) Scan(cursor uint64, count int, fn func(e Entry)) (next uint64) { panic("stub") }

// Each calls fn for all entries until it returns false. fn must not change the database.
func (db *DB) Each(fn func(e Entry) bool) { panic("stub") }

// Random is an entry chosen at random, each about as likely as any other.
func (db *DB) Random(r *rand.Rand) (Entry, bool) { panic("stub") }

// Due calls fn with keys that are past their time at now, until fn returns false or at most max keys were named; fn may delete that
// key and must not change others. It tells whether more may be due. Only segments with something due are visited.
func (db *DB) Due(now int64, max int, fn func(key []byte) bool) (more bool) { panic("stub") }

// AverageTTL is the mean of the times left at now in ms, estimated, for INFO.
func (db *DB) AverageTTL(now int64) int64 { panic("stub") }

// Entry is a key in its database with its value, found by Find and others. It is valid until the next change of the database.
type Entry struct{}

func (e Entry) DB() *DB            { panic("stub") }
func (e Entry) Key() []byte        { panic("stub") }
func (e Entry) Type() Type         { panic("stub") }
func (e Entry) Encoding() Encoding { panic("stub") }
func (e Entry) ExpiresAt() int64   { panic("stub") }

// Touch stamps the access clock. Idle is the time since then in seconds.
func (e Entry) Touch()        { panic("stub") }
func (e Entry) Idle() int64   { panic("stub") }
func (e Entry) Memory() int64 { panic("stub") } // bytes that key and value take

// Int is the value of an integer-encoded string.
func (e Entry) Int() (int64, bool) { panic("stub") }

// StringLen is the length of the string's text.
func (e Entry) StringLen() int { panic("stub") }

// Bytes is the string's text: the stored bytes themselves, or for an integer its text in scratch, which must have room for 20 bytes.
func (e Entry) Bytes(scratch []byte) []byte { panic("stub") }

// Cut begins a snapshot of all databases at this moment. One snapshot at a time.
func (ks *Keyspace) Cut(to SnapshotWriter, now func() int64) *Snapshot { panic("stub") }

// Snapshot emits every entry of the moment of its Cut exactly once, in slices, while commands go on.
type Snapshot struct{}

// Step emits some segments (or parts of large values) until more returns false; done when all is emitted.
func (s *Snapshot) Step(more func() bool) (done bool) { panic("stub") }

// Cancel ends the snapshot early. Progress is between 0 and 1.
func (s *Snapshot) Cancel()           { panic("stub") }
func (s *Snapshot) Progress() float64 { panic("stub") }

// SnapshotWriter takes the entries. What it is given is valid during the call.
// A collection may come in several parts, between which other keys may come; last marks the final one.
type SnapshotWriter interface {
	String(db int, key, val []byte, expiresAt int64)
	Part(db int, key []byte, t Type, items *Items, last bool, expiresAt int64)
	// Expired is told of a key that is past its time; it is not emitted. It must be removed (and logged) by the end of the turn.
	Expired(db int, key []byte)
}
