package resp

// Error is a reply of the error type, without the leading '-' and the CRLF: "ERR syntax error",
// "WRONGTYPE Operation against …". Its first word is the code that programs test for.
type Error string

func (e Error) Error() string { return string(e) }

// The error replies that more than one command gives, byte for byte those of Redis 7.2.
const (
	ErrSyntax       Error = "ERR syntax error"
	ErrWrongType    Error = "WRONGTYPE Operation against a key holding the wrong kind of value"
	ErrNoSuchKey    Error = "ERR no such key"
	ErrNotInteger   Error = "ERR value is not an integer or out of range"
	ErrNotPositive  Error = "ERR value is out of range, must be positive"
	ErrNotFloat     Error = "ERR value is not a valid float"
	ErrOutOfRange   Error = "ERR index out of range"
	ErrOverflow     Error = "ERR increment or decrement would overflow"
	ErrNaN          Error = "ERR resulting score is not a number (NaN)"
	ErrMinMaxFloat  Error = "ERR min or max is not a float"
	ErrMinMaxLex    Error = "ERR min or max not valid string range item"
	ErrStringTooBig Error = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	ErrSameObject   Error = "ERR source and destination objects are the same"
	ErrDBIndex      Error = "ERR DB index is out of range"
	ErrInvalidDB    Error = "ERR invalid DB index"
	ErrNoProto      Error = "NOPROTO unsupported protocol version"
	ErrExecAbort    Error = "EXECABORT Transaction discarded because of previous errors."
	ErrBusyKey      Error = "BUSYKEY Target key name already exists."
	ErrOOM          Error = "OOM command not allowed when used memory > 'maxmemory'."
)
