// Package rdb encodes and decodes values in the format of Redis's RDB files, of which a DUMP payload is one value.
//
// The source of the format is https://github.com/sripathikrishnan/redis-rdb-tools/wiki/Redis-RDB-Dump-File-Format for versions up to 7,
// and what redis-server 7.0 writes for the later ones.
//
//	payload:  type u8 | value | version u16 | checksum u64        CRC-64 (Jones) of all before it
//
//	length:   00nnnnnn                    n
//	          01nnnnnn n                  14 bits, big endian
//	          10000000 n n n n            32 bits, big endian
//	          10000001 n × 8              64 bits, big endian
//	          11eeeeee                    no length but an encoding of a string: e
//	string:   length | bytes
//	          11000000 i                  decimal text of an integer of 8 bits; 11000001: 16, 11000010: 32, little endian
//	          11000011 | length c | length n | c bytes, which LZF expands to n
//
//	type 0  string      string
//	     1  list        length n | n × string
//	     2  set         length n | n × string
//	     3  zset        length n | n × (string | score)           score: length u8 and its text; 253: nan, 254: inf, 255: -inf
//	     4  hash        length n | n × (field string | value string)
//	     5  zset 2      length n | n × (string | score f64)
//	     9  hash        string: a zipmap
//	    10  list        string: a ziplist
//	    11  set         string: an intset
//	    12  zset        string: a ziplist of member, score …
//	    13  hash        string: a ziplist of field, value …
//	    14  quicklist   length n | n × string: a ziplist
//	    16  hash        string: a listpack
//	    17  zset        string: a listpack
//	    18  quicklist 2 length n | n × (length 1 | string: an element, or length 2 | string: a listpack)
//	    15, 19, 21      a stream, drawn in stream.go              21: since version 11
//	    20  set         string: a listpack                        since version 11
//
// Numbers without another word are little endian. Collections have elements, but for streams: an empty one is damage. Intset and listpack are drawn in
// core/keyspace, which keeps values in the same form; ziplist.go draws their ancestors, lzf.go the compression.
//
// What is read may come from anywhere. Everything is checked (Redis's sanitize-dump-payload yes), nothing is allocated that the bytes
// have not paid for, and nothing is stored before the whole value was read.
//
// A Reader takes bytes in memory or a stream. FileWriter and ReadFile are for whole files, drawn in file.go.
package rdb
