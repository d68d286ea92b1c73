package core

import (
	"bytes"

	"tabdis/core/aof"
)

// A page on the web can make a browser send HTTP to any port of the user's machine; its body would be run as inline commands.
// So a session that says POST or Host:, as every such request does before its body, is ended before anything else of it runs.

// speaksHTTP tells whether a command that does not exist is the beginning of a request line or header.
func speaksHTTP(name []byte) bool {
	return bytes.EqualFold(name, []byte("post")) || bytes.EqualFold(name, []byte("host:"))
}

// attackEvery is how often one is logged, in ms: an attacker must not fill the log either.
const attackEvery = 60_000

// repel ends the session without a reply.
func (s *Session) repel() {
	e := s.e
	s.CloseAfterReply()
	if e.attacked == 0 || e.now-e.attacked >= attackEvery {
		e.attacked = e.now
		e.logLine(aof.Warning, "A client speaks HTTP (POST or Host:), perhaps a web page that attacks this server through a browser. Connection from "+s.opts.Addr+" aborted.")
	}
}
