package rdb

// A file:
//
//	"REDIS" and the version in 4 digits | part …
//
//	part: 250 name string | value string                   a word about the file: who wrote it, and when
//	      254 database length                              that the keys behind it are in
//	      251 keys length | keys with a time length        of that database: a hint of what will come
//	      key
//	      245, 246, 247                                    of functions and modules, drawn in functions.go
//	      255 checksum u64                                 the end; the checksum of all before it, or 0
//
//	key:  [252 Unix ms u64, or 253 Unix s u32] [248 seconds idle length, or 249 frequency u8]
//	      type u8 | key string | value
const (
	opFunction2    = 245
	opFunctionPre  = 246
	opModuleAux    = 247
	opIdle         = 248
	opFrequency    = 249
	opAux          = 250
	opResize       = 251
	opExpiryMillis = 252
	opExpirySecs   = 253
	opSelect       = 254
	opEnd          = 255
)

const magic = "REDIS"
