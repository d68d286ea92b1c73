//go:build !js

package main

import (
	"strconv"
	"strings"

	"tabdis/core"
	"tabdis/core/param"
)

// setting is a parameter of the program.
type setting struct {
	core.Parameter
	multi bool   // takes several words
	idle  string // why it has no effect here; "": it has
}

// The most that a number may be, by the kinds of C.
const (
	maxInt32  = 1<<31 - 1
	maxUint32 = 1<<32 - 1
	maxInt64  = 1<<63 - 1
)

func yesNo(name string, at *bool) *setting {
	return finish(&setting{Parameter: core.Parameter{
		Name: name,
		Get:  func() string { return param.FormatBool(*at) },
		Check: func(v string) string {
			_, wrong := param.Bool(v)
			return wrong
		},
		Set: func(v string) error {
			*at, _ = param.Bool(v)
			return nil
		},
	}})
}

func integer(name string, min, max int64, at *int64) *setting {
	return finish(&setting{Parameter: core.Parameter{
		Name: name,
		Get:  func() string { return strconv.FormatInt(*at, 10) },
		Check: func(v string) string {
			_, wrong := param.Int(v, min, max)
			return wrong
		},
		Set: func(v string) error {
			*at, _ = param.Int(v, min, max)
			return nil
		},
	}})
}

func memory(name string, min int64, at *int64) *setting {
	return finish(&setting{Parameter: core.Parameter{
		Name: name, Form: core.Bytes,
		Get: func() string { return strconv.FormatInt(*at, 10) },
		Check: func(v string) string {
			_, wrong := param.Memory(v, min, maxInt64)
			return wrong
		},
		Set: func(v string) error {
			*at, _ = param.Memory(v, min, maxInt64)
			return nil
		},
	}})
}

// text is any string; check may be nil.
func text(name string, at *string, check func(v string) string) *setting {
	if check == nil {
		check = func(string) string { return "" }
	}
	return finish(&setting{Parameter: core.Parameter{
		Name: name, Form: core.Quoted, Check: check,
		Get: func() string { return *at },
		Set: func(v string) error {
			*at, _, _ = strings.Cut(v, "\x00") // strings of C end there
			return nil
		},
	}})
}

func oneOf(name string, at *string, names ...string) *setting {
	return finish(&setting{Parameter: core.Parameter{
		Name: name,
		Get:  func() string { return *at },
		Check: func(v string) string {
			_, wrong := param.OneOf(v, names)
			return wrong
		},
		Set: func(v string) error {
			i, _ := param.OneOf(v, names)
			*at = names[i]
			return nil
		},
	}})
}

// special is a parameter of several words with functions of its own.
func special(name string, get func() string, check func(v string) string, set func(v string) error) *setting {
	s := finish(&setting{Parameter: core.Parameter{Name: name, Get: get, Check: check, Set: set}})
	s.multi = true
	return s
}

// finish notes what the value is at first.
func finish(s *setting) *setting {
	s.Default = s.Get()
	return s
}

func (s *setting) immutable() *setting {
	s.Immutable = true
	return s
}

func (s *setting) alias(name string) *setting {
	s.Alias = name
	return s
}

// then calls apply when a value was set; if that fails the old one is set again.
func (s *setting) then(apply func() error) *setting {
	set := s.Set
	s.Set = func(v string) error {
		before := s.Get()
		if err := set(v); err != nil {
			return err
		}
		err := apply()
		if err != nil {
			return restore(set, before, err)
		}
		return nil
	}
	return s
}

func restore(set func(v string) error, before string, cause error) error {
	if err := set(before); err != nil {
		return err
	}
	return cause
}

// refused lets the parameter have no other value than its first: another would promise what is not there.
func (s *setting) refused(why string) *setting {
	check := s.Check
	s.Check = func(v string) string {
		if wrong := check(v); wrong != "" {
			return wrong
		}
		if before := s.Default; !strings.EqualFold(v, before) {
			return why
		}
		return ""
	}
	return s
}

func fields(v string) []string { return strings.Fields(v) }

func equalWords(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), b)
}

func formatOctal(n int64) string { return strconv.FormatInt(n, 8) }
