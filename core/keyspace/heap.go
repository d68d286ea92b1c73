package keyspace

// heapPool recycles the heaps of segments by their size. A heap that was given up is not reused before the next change of a table begins:
// what a change is made of (a key, a value) may lie in it.
type heapPool struct {
	free    [len(heapSizes)][][]byte
	retired [][]byte
	bytes   int64 // of all that is here
	limit   int64 // that are kept
}

// poolSpare is how much the pool may hold whatever the size of the keyspace; poolBusy that much before somebody looks at what there is, as
// while a log is loaded.
const (
	poolSpare = 1 << 17
	poolBusy  = 1 << 20
)

// heapSizes are sizes in which Go's allocator serves such requests without waste (runtime/sizeclasses.go), and above them whole pages. Of the
// sizes above 7 KiB only those are here of which few share a run of pages: where all values grow, sizes come and go, and what stays behind
// keeps its run.
var heapSizes = [...]int{64, 128, 256, 384, 512, 640, 768, 1024, 1152, 1280, 1536, 1792, 2048, 2304, 2688, 3072, 3456, 4096, 4864, 5376,
	6144, 6912, 8192, 10880, 12288, 16384, 20480, 24576, 28672, 32768, 40960, 49152, 57344, 65536,
	73728, 81920, 98304, 114688, 131072}

const maxPooled = 131072

func sizeClass(n int) int {
	lo, hi := 0, len(heapSizes)-1
	for lo < hi {
		if mid := (lo + hi) / 2; heapSizes[mid] < n {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// get is an empty heap with room for n bytes.
func (p *heapPool) get(n int) []byte {
	if n > maxPooled {
		return make([]byte, 0, (n+n/8+8191)&^8191)
	}
	c := sizeClass(n)
	if k := len(p.free[c]); k > 0 {
		b := p.free[c][k-1]
		p.free[c][k-1] = nil
		p.free[c] = p.free[c][:k-1]
		p.bytes -= int64(cap(b))
		return b
	}
	return make([]byte, 0, heapSizes[c])
}

// put gives a heap up.
func (p *heapPool) put(b []byte) {
	if cap(b) > 0 && cap(b) <= maxPooled {
		p.retired = append(p.retired, b[:0])
	}
}

// settle lets the heaps be reused that were given up before.
func (p *heapPool) settle() {
	for i, b := range p.retired {
		if p.bytes < p.limit {
			c := sizeClass(cap(b))
			p.free[c] = append(p.free[c], b)
			p.bytes += int64(cap(b))
		}
		p.retired[i] = nil
	}
	p.retired = p.retired[:0]
}

// trim drops heaps, at most budget of them, until no more than keep bytes are left, and sets that as the limit.
func (p *heapPool) trim(keep int64, budget int) (more bool) {
	p.limit = keep
	for c := range p.free {
		for k := len(p.free[c]); k > 0 && p.bytes > keep; k-- {
			if budget--; budget < 0 {
				return true
			}
			p.bytes -= int64(cap(p.free[c][k-1]))
			p.free[c][k-1] = nil
			p.free[c] = p.free[c][:k-1]
		}
	}
	return false
}
