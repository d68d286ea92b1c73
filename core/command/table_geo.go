package command

// geoKey is the key that a command reads places from.
var geoKey = []KeySpec{{Flags: KeyRO | KeyAccess, Begin: at(1), Find: keyRange(0, 1, 0)}}

// geoRadiusKeys are the keys of the searches of old, whose options begin at a word.
func geoRadiusKeys(options int) []KeySpec {
	return append(geoKey[:1:1],
		KeySpec{Flags: KeyOW | KeyUpdate, Begin: keyword("store", options), Find: keyRange(0, 1, 0)},
		KeySpec{Flags: KeyOW | KeyUpdate, Begin: keyword("storedist", options), Find: keyRange(0, 1, 0)})
}

var (
	argKey   = Arg{Name: "key", Type: ArgKey, HasSpec: true}
	geoUnits = []Arg{
		{Name: "m", Type: ArgPureToken, Token: "M"},
		{Name: "km", Type: ArgPureToken, Token: "KM"},
		{Name: "ft", Type: ArgPureToken, Token: "FT"},
		{Name: "mi", Type: ArgPureToken, Token: "MI"},
	}
	argGeoUnit = Arg{Name: "unit", Type: ArgOneOf, Args: geoUnits}
	argGeoFrom = Arg{Name: "from", Type: ArgOneOf, Args: []Arg{
		{Name: "member", Type: ArgString, Token: "FROMMEMBER"},
		{Name: "fromlonlat", Type: ArgBlock, Token: "FROMLONLAT", Args: []Arg{
			{Name: "longitude", Type: ArgDouble},
			{Name: "latitude", Type: ArgDouble},
		}},
	}}
	argGeoBy = Arg{Name: "by", Type: ArgOneOf, Args: []Arg{
		{Name: "circle", Type: ArgBlock, Args: []Arg{
			{Name: "radius", Type: ArgDouble, Token: "BYRADIUS"},
			argGeoUnit,
		}},
		{Name: "box", Type: ArgBlock, Args: []Arg{
			{Name: "width", Type: ArgDouble, Token: "BYBOX"},
			{Name: "height", Type: ArgDouble},
			argGeoUnit,
		}},
	}}
	argGeoOrder = Arg{Name: "order", Type: ArgOneOf, Flags: Optional, Args: []Arg{
		{Name: "asc", Type: ArgPureToken, Token: "ASC"},
		{Name: "desc", Type: ArgPureToken, Token: "DESC"},
	}}
	argGeoStore = Arg{Name: "store", Type: ArgOneOf, Flags: Optional, Args: []Arg{
		{Name: "storekey", Display: "key", Type: ArgKey, Token: "STORE", HasSpec: true, KeySpec: 1},
		{Name: "storedistkey", Display: "key", Type: ArgKey, Token: "STOREDIST", HasSpec: true, KeySpec: 2},
	}}
)

// argGeoCount is COUNT; ANY came to some commands later.
func argGeoCount(anySince string) Arg {
	return Arg{Name: "count-block", Type: ArgBlock, Flags: Optional, Args: []Arg{
		{Name: "count", Type: ArgInteger, Token: "COUNT"},
		{Name: "any", Type: ArgPureToken, Token: "ANY", Flags: Optional, Since: anySince},
	}}
}

func argGeoWith(what, token string) Arg {
	return Arg{Name: what, Type: ArgPureToken, Token: token, Flags: Optional}
}

// geoRadiusArgs are the words of the searches of old between key and STORE.
func geoRadiusArgs(from []Arg, anySince string, store ...Arg) []Arg {
	args := append([]Arg{argKey}, from...)
	args = append(args, Arg{Name: "radius", Type: ArgDouble}, argGeoUnit,
		argGeoWith("withcoord", "WITHCOORD"), argGeoWith("withdist", "WITHDIST"), argGeoWith("withhash", "WITHHASH"),
		argGeoCount(anySince), argGeoOrder)
	return append(args, store...)
}

var (
	geoFromPlace  = []Arg{{Name: "longitude", Type: ArgDouble}, {Name: "latitude", Type: ArgDouble}}
	geoFromMember = []Arg{{Name: "member", Type: ArgString}}
)

const (
	geoSearchCost = "O(N+log(M)), N elements in the cells around the shape, M inside the shape"
	geoRadiusCost = "O(N+log(M)), N elements in the cells around the circle, M in the sorted set"
	upperUnits    = "Units may be in upper case."
	countAny      = "COUNT takes ANY."
)

var geoCommands = []*Command{
	{
		Name: "geoadd", Arity: -5, Flags: Write | DenyOOM,
		Group: "geo", Since: "3.2.0", Complexity: "O(log N) for each place",
		Summary:    "Adds members at places on the map to a sorted set, or moves them.",
		History:    [][2]string{{"6.2.0", "New: CH, NX, XX."}},
		Categories: CatGeo,
		Keys:       []KeySpec{{Flags: KeyRW | KeyUpdate, Begin: at(1), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			argKey,
			{Name: "condition", Type: ArgOneOf, Flags: Optional, Since: "6.2.0", Args: []Arg{
				{Name: "nx", Type: ArgPureToken, Token: "NX"},
				{Name: "xx", Type: ArgPureToken, Token: "XX"},
			}},
			{Name: "change", Type: ArgPureToken, Token: "CH", Flags: Optional, Since: "6.2.0"},
			{Name: "data", Type: ArgBlock, Flags: Multiple, Args: []Arg{
				{Name: "longitude", Type: ArgDouble},
				{Name: "latitude", Type: ArgDouble},
				{Name: "member", Type: ArgString},
			}},
		},
		Do: cmdGeoadd,
	},
	{
		Name: "geodist", Arity: -4, Flags: ReadOnly,
		Group: "geo", Since: "3.2.0", Complexity: "O(1)",
		Summary:    "Tells how far two members are from each other.",
		Categories: CatGeo,
		Keys:       geoKey,
		Args: []Arg{
			argKey,
			{Name: "member1", Type: ArgString},
			{Name: "member2", Type: ArgString},
			{Name: "unit", Type: ArgOneOf, Flags: Optional, Args: geoUnits},
		},
		Do: cmdGeodist,
	},
	{
		Name: "geohash", Arity: -2, Flags: ReadOnly,
		Group: "geo", Since: "3.2.0", Complexity: "O(1) for each member",
		Summary:    "Gives the places of members as geohashes of 11 letters.",
		Categories: CatGeo,
		Keys:       geoKey,
		Args:       []Arg{argKey, {Name: "member", Type: ArgString, Flags: Optional | Multiple}},
		Do:         cmdGeohash,
	},
	{
		Name: "geopos", Arity: -2, Flags: ReadOnly,
		Group: "geo", Since: "3.2.0", Complexity: "O(1) for each member",
		Summary:    "Gives the longitudes and latitudes of members.",
		Categories: CatGeo,
		Keys:       geoKey,
		Args:       []Arg{argKey, {Name: "member", Type: ArgString, Flags: Optional | Multiple}},
		Do:         cmdGeopos,
	},
	{
		Name: "georadius", Arity: -6, Flags: Write | DenyOOM | MovableKeys | Grows,
		Group: "geo", Since: "3.2.0", Complexity: geoRadiusCost,
		Summary:         "Finds the members in a circle around a place, and may store them.",
		DocFlags:        []string{"deprecated"},
		DeprecatedSince: "6.2.0", ReplacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with `BYRADIUS`",
		History:    [][2]string{{"6.2.0", countAny}, {"7.0.0", upperUnits}},
		Categories: CatGeo,
		Keys:       geoRadiusKeys(6),
		Args:       geoRadiusArgs(geoFromPlace, "6.2.0", argGeoStore),
		GetKeys:    geoRadiusGetKeys,
		Do:         cmdGeoradius,
	},
	{
		Name: "georadius_ro", Arity: -6, Flags: ReadOnly,
		Group: "geo", Since: "3.2.10", Complexity: geoRadiusCost,
		Summary:         "Finds the members in a circle around a place.",
		DocFlags:        []string{"deprecated"},
		DeprecatedSince: "6.2.0", ReplacedBy: "`GEOSEARCH` with `BYRADIUS`",
		History:    [][2]string{{"6.2.0", countAny}},
		Categories: CatGeo,
		Keys:       geoKey,
		Args:       geoRadiusArgs(geoFromPlace, "6.2.0"),
		Do:         cmdGeoradiusRo,
	},
	{
		Name: "georadiusbymember", Arity: -5, Flags: Write | DenyOOM | MovableKeys | Grows,
		Group: "geo", Since: "3.2.0", Complexity: geoRadiusCost,
		Summary:         "Finds the members in a circle around one of them, and may store them.",
		DocFlags:        []string{"deprecated"},
		DeprecatedSince: "6.2.0", ReplacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with `BYRADIUS` and `FROMMEMBER`",
		History:    [][2]string{{"7.0.0", upperUnits}},
		Categories: CatGeo,
		Keys:       geoRadiusKeys(5),
		Args:       geoRadiusArgs(geoFromMember, "", argGeoStore),
		GetKeys:    geoRadiusGetKeys,
		Do:         cmdGeoradiusbymember,
	},
	{
		Name: "georadiusbymember_ro", Arity: -5, Flags: ReadOnly,
		Group: "geo", Since: "3.2.10", Complexity: geoRadiusCost,
		Summary:         "Finds the members in a circle around one of them.",
		DocFlags:        []string{"deprecated"},
		DeprecatedSince: "6.2.0", ReplacedBy: "`GEOSEARCH` with `BYRADIUS` and `FROMMEMBER`",
		Categories: CatGeo,
		Keys:       geoKey,
		Args:       geoRadiusArgs(geoFromMember, ""),
		Do:         cmdGeoradiusbymemberRo,
	},
	{
		Name: "geosearch", Arity: -7, Flags: ReadOnly,
		Group: "geo", Since: "6.2.0", Complexity: geoSearchCost,
		Summary:    "Finds the members in a circle or a box.",
		History:    [][2]string{{"7.0.0", upperUnits}},
		Categories: CatGeo,
		Keys:       geoKey,
		Args: []Arg{argKey, argGeoFrom, argGeoBy, argGeoOrder, argGeoCount(""),
			argGeoWith("withcoord", "WITHCOORD"), argGeoWith("withdist", "WITHDIST"), argGeoWith("withhash", "WITHHASH")},
		Do: cmdGeosearch,
	},
	{
		Name: "geosearchstore", Arity: -8, Flags: Write | DenyOOM | Grows,
		Group: "geo", Since: "6.2.0", Complexity: geoSearchCost,
		Summary:    "Stores the members in a circle or a box as a sorted set.",
		History:    [][2]string{{"7.0.0", upperUnits}},
		Categories: CatGeo,
		Keys:       []KeySpec{{Flags: KeyOW | KeyUpdate, Begin: at(1), Find: keyRange(0, 1, 0)}, {Flags: KeyRO | KeyAccess, Begin: at(2), Find: keyRange(0, 1, 0)}},
		Args: []Arg{
			{Name: "destination", Type: ArgKey, HasSpec: true},
			{Name: "source", Type: ArgKey, HasSpec: true, KeySpec: 1},
			argGeoFrom, argGeoBy, argGeoOrder, argGeoCount(""), argGeoWith("storedist", "STOREDIST")},
		Do: cmdGeosearchstore,
	},
}
