package conformance

// difference is a reply in which Redis 7.2 differs from the 7.0 that the scripts are compared with.
type difference struct {
	reply  string // ours, in either protocol
	source string // where it is documented
}

// differences are all that is known; any other mismatch fails. What needs Lua, another server or a module is refused, each by one error
// of our own.
var differences = map[string]difference{
	"bitcount-unit": {
		"-ERR syntax error\r\n",
		"redis/redis#11734: BITCOUNT reads all its words before it answers",
	},
	"migrate": {
		"-ERR MIGRATE is not possible here: no other server can be reached. Use DUMP here and RESTORE there.\r\n",
		"it has nobody to connect to",
	},
	"loglevel-7.2": {
		"-ERR CONFIG SET failed (possibly related to argument 'loglevel') - argument(s) must be one of the following: debug, verbose, notice, warning, nothing\r\n",
		"redis/redis#12133: the level nothing",
	},
	"lpos-rank-min": {
		"-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n",
		"redis/redis#12167: the least RANK overflowed into -1",
	},
	"no-lua": {
		"-ERR tabdis has no Lua: scripts and functions cannot run here. Use MULTI, EXEC and WATCH, or the program's own code\r\n",
		"there is no Lua here",
	},
	"no-replication": {
		"-ERR tabdis does not replicate: it neither follows another server nor feeds one\r\n",
		"there is no replication here",
	},
	"no-modules": {
		"-ERR tabdis loads no modules\r\n",
		"there are no modules here",
	},
	"no-module-named": {
		"-ERR Error unloading module: no such module with that name\r\n",
		"what Redis answers where enable-module-command allows it",
	},
}
