package faultfs

import "sync"

// Injector decides what happens to an operation; nil: it goes on. It may be called from any goroutine.
type Injector interface {
	Fault(c Call) *Fault
}

// Func is an Injector that is a function.
type Func func(c Call) *Fault

// Fault calls f.
func (f Func) Fault(c Call) *Fault { return f(c) }

// Place is an Injector for some operations of a run, counted from 0.
type Place struct {
	ops   Op
	match func(Call) bool
	from  int
	count int // how many from there on fail; negative: all
	fault Fault

	mu    sync.Mutex
	seen  int
	fired int
}

// At fails the k-th of the operations in ops.
func At(k int, ops Op, fault Fault) *Place { return &Place{ops: ops, from: k, count: 1, fault: fault} }

// From fails all of the operations in ops from the k-th on.
func From(k int, ops Op, fault Fault) *Place {
	return &Place{ops: ops, from: k, count: -1, fault: fault}
}

// Some fails so many of the operations in ops, from the k-th on.
func Some(k, count int, ops Op, fault Fault) *Place {
	return &Place{ops: ops, from: k, count: count, fault: fault}
}

// Where counts only calls for which match is true.
func (p *Place) Where(match func(Call) bool) *Place {
	p.match = match
	return p
}

// Fault implements Injector.
func (p *Place) Fault(c Call) *Fault {
	if p.ops&c.Op == 0 || p.match != nil && !p.match(c) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.seen
	p.seen++
	if k < p.from || p.count >= 0 && k >= p.from+p.count {
		return nil
	}
	p.fired++
	fault := p.fault
	return &fault
}

// Fired tells whether it failed something.
func (p *Place) Fired() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fired > 0
}

// Switch is an Injector that can be turned on and off: a disk that is full for a while.
type Switch struct {
	ops   Op
	fault Fault

	mu sync.Mutex
	on bool
}

// NewSwitch makes one that is off. With ops Create|Append|Replace and storage.ErrQuota it is a full disk.
func NewSwitch(ops Op, fault Fault) *Switch { return &Switch{ops: ops, fault: fault} }

// Set turns it on or off.
func (s *Switch) Set(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = on
}

// Fault implements Injector.
func (s *Switch) Fault(c Call) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on || s.ops&c.Op == 0 {
		return nil
	}
	fault := s.fault
	return &fault
}

// First asks several; the first answer counts, and those behind it do not see the operation.
func First(injectors ...Injector) Injector {
	return Func(func(c Call) *Fault {
		for _, injector := range injectors {
			if fault := injector.Fault(c); fault != nil {
				return fault
			}
		}
		return nil
	})
}
