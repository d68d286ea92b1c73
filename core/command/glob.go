package command

// Match tells whether s matches a pattern, byte for byte: a channel, or a name with the patterns of ACL.
func Match(pattern, s []byte) bool { return globMatch(pattern, s, false) }

// globMatch tells whether s matches a pattern of Redis's kind:
//
//   - any bytes, none too        ?       one byte
//     [abc]   one of these               [^abc]  none of these
//     [a-z]   a range, either way round  \x      x itself
//
// A class that is not closed ends with the pattern. Bytes of a range compare as signed, as C's char does on the
// machines Redis runs on. nocase compares letters without regard to case.
//
// Only the last * is ever tried again: when what follows it fits nowhere, no longer match of an earlier one helps. So the time is at
// most len(pattern) × len(s).
func globMatch(pattern, s []byte, nocase bool) bool {
	if len(s) == 0 {
		return len(pattern) == 0 // Redis doesn't even let * match an empty name
	}
	p, i := 0, 0
	star, from := -1, 0 // the pattern behind the last *, and where in s it is being tried
	for {
		if p < len(pattern) && pattern[p] == '*' && i < len(s) {
			for p < len(pattern) && pattern[p] == '*' {
				p++
			}
			if p == len(pattern) {
				return true
			}
			star, from = p, i
			continue
		}
		if i == len(s) {
			for p < len(pattern) && pattern[p] == '*' {
				p++
			}
			if p == len(pattern) {
				return true
			}
			return false // less of s only would be left to match the same rest
		}
		if p < len(pattern) {
			if n, ok := globOne(pattern[p:], s[i], nocase); ok {
				p += n
				i++
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		p, i = star, from
	}
}

// globOne matches the byte b with what stands at the start of pattern, which is not *, and tells how long that is.
func globOne(pattern []byte, b byte, nocase bool) (n int, ok bool) {
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		return globClass(pattern, b, nocase)
	case '\\':
		if len(pattern) >= 2 {
			return 2, sameByte(pattern[1], b, nocase)
		}
	}
	return 1, sameByte(pattern[0], b, nocase)
}

func globClass(pattern []byte, b byte, nocase bool) (n int, ok bool) {
	i := 1
	not := i < len(pattern) && pattern[i] == '^'
	if not {
		i++
	}
	for ; i < len(pattern) && pattern[i] != ']'; i++ {
		switch rest := pattern[i:]; {
		case len(rest) >= 2 && rest[0] == '\\':
			i++
			ok = ok || rest[1] == b
		case len(rest) >= 3 && rest[1] == '-':
			i += 2
			ok = ok || inRange(rest[0], rest[2], b, nocase)
		default:
			ok = ok || sameByte(rest[0], b, nocase)
		}
	}
	return min(i+1, len(pattern)), ok != not
}

func inRange(lo, hi, b byte, nocase bool) bool {
	x, y, z := int8(lo), int8(hi), int8(b)
	if x > y {
		x, y = y, x
	}
	if nocase {
		x, y, z = int8(lower(byte(x))), int8(lower(byte(y))), int8(lower(byte(z)))
	}
	return x <= z && z <= y
}

func sameByte(x, y byte, nocase bool) bool {
	return x == y || nocase && lower(x) == lower(y)
}
