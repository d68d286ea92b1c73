package conformance

// difference is a reply in which Redis 7.2 differs from the 7.0 that the scripts are compared with.
type difference struct {
	reply  string // ours, in either protocol
	source string // where it is documented
}

// differences are all that is known; any other mismatch fails.
var differences = map[string]difference{
	"bitcount-unit": {
		"-ERR syntax error\r\n",
		"redis/redis#11734: BITCOUNT reads all its words before it answers",
	},
	"migrate": {
		"-ERR MIGRATE is not possible here: no other server can be reached. Use DUMP here and RESTORE there.\r\n",
		"it has nobody to connect to",
	},
	"lpos-rank-min": {
		"-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n",
		"redis/redis#12167: the least RANK overflowed into -1",
	},
}
