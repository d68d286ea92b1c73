package aof

import (
	"strconv"

	"tabdis/core/keyspace"
)

// stream writes parts of a stream as the commands with which Redis rewrites one.
func (w *commandWriter) stream(key []byte, items *keyspace.Items) {
	for items.Next() {
		switch r := items.Stream(); r.Kind {
		case keyspace.StreamEntryRecord:
			w.words(3+len(r.Fields), "XADD")
			w.b = appendBulk(w.b, key)
			w.id(r.ID)
			for _, f := range r.Fields {
				w.b = appendBulk(w.b, f)
			}
		case keyspace.StreamStateRecord:
			w.streamState(key, r)
		case keyspace.StreamGroupRecord:
			w.words(7, "XGROUP", "CREATE")
			w.b = appendBulk(w.b, key)
			w.text(r.Group)
			w.id(r.ID)
			w.text("ENTRIESREAD")
			w.text(strconv.FormatInt(r.Read, 10))
		case keyspace.StreamConsumerRecord:
			if r.Pending == 0 { // others are made by what they have pending
				w.words(5, "XGROUP", "CREATECONSUMER")
				w.b = appendBulk(w.b, key)
				w.text(r.Group)
				w.text(r.Consumer)
			}
		case keyspace.StreamPendingRecord:
			w.words(12, "XCLAIM")
			w.b = appendBulk(w.b, key)
			w.text(r.Group)
			w.text(r.Consumer)
			w.text("0")
			w.id(r.ID)
			w.text("TIME")
			w.text(strconv.FormatInt(r.Delivery.Time, 10))
			w.text("RETRYCOUNT")
			w.text(strconv.FormatUint(r.Delivery.Count, 10))
			w.text("JUSTID")
			w.text("FORCE")
		}
	}
}

// streamState writes the counters of a stream; one without entries begins with one that is trimmed at once.
func (w *commandWriter) streamState(key []byte, r *keyspace.StreamRecord) {
	if r.Entries == 0 {
		w.words(7, "XADD")
		w.b = appendBulk(w.b, key)
		for _, word := range []string{"MAXLEN", "0", "0-1", "x", "y"} {
			w.text(word)
		}
	}
	w.words(7, "XSETID")
	w.b = appendBulk(w.b, key)
	w.id(r.ID)
	w.text("ENTRIESADDED")
	w.text(strconv.FormatUint(r.Added, 10))
	w.text("MAXDELETEDID")
	w.id(r.Deleted)
}

// words begins a command of n words with these.
//
//go:noinline
func (w *commandWriter) words(n int, words ...string) {
	w.b = append(appendInt(append(w.b, '*'), uint64(n)), '\r', '\n')
	for _, word := range words {
		w.text(word)
	}
}

//go:noinline
func (w *commandWriter) text(word string) {
	w.scratch = append(w.scratch[:0], word...)
	w.b = appendBulk(w.b, w.scratch)
}

//go:noinline
func (w *commandWriter) id(id keyspace.StreamID) {
	w.scratch = strconv.AppendUint(w.scratch[:0], id.Ms, 10)
	w.scratch = strconv.AppendUint(append(w.scratch, '-'), id.Seq, 10)
	w.b = appendBulk(w.b, w.scratch)
}
