package opfs

import (
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cells is a device of four pages: the first two of each slot; behind them are zeros that nobody writes. A state of it is small, so that
// all schedules up to some length can be gone through.
type cells struct {
	cache, durable [4]string
	dropped        [4]bool // a failed flush has called the page clean, and no other will write it
	fail           int     // the step (write or flush) that fails; negative: none
	torn           int     // pages that a failing write still writes, or what a failing flush does
}

var zeros = string(make([]byte, page))

func blank() *cells {
	c := &cells{fail: -1}
	for i := range c.cache {
		c.cache[i], c.durable[i] = zeros, zeros
	}
	return c
}

func (c *cells) step() bool {
	c.fail--
	return c.fail == -1
}

func (c *cells) Write(p []byte, at int64) error {
	fails := c.step()
	if len(p) > 2*page { // format's zeros
		return nil
	}
	first := int(at/slotSize) * 2
	for i := 0; i*page < len(p); i++ {
		if fails && i == c.torn {
			break
		}
		part := p[i*page : min((i+1)*page, len(p))]
		c.cache[first+i] = string(part) + c.cache[first+i][len(part):]
		c.dropped[first+i] = false
	}
	if fails {
		return errDisk
	}
	return nil
}

func (c *cells) Read(p []byte, at int64) error {
	clear(p)
	first := int(at/slotSize) * 2
	copy(p, c.cache[first]+c.cache[first+1])
	return nil
}

// Flush that fails has written nothing, or all, or has dropped what it should have written.
func (c *cells) Flush() error {
	fails := c.step()
	for i := range c.cache {
		switch {
		case fails && c.torn == 0 || c.dropped[i]:
		case fails && c.torn == 1:
			c.dropped[i] = c.cache[i] != c.durable[i]
		default:
			c.durable[i] = c.cache[i]
		}
	}
	if fails {
		return errDisk
	}
	return nil
}

func (c *cells) Size() (int64, error) { return 2 * slotSize, nil }

// world is a device with a superblock on it, or with none when the power is off, and what may be found there.
type world struct {
	dev     cells
	super   *superblock // nil: closed
	allowed string      // the manifests that the next opener may find
	values  byte        // the last one given to a change
}

func (w *world) copy() *world {
	c := *w
	if w.super != nil {
		s := *w.super
		s.dev = &c.dev
		c.super = &s
	}
	return &c
}

// schedules counts what was gone through.
type schedules struct {
	t           *testing.T
	ends, opens int
}

// all goes through every schedule of so many more events: a change of the directory, or an opening, that succeeds or fails at any of its
// steps with any part of it done, and after each of them a power cut that keeps any choice of the pages that were not flushed, or
// none.
func (s *schedules) all(w *world, events int) {
	if events == 0 {
		s.ends++
		return
	}
	for _, fault := range faultsOf(4) {
		next := w.copy()
		next.dev.fail, next.dev.torn = fault[0], fault[1]
		if next.super == nil {
			s.open(next)
		} else {
			next.change()
		}
		next.dev.fail = -1
		s.all(next, events-1)
		s.cuts(next, events-1)
	}
}

// faultsOf are the steps that may fail, each with what it may have done; the first: none.
func faultsOf(steps int) (faults [][2]int) {
	faults = append(faults, [2]int{-1, 0})
	for step := range steps {
		for torn := range 3 {
			faults = append(faults, [2]int{step, torn})
		}
	}
	return faults
}

// change gives the manifest a new value.
func (w *world) change() {
	w.values++
	err := w.super.commit(with(w.super.current, w.values, 5000))
	if err == nil {
		w.allowed = string(w.values)
	} else {
		w.allowed += string(w.values)
	}
}

// open is what FS.start does; an opening that fails decides nothing.
func (s *schedules) open(w *world) {
	s.opens++
	super := &superblock{dev: &w.dev}
	found, err := super.read()
	require.NotErrorIs(s.t, err, errTwins)
	if err == nil {
		require.True(s.t, found, "no valid slot")
		d := super.current.clone()
		d.epoch++
		err = super.commit(d)
	}
	if err != nil {
		require.ErrorIs(s.t, err, errDisk)
		return
	}
	got := manifest(super)
	require.Contains(s.t, w.allowed, got)
	w.super, w.allowed = super, got
}

// cuts ends the process, and cuts the power, with each choice of what was not flushed. Whoever opens then without a fault must find what is
// allowed.
func (s *schedules) cuts(w *world, events int) {
	dead := w.copy()
	dead.super = nil
	s.open(dead.copy())
	s.all(dead, events)
	var dirty []int
	for i := range w.dev.cache {
		if w.dev.cache[i] != w.dev.durable[i] && !w.dev.dropped[i] {
			dirty = append(dirty, i)
		}
	}
	for mask := range 1 << len(dirty) {
		cut := dead.copy()
		cut.dev.dropped = [4]bool{}
		for bit, i := range dirty {
			if mask>>bit&1 == 1 {
				cut.dev.durable[i] = w.dev.cache[i]
			}
		}
		cut.dev.cache = cut.dev.durable
		s.open(cut.copy())
		s.all(cut, events)
	}
}

// TABDIS_EVENTS is how long the schedules are: 2, or 3 in full.
func TestAllSchedulesOfChangesOpeningsFaultsAndPowerCuts(t *testing.T) {
	events := 2
	if n, err := strconv.Atoi(os.Getenv("TABDIS_EVENTS")); err == nil {
		events = n
	}
	w := &world{dev: *blank(), allowed: "a", values: 'a'}
	w.super = &superblock{dev: &w.dev}
	require.NoError(t, w.super.format(with(directory{epoch: 1, nextID: 1, pool: 16, entries: map[string]entry{}}, 'a', 5000)))
	s := &schedules{t: t}
	s.all(w, events)
	t.Logf("%d events: %d schedules, %d openings", events, s.ends, s.opens)
}

// A write that tears at any multiple of 64 bytes, in either slot, of a change or of an opening.
func TestASlotTornAnywhere(t *testing.T) {
	d := newDisk()
	s := born(t, d)
	require.NoError(t, s.commit(with(s.current, 'a', 5000)))
	before := slices.Clone(d.cache)
	require.NoError(t, s.commit(with(s.current, 'b', 5000)))
	after := slices.Clone(d.cache)
	length := s.current.encodedSize()
	for cut := 0; cut < length+64; cut += 64 {
		for slot := range 2 {
			for other, wants := range map[int]string{0: "a", 1: "b"} { // what the other slot holds
				torn := &disk{cache: slices.Clone(before), steps: -1}
				if other == 1 {
					copy(torn.cache, after)
					copy(torn.cache[slot*slotSize:], before[slot*slotSize:(slot+1)*slotSize])
				}
				copy(torn.cache[slot*slotSize:slot*slotSize+cut], after[slot*slotSize:])
				if cut >= length {
					wants = "b"
				}
				assert.Equal(t, wants, manifest(reread(t, torn)), "slot %d torn at %d", slot, cut)
			}
			// Both torn: nothing is found, so that the pool files are looked at.
			torn := &disk{cache: slices.Clone(before), steps: -1}
			for i := range 2 {
				at := min(cut, length-1)
				copy(torn.cache[i*slotSize:i*slotSize+at], after[i*slotSize:])
			}
			if cut > 24 { // the generation differs: neither is whole
				found, err := (&superblock{dev: torn}).read()
				require.NoError(t, err)
				assert.False(t, found, "both torn at %d", cut)
				assert.Empty(t, torn.writes)
			}
		}
	}
}

// still is a disk that remembers nothing of its flushes.
type still struct{ disk }

func (*still) Flush() error { return nil }

// Every bit of both slots, at rest and in the middle of a change: harmless, since the other slot is there, or refused. Never anything else
// than what one of the two held.
func TestEveryBitOfBothSlots(t *testing.T) {
	d := newDisk()
	s := born(t, d)
	change := func(value byte) { require.NoError(t, s.commit(with(s.current, value, 300))) }
	change('a')
	before := slices.Clone(d.cache)
	change('b')
	rest := slices.Clone(d.cache)
	middle := slices.Clone(before)
	copy(middle[:slotSize], rest)
	alone := slices.Clone(rest)
	clear(alone[slotSize:])
	length := s.current.encodedSize()
	harmless, refused := 0, 0
	for what, cache := range map[string][]byte{"rest": rest, "middle": middle, "alone": alone} {
		for bit := range 2 * slotSize * 8 {
			at := bit / 8
			if at%slotSize > length+64 { // behind a slot's end are only zeros that nobody reads
				continue
			}
			torn := &still{disk{cache: cache, steps: -1}}
			cache[at] ^= 1 << (bit % 8)
			super := &superblock{dev: torn}
			found, err := super.read()
			switch {
			case err != nil || !found:
				refused++
				require.Equal(t, "alone", what, "bit %d", bit)
				require.Empty(t, torn.writes, "nothing was changed")
			case what == "middle" && at < length:
				harmless++
				require.Equal(t, "a", manifest(super), "bit %d", bit)
			default:
				harmless++
				require.Equal(t, "b", manifest(super), "%s, bit %d", what, bit)
			}
			cache[at] ^= 1 << (bit % 8) // the opener has written nothing that was not there
		}
	}
	t.Logf("%d bits: %d harmless, %d refused, 0 silently wrong", harmless+refused, harmless, refused)
}
