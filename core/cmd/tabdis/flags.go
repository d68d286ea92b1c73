//go:build !js

package main

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"syscall"

	"tabdis/core/resp"
)

// commandLine is what serve was given: a file, standard input, and flags.
type commandLine struct {
	file  string // absolute; "" for none
	stdin bool
	flags string // as further lines of the configuration
}

// parseArgs reads serve's arguments by redis-server's rules: a first one that is no flag names the file, "-" at either end is standard input,
// and each --name begins a line, to which all that follows it belongs. The value behind a name may itself begin with dashes.
func parseArgs(args []string) (c commandLine, err error) {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		if c.file, err = filepath.Abs(args[0]); err != nil {
			return c, err
		}
		args = args[1:]
	}
	var lines []string
	open := false // a name still lacks its value
	for i, arg := range args {
		switch {
		case arg == "-" && (i == 0 || i == len(args)-1):
			c.stdin = true
		case !open && strings.HasPrefix(arg, "--"):
			line := arg[2:] + " "
			words, _ := resp.SplitWords([]byte(arg))
			open = len(words) == 1 // else name and value came as one argument
			if last := i == len(args)-1; strings.EqualFold(arg, "--save") && (last || strings.HasPrefix(args[i+1], "--")) {
				line += `""`
				open = false
			}
			lines = append(lines, line)
		default:
			open = false
			if len(lines) == 0 {
				lines = append(lines, "")
			}
			lines[len(lines)-1] += quote(arg) + " "
		}
	}
	c.flags = strings.Join(lines, "\n")
	return c, nil
}

// text is the whole configuration. The flags begin on a line of their own.
func (c *commandLine) text(stdin io.Reader) (text string, err error) {
	if c.file != "" {
		if text, err = readConf(c.file); err != nil {
			return "", err
		}
	}
	if c.stdin {
		more, err := io.ReadAll(stdin)
		if err != nil {
			return "", err
		}
		text += string(more)
	}
	if c.flags != "" {
		text += "\n" + c.flags
	}
	return text, nil
}

// quote writes s so that it is read back as one word.
func quote(s string) string {
	const digits = "0123456789abcdef"
	b := []byte{'"'}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\a':
			b = append(b, `\a`...)
		case c == '\b':
			b = append(b, `\b`...)
		case c < ' ' || c > '~':
			b = append(b, '\\', 'x', digits[c>>4], digits[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

// reason is an error as C's library words it, without the operation and the path, which the message around it names.
func reason(err error) error {
	if number := syscall.Errno(0); errors.As(err, &number) {
		text := number.Error()
		return errors.New(strings.ToUpper(text[:1]) + text[1:])
	}
	return err
}
