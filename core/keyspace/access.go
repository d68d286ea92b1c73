package keyspace

import "math/rand/v2"

// A record's access clock holds the second of the last access, or, while frequencies are tracked, what Redis's LFU keeps:
//
//	8 bits unused | 16 bits the minute of the last access or decay | 8 bits a counter of accesses, on a logarithmic scale
//
// When the one takes the place of the other the bits stay and are read anew, as in Redis: it takes a while until they are right.
const freshCounter = 5 // Redis's LFU_INIT_VAL: a new key gets a chance to be used before it goes

// frequency is what counting accesses needs.
type frequency struct {
	factor int    // the larger, the more accesses a step of the counter takes
	decay  int    // minutes after which the counter of a key that is not used falls by one; 0: never
	minute uint32 // now, 16 bits
	chance *rand.Rand
}

// TrackFrequency makes the access clocks count accesses, or with on false hold the time of the last one. logFactor and decayMinutes are
// lfu-log-factor and lfu-decay-time.
func (ks *Keyspace) TrackFrequency(on bool, logFactor, decayMinutes int, chance *rand.Rand) {
	sp := ks.space
	sp.lfu = nil
	if on {
		sp.lfu = &frequency{factor: logFactor, decay: decayMinutes, chance: chance}
	}
	sp.setClock(sp.clock)
}

// TracksFrequency tells whether accesses are counted.
func (ks *Keyspace) TracksFrequency() bool { return ks.space.lfu != nil }

// SetClock sets the access clock (seconds) that Touch and new entries are stamped with.
func (ks *Keyspace) SetClock(unixSeconds int64) { ks.space.setClock(uint32(unixSeconds)) }

func (sp *space) setClock(seconds uint32) {
	sp.clock, sp.fresh = seconds, seconds
	if sp.lfu != nil {
		sp.lfu.minute = seconds / 60 & 0xffff
		sp.fresh = sp.lfu.stamp(freshCounter)
	}
}

// accessed is the clock of a record that is accessed now.
func (sp *space) accessed(was uint32) uint32 {
	if sp.lfu == nil {
		return sp.clock
	}
	return sp.lfu.accessed(was)
}

// rewritten is the clock of a record that is written anew. What finds it for that has counted the access.
func (sp *space) rewritten(was uint32) uint32 {
	if sp.lfu == nil {
		return sp.clock
	}
	return was
}

func (f *frequency) stamp(counter uint32) uint32 { return f.minute<<8 | counter }

// counter is the counter of a clock, less what it lost since.
func (f *frequency) counter(clock uint32) uint32 {
	n, then := clock&0xff, clock>>8&0xffff
	if f.decay == 0 {
		return n
	}
	passed := f.minute - then
	if f.minute < then { // the 16 bits ran over
		passed += 0xffff
	}
	return n - min(n, passed/uint32(f.decay))
}

// accessed counts an access: the higher the counter, the less likely it rises.
func (f *frequency) accessed(was uint32) uint32 {
	n := f.counter(was)
	if n < 255 {
		above := float64(n - min(n, freshCounter))
		if f.chance.Float64() < 1/(above*float64(f.factor)+1) {
			n++
		}
	}
	return f.stamp(n)
}

// Touch marks an access.
func (e Entry) Touch() {
	sl := e.s.slot(e.i)
	sl.clock = e.db.ks.space.accessed(sl.clock)
}

// Idle is the time since the last access, in seconds; it means nothing while frequencies are tracked.
func (e Entry) Idle() int64 { return e.db.ks.space.idle(e.s.slot(e.i).clock) }

func (sp *space) idle(clock uint32) int64 { return max(0, int64(sp.clock)-int64(clock)) }

// SetIdle makes the last access be so many seconds ago. It does nothing while frequencies are tracked.
func (e Entry) SetIdle(seconds int64) {
	if sp := e.db.ks.space; sp.lfu == nil {
		e.s.slot(e.i).clock = uint32(max(0, int64(sp.clock)-max(0, seconds)))
	}
}

// Frequency is the counter of accesses, 0 … 255; 0 unless frequencies are tracked.
func (e Entry) Frequency() int { return e.db.ks.space.frequency(e.s.slot(e.i).clock) }

func (sp *space) frequency(clock uint32) int {
	if sp.lfu == nil {
		return 0
	}
	return int(sp.lfu.counter(clock))
}

// SetFrequency sets the counter of accesses. It does nothing unless frequencies are tracked.
func (e Entry) SetFrequency(n uint8) {
	if f := e.db.ks.space.lfu; f != nil {
		e.s.slot(e.i).clock = f.stamp(uint32(n))
	}
}
