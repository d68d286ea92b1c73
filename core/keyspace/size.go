package keyspace

// DataSize is Memory without what is only kept to be used again. O(1).
func (ks *Keyspace) DataSize() (n int64) {
	for _, db := range ks.dbs {
		n += db.t.mem
	}
	return n
}
