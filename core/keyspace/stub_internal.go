package keyspace

import "math/rand/v2"

type space struct{}
type table struct{}
type pending struct{}

func newTable(sp *space) *table                                                        { panic("stub") }
func (t *table) len() int                                                              { panic("stub") }
func (t *table) get(key []byte) (val []byte, ok bool)                                  { panic("stub") }
func (t *table) put(key, val []byte) (added bool)                                      { panic("stub") }
func (t *table) delete(key []byte) bool                                                { panic("stub") }
func (t *table) scan(cursor uint64, count int, fn func(key, val []byte)) (next uint64) { panic("stub") }
func (t *table) each(fn func(key, val []byte) bool)                                    { panic("stub") }
func (t *table) random(r *rand.Rand) (key, val []byte)                                 { panic("stub") }
func (t *table) memory() int64                                                         { panic("stub") }
func (t *table) clone() *table                                                         { panic("stub") }
func (t *table) freeze(p *pending)                                                     { panic("stub") }
func (t *table) emitNext(p *pending) (more bool)                                       { panic("stub") }
func (t *table) thaw(p *pending)                                                       { panic("stub") }
func (p *pending) part(it *Items, last bool)                                           { panic("stub") }
func (e Entry) packed() []byte                                                         { panic("stub") }
func (e Entry) object() object                                                         { panic("stub") }
func (e Entry) replacePacked(enc Encoding, b []byte)                                   { panic("stub") }
func (e Entry) willChange()                                                            { panic("stub") }
func (e Entry) changed()                                                               { panic("stub") }
func (db *DB) storePacked(key []byte, t Type, enc Encoding, b []byte)                  { panic("stub") }
func (db *DB) storeObject(key []byte, t Type, enc Encoding, o object)                  { panic("stub") }
