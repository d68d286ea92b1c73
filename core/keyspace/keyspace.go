package keyspace

// Keyspace is the databases of one engine.
type Keyspace struct {
	Limits Limits

	space   *space
	dbs     []*DB
	views   viewBuffers
	victims victims
}

// Options of New.
type Options struct {
	Databases int    // 16 when 0
	Seed      uint64 // of the hash; a different one for each process
}

// space is what all tables of a keyspace share.
type space struct {
	hasher
	pool  heapPool
	clock uint32 // of access, in seconds
	fresh uint32 // what a new record's clock is set to
	lfu   *frequency
	epoch uint32 // of new segments; a cut begins the next one
	snap  *Snapshot

	unsplit segment // the segment that is being split, as it was
	scratch []byte  // holds a value or a key on its way

	prefetch prefetch
}

func newSpace(seed uint64) *space {
	return &space{hasher: newHasher(seed), pool: heapPool{limit: poolBusy}}
}

// New makes empty databases.
func New(o Options) *Keyspace {
	if o.Databases == 0 {
		o.Databases = 16
	}
	ks := &Keyspace{Limits: DefaultLimits(), space: newSpace(o.Seed)}
	for i := range o.Databases {
		ks.dbs = append(ks.dbs, &DB{ks: ks, index: i, t: newTable(ks.space)})
	}
	return ks
}

// Databases is their number.
func (ks *Keyspace) Databases() int { return len(ks.dbs) }

// DB is database i, 0 ≤ i < Databases(). The pointer stays good for the life of the keyspace; Swap exchanges contents.
func (ks *Keyspace) DB(i int) *DB { return ks.dbs[i] }

// Swap exchanges the contents of two databases.
func (ks *Keyspace) Swap(i, j int) {
	a, b := ks.dbs[i], ks.dbs[j]
	a.t, b.t = b.t, a.t
}

// Beside makes databases of the same kind, empty, whose contents ks can take.
func (ks *Keyspace) Beside() *Keyspace {
	n := &Keyspace{Limits: ks.Limits, space: ks.space}
	for i := range ks.dbs {
		n.dbs = append(n.dbs, &DB{ks: n, index: i, t: newTable(n.space)})
	}
	return n
}

// Take replaces all contents by those of another, which was made Beside ks and is not used any more.
func (ks *Keyspace) Take(from *Keyspace) {
	for i, db := range ks.dbs {
		db.Flush()
		db.t = from.dbs[i].t
	}
}

// Memory is the number of bytes that keys and values take, with all that surrounds them. O(1).
func (ks *Keyspace) Memory() int64 {
	n := ks.space.pool.bytes
	for _, db := range ks.dbs {
		n += db.t.mem
	}
	return n
}

// Maintain does a slice of deferred work, on at most budget segments; it tells whether more is left. Segments are compacted, merged and
// shrunk by the deletes themselves; what remains is to hand the heaps that nobody took up again to the collector.
func (ks *Keyspace) Maintain(budget int) (more bool) {
	var live int64
	for _, db := range ks.dbs {
		live += db.t.mem
	}
	return ks.space.pool.trim(poolSpare+live/32, budget)
}
