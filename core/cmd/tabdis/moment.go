//go:build !js

package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseTime reads a moment, in Unix seconds: as such, as a date with or without a time, of the machine's zone if it names none, or as a span
// before now: -15m, -2h, -3d.
func parseTime(text string, now time.Time) (int64, error) {
	t, ok := moment(text, now)
	switch {
	case !ok:
		return 0, fmt.Errorf("%q is no time: 2006-01-02T15:04:05Z, \"2006-01-02 15:04:05\", 2006-01-02, Unix seconds, or -15m", text)
	case t.Unix() <= 0:
		return 0, fmt.Errorf("%q is before all times", text)
	}
	return t.Unix(), nil
}

func moment(text string, now time.Time) (t time.Time, ok bool) {
	if span, before := strings.CutPrefix(text, "-"); before {
		if days, ok := strings.CutSuffix(span, "d"); ok {
			n, err := strconv.Atoi(days)
			return now.AddDate(0, 0, -n), err == nil
		}
		d, err := time.ParseDuration(span)
		return now.Add(-d), err == nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(n, 0), true
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true
	}
	for _, form := range []string{"2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, text, time.Local); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
