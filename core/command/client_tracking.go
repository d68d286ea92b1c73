package command

import (
	"slices"
	"strings"

	"tabdis/core/resp"
)

// Tracking is what CLIENT TRACKING has made of a session.
type Tracking struct {
	On, Bcast, OptIn, OptOut, NoLoop bool
	Caching                          bool     // CLIENT CACHING: the next command is an exception
	Broken                           bool     // whom it redirects to is gone
	Redirect                         int64    // the id of the session that is told instead; 0: itself
	Prefixes                         []string // of Bcast, sorted
}

// Tracker is the part of Session that client-side caching needs.
type Tracker interface {
	// Tracking is for reading, but that Caching may be set.
	Tracking() *Tracking
	// StartTracking begins, or goes on with other options and further prefixes. It has been found to fit what is in force.
	StartTracking(want Tracking)
	StopTracking()
	// CanRedirect tells whether there is a session with this id.
	CanRedirect(id int64) bool
}

const (
	errRedirectTwice  resp.Error = "ERR A client can only redirect to a single other client"
	errRedirectNobody resp.Error = "ERR The client ID you want redirect to does not exist"
	errPrefixAlone    resp.Error = "ERR PREFIX option requires BCAST mode to be enabled"
	errSwitchBcast    resp.Error = "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode."
	errOptBcast       resp.Error = "ERR OPTIN and OPTOUT are not compatible with BCAST"
	errOptBoth        resp.Error = "ERR You can't specify both OPTIN mode and OPTOUT mode"
	errSwitchOpt      resp.Error = "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."
	errCachingOff     resp.Error = "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"
	errCachingYes     resp.Error = "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."
	errCachingNo      resp.Error = "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode."
)

func cmdClientTracking(c *Call) {
	want, failed := c.parseTracking()
	if failed == "" && is(c.Args[2], "on") {
		failed = want.fits(c.Session.Tracking())
	}
	switch {
	case failed != "":
		c.W.Error(failed)
		return
	case is(c.Args[2], "on"):
		c.Session.StartTracking(want)
	case is(c.Args[2], "off"):
		c.Session.StopTracking()
	default:
		c.W.Error(resp.ErrSyntax)
		return
	}
	c.W.OK()
}

// parseTracking reads the options, in the order in which they were given; OFF may have them too.
func (c *Call) parseTracking() (want Tracking, failed resp.Error) {
	for i := 3; i < len(c.Args); i++ {
		last := i+1 == len(c.Args)
		switch w := c.Args[i]; {
		case is(w, "redirect") && !last:
			i++
			if want.Redirect != 0 {
				return want, errRedirectTwice
			}
			id, ok := parseInt(c.Args[i])
			if !ok {
				return want, resp.ErrNotInteger
			}
			if !c.Session.CanRedirect(id) {
				return want, errRedirectNobody
			}
			want.Redirect = id
		case is(w, "bcast"):
			want.Bcast = true
		case is(w, "optin"):
			want.OptIn = true
		case is(w, "optout"):
			want.OptOut = true
		case is(w, "noloop"):
			want.NoLoop = true
		case is(w, "prefix") && !last:
			i++
			want.Prefixes = append(want.Prefixes, string(c.Args[i]))
		default:
			return want, resp.ErrSyntax
		}
	}
	return want, ""
}

// fits tells what forbids the options, by themselves or behind those in force.
func (want *Tracking) fits(now *Tracking) resp.Error {
	switch {
	case !want.Bcast && len(want.Prefixes) > 0:
		return errPrefixAlone
	case now.On && now.Bcast != want.Bcast:
		return errSwitchBcast
	case want.Bcast && (want.OptIn || want.OptOut):
		return errOptBcast
	case want.OptIn && want.OptOut:
		return errOptBoth
	case want.OptIn && now.OptOut, want.OptOut && now.OptIn:
		return errSwitchOpt
	}
	return overlaps(want.Prefixes, now.Prefixes)
}

// overlaps finds a prefix that would be told of the same keys as another one. Redis answers twice when the overlap is not one of the first
// new prefix, with the error and with OK, and tracks them; here there is one answer, and nothing is begun.
func overlaps(prefixes, old []string) resp.Error {
	all := slices.Concat(prefixes, old)
	slices.Sort(all)
	fine := true
	for i := 1; i < len(all) && fine; i++ {
		fine = !strings.HasPrefix(all[i], all[i-1])
	}
	if fine {
		return ""
	}
	const rule = ". Prefixes for a single client must not overlap."
	for i, p := range prefixes {
		if i*len(all) > overlapSearch {
			return "ERR Prefixes for a single client must not overlap."
		}
		for _, other := range old {
			if overlap(p, other) {
				return resp.Error("ERR Prefix '" + CString([]byte(p)) + "' overlaps with an existing prefix '" + CString([]byte(other)) + "'" + rule)
			}
		}
		for _, other := range prefixes[i+1:] {
			if overlap(p, other) {
				return resp.Error("ERR Prefix '" + CString([]byte(p)) + "' overlaps with another provided prefix '" + CString([]byte(other)) + "'" + rule)
			}
		}
	}
	return ""
}

// overlapSearch is how many pairs are looked at to find Redis's words for what is wrong.
const overlapSearch = 1 << 20

func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

func cmdClientCaching(c *Call) {
	t, yes, no := c.Session.Tracking(), is(c.Args[2], "yes"), is(c.Args[2], "no")
	switch {
	case !t.On:
		c.W.Error(errCachingOff)
	case yes && !t.OptIn:
		c.W.Error(errCachingYes)
	case no && !t.OptOut:
		c.W.Error(errCachingNo)
	case !yes && !no:
		c.W.Error(resp.ErrSyntax)
	default:
		t.Caching = true
		c.W.OK()
	}
}

func cmdClientGetredir(c *Call) { c.W.Int(c.Session.Tracking().Redirection()) }

// Redirection is the id that CLIENT GETREDIR and CLIENT LIST tell.
func (t *Tracking) Redirection() int64 {
	if !t.On {
		return -1
	}
	return t.Redirect
}

func cmdClientTrackinginfo(c *Call) {
	t := c.Session.Tracking()
	var flags []string
	for _, f := range []struct {
		name string
		on   bool
	}{
		{"on", t.On}, {"off", !t.On}, {"bcast", t.Bcast},
		{"optin", t.OptIn}, {"caching-yes", t.OptIn && t.Caching}, {"optout", t.OptOut}, {"caching-no", t.OptOut && t.Caching},
		{"noloop", t.NoLoop}, {"broken_redirect", t.Broken},
	} {
		if f.on {
			flags = append(flags, f.name)
		}
	}
	c.W.Map(3)
	c.W.BulkString("flags")
	c.W.Set(len(flags))
	for _, name := range flags {
		c.W.BulkString(name)
	}
	c.W.BulkString("redirect")
	c.W.Int(t.Redirection())
	c.W.BulkString("prefixes")
	c.W.Array(len(t.Prefixes))
	for _, p := range t.Prefixes {
		c.W.BulkString(p)
	}
}
