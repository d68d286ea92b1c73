// Package param reads the values of parameters as redis.conf and CONFIG SET give them: "yes", "64mb", "everysec". What is wrong with a value
// is told in the words that Redis answers; "" means nothing is.
package param

import (
	"strconv"
	"strings"
)

// NotMemory is what is wrong with a value that is no number of bytes.
const NotMemory = "argument must be a memory value"

// Bool reads yes or no.
func Bool(v string) (on bool, wrong string) {
	switch {
	case strings.EqualFold(v, "yes"):
		return true, ""
	case strings.EqualFold(v, "no"):
		return false, ""
	}
	return false, "argument must be 'yes' or 'no'"
}

// FormatBool is the other way round.
func FormatBool(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

// Int reads a number in its only form: no plus sign, no leading zeros.
func Int(v string, min, max int64) (n int64, wrong string) {
	n, err := strconv.ParseInt(v, 10, 64)
	switch {
	case err != nil || strconv.FormatInt(n, 10) != v:
		return 0, "argument couldn't be parsed into an integer"
	case n < min || n > max:
		return 0, outside(min, max, 10)
	}
	return n, ""
}

// Octal reads the mode of a file.
func Octal(v string, max int64) (n int64, wrong string) {
	n, err := strconv.ParseInt(v, 8, 64)
	switch {
	case err != nil:
		return 0, "argument couldn't be parsed as an octal number"
	case n < 0 || n > max:
		return 0, outside(0, max, 8)
	}
	return n, ""
}

// outside is what is wrong with a number that is none of those allowed.
func outside(min, max int64, base int) string {
	return "argument must be between " + strconv.FormatInt(min, base) + " and " + strconv.FormatInt(max, base) + " inclusive"
}

// Memory reads "100", "64mb", "1g": k, m, g are powers of 1000, kb, mb, gb of 1024. Like Redis it takes no digits for 0.
func Memory(v string, min, max int64) (n int64, wrong string) {
	digits := 0
	for digits < len(v) && '0' <= v[digits] && v[digits] <= '9' {
		digits++
	}
	unit := unitOf(v[digits:])
	if unit == 0 || digits > 127 {
		return 0, NotMemory
	}
	if digits > 0 {
		var err error
		if n, err = strconv.ParseInt(v[:digits], 10, 64); err != nil || n > (1<<63-1)/unit {
			return 0, outside(min, max, 10)
		}
	}
	if n *= unit; n < min || n > max {
		return 0, outside(min, max, 10)
	}
	return n, ""
}

func unitOf(name string) int64 {
	switch strings.ToLower(name) {
	case "", "b":
		return 1
	case "k":
		return 1000
	case "kb":
		return 1 << 10
	case "m":
		return 1000 * 1000
	case "mb":
		return 1 << 20
	case "g":
		return 1000 * 1000 * 1000
	case "gb":
		return 1 << 30
	}
	return 0
}

// OneOf finds the name that v is, in any case.
func OneOf(v string, names []string) (i int, wrong string) {
	for i, n := range names {
		if strings.EqualFold(v, n) {
			return i, ""
		}
	}
	return -1, "argument(s) must be one of the following: " + strings.Join(names, ", ")
}
