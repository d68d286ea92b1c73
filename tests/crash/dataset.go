package crash

import (
	"fmt"
	"slices"
	"strings"

	"tabdis/core/keyspace"
)

// dataset is all that a keyspace holds, key by key ("database/key"), in one spelling. Unlike DEBUG DIGEST it tells of times of life, and of the groups
// of streams: all that a log must bring back.
type dataset map[string]item

type item struct {
	text   string
	expiry int64 // Unix ms; 0: none
}

// datasetOf reads a keyspace, keys past their time too.
func datasetOf(ks *keyspace.Keyspace) dataset {
	all := dataset{}
	for i := range ks.Databases() {
		ks.DB(i).Each(func(e keyspace.Entry) bool {
			it := item{text: textOf(e)}
			if at := e.ExpiresAt(); at != keyspace.NoExpiry {
				it.expiry = at
			}
			all[fmt.Sprintf("%d/%s", i, e.Key())] = it
			return true
		})
	}
	return all
}

func textOf(e keyspace.Entry) string {
	parts := []string{}
	switch e.Type() {
	case keyspace.String:
		return "string " + string(e.Bytes(nil))
	case keyspace.List:
		e.List().Range(0, false, func(_ int, v []byte) bool {
			parts = append(parts, string(v))
			return true
		})
		return fmt.Sprintf("list %q", parts)
	case keyspace.Stream:
		return streamText(e.Stream())
	case keyspace.Set:
		e.Set().Each(func(m []byte) bool {
			parts = append(parts, string(m))
			return true
		})
	case keyspace.ZSet:
		e.ZSet().Each(func(m []byte, score float64) bool {
			parts = append(parts, fmt.Sprintf("%s=%v", m, score))
			return true
		})
	case keyspace.Hash:
		e.Hash().Each(func(f, v []byte) bool {
			parts = append(parts, fmt.Sprintf("%q=%q", f, v))
			return true
		})
	}
	slices.Sort(parts)
	return fmt.Sprintf("%d %q", e.Type(), parts)
}

func streamText(v *keyspace.StreamValue) string {
	var b strings.Builder
	fmt.Fprintf(&b, "stream last %v deleted %v added %d\n", v.LastID(), v.MaxDeletedID(), v.EntriesAdded())
	v.Range(keyspace.StreamID{}, keyspace.MaxStreamID, false, func(id keyspace.StreamID, fields [][]byte) bool {
		fmt.Fprintf(&b, "%v %q\n", id, fields)
		return true
	})
	for i := range v.Groups() {
		g := v.GroupAt(i)
		fmt.Fprintf(&b, "group %q last %v read %d\n", g.Name(), g.LastID(), g.EntriesRead())
		g.EachPending(keyspace.StreamID{}, func(id keyspace.StreamID, c keyspace.StreamConsumer) bool {
			d := c.Delivery(id)
			fmt.Fprintf(&b, "%v %q %d %d\n", id, c.Name(), d.Time, d.Count)
			return true
		})
		var names []string
		for k := range g.Consumers() {
			names = append(names, g.ConsumerAt(k).Name())
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "consumers %q\n", names)
	}
	return b.String()
}

// difference names a key in which two contents differ as they are seen at a time; "" when there is none.
func (c dataset) difference(other dataset, now int64) string {
	live := func(it item, there bool) bool { return there && (it.expiry == 0 || it.expiry > now) }
	check := func(key string) string {
		a, ok := c[key]
		b, ok2 := other[key]
		here, there := live(a, ok), live(b, ok2)
		if here != there || here && a != b {
			return fmt.Sprintf("%s: %v %q %d ≠ %v %q %d", key, here, a.text, a.expiry, there, b.text, b.expiry)
		}
		return ""
	}
	for key := range c {
		if d := check(key); d != "" {
			return d
		}
	}
	for key := range other {
		if _, ok := c[key]; !ok {
			if d := check(key); d != "" {
				return d
			}
		}
	}
	return ""
}
