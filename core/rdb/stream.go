package rdb

import "tabdis/core/keyspace"

// The place of streams (types 15, 19 and 21), which have no value in the keyspace yet: until they do, reading one is ErrFormat.

func isStream(t Type) bool { return t == TypeStream || t == TypeStream2 || t == TypeStream3 }

func (r *Reader) stream(Type, *keyspace.DB, []byte) (Value, error) { return Value{}, ErrFormat }
