package core

import (
	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/resp"
)

const errShutdown resp.Error = "ERR Errors trying to SHUTDOWN. Check logs."

// Shutdown is SHUTDOWN: every session ends, and the host is asked to close the engine behind this turn. A log that takes
// nothing any more would lose what it has not been given; then it happens only by force. Before that an RDB file is saved, if SAVE or the
// save points ask for one.
func (e *Engine) Shutdown(save, nosave, force bool) error {
	if e.opts.Shutdown == nil || e.loading {
		return resp.Error("ERR SHUTDOWN is not for this store: the page that opened it closes it")
	}
	if !force && !nosave && e.logging() {
		if why := e.log.Refusing(); why != nil {
			e.Log(aof.Warning, "What was written last is not in the append only file, can't exit: "+why.Error()+" (SHUTDOWN FORCE does, and it may be lost)")
			return errShutdown
		}
	}
	if err := e.lastSave(save, nosave); err != nil && !force {
		return errShutdown
	}
	e.saver.decided = true
	e.Sessions(func(s command.Session) bool {
		e.Kill(s)
		return true
	})
	e.opts.Shutdown()
	return nil
}
