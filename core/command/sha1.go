package command

import "math/bits"

// sha1 is the hash of FIPS 180-4 (RFC 3174). DEBUG DIGEST needs it and nothing else here does; the standard library's comes
// with much of crypto behind it, which a download should not carry. It protects nothing.
func sha1(data []byte) (sum digest) {
	h := [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}
	rest := data
	for ; len(rest) >= 64; rest = rest[64:] {
		sha1Block(&h, rest)
	}
	var tail [128]byte // the rest, a bit, zeros, the length in bits
	n := copy(tail[:], rest)
	tail[n] = 0x80
	end := 64
	if n >= 56 {
		end = 128
	}
	length := uint64(len(data)) * 8
	putUint32(tail[end-8:], uint32(length>>32))
	putUint32(tail[end-4:], uint32(length))
	for i := 0; i < end; i += 64 {
		sha1Block(&h, tail[i:])
	}
	for i, x := range h {
		putUint32(sum[4*i:], x)
	}
	return sum
}

// putUint32 writes x big endian; encoding/binary would bring reflect.
func putUint32(b []byte, x uint32) {
	b[0], b[1], b[2], b[3] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
}

func sha1Block(h *[5]uint32, p []byte) {
	var w [80]uint32
	for i := range 16 {
		b := p[4*i : 4*i+4]
		w[i] = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	for i := 16; i < 80; i++ {
		w[i] = bits.RotateLeft32(w[i-3]^w[i-8]^w[i-14]^w[i-16], 1)
	}
	a, b, c, d, e := h[0], h[1], h[2], h[3], h[4]
	for i, x := range w {
		var f, k uint32
		switch i / 20 {
		case 0:
			f, k = b&c|^b&d, 0x5a827999
		case 1:
			f, k = b^c^d, 0x6ed9eba1
		case 2:
			f, k = b&c|b&d|c&d, 0x8f1bbcdc
		default:
			f, k = b^c^d, 0xca62c1d6
		}
		a, b, c, d, e = bits.RotateLeft32(a, 5)+f+e+k+x, a, bits.RotateLeft32(b, 30), c, d
	}
	h[0], h[1], h[2], h[3], h[4] = h[0]+a, h[1]+b, h[2]+c, h[3]+d, h[4]+e
}
