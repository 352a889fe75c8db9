package quantity

// A base is one of the independent things that units measure.
const (
	duration = iota
	length
	mass
	current
	temperature
	substance
	osmoles
	acidity
	centrifugal
	activity
	volumeFraction
	absorbance
	cells
	pieces
	doublings
	wells
	colonies
	plaques
	particles
	copies
	fluorescence
	luminescence
	bases
)

// A dimension is the power of each base in a unit: volume is length to the third.
type dimension [bases]int16

// baseNames are the names of the bases for people, in their order.
var baseNames = [bases]string{
	duration: "time", length: "length", mass: "mass", current: "electric current", temperature: "temperature",
	substance: "amount of substance", osmoles: "osmotic amount", acidity: "pH", centrifugal: "relative centrifugal force",
	activity: "biological activity", volumeFraction: "volume fraction", absorbance: "absorbance", cells: "number of cells",
	pieces: "number of pieces", doublings: "number of population doublings", wells: "number of wells",
	colonies: "number of colonies", plaques: "number of plaques", particles: "number of particles", copies: "number of copies",
	fluorescence: "fluorescence", luminescence: "luminescence",
}

// named are the dimensions with a name of their own.
var named = map[dimension]string{
	{}: "ratio", {length: 2}: "area", {length: 3}: "volume",
	{mass: 1, length: -3}: "mass concentration", {substance: 1, length: -3}: "molar concentration",
	{cells: 1, length: -3}: "cells per volume", {cells: 1, length: -2}: "cells per area", {mass: 1, cells: -1}: "mass per cells",
	{activity: 1, length: -3}: "endotoxin concentration", {osmoles: 1, mass: -1}: "osmolality",
	{mass: 1, duration: -2}: "radiant exposure", {mass: 1, duration: -3}: "irradiance",
	{length: 4, mass: 1, duration: -3, current: -2}: "transepithelial resistance", {mass: 1, length: -2, duration: -1}: "water loss",
	{duration: -1}: "frequency", {length: 1, duration: -1}: "speed", {length: 3, duration: -1}: "volume flow",
	{mass: 1, length: 1, duration: -2}: "force", {mass: 1, length: -1, duration: -2}: "pressure",
	{mass: 1, length: 2, duration: -2}: "energy", {mass: 1, length: 2, duration: -3}: "power", {length: 2, duration: -2}: "absorbed dose",
	{mass: 1, length: 2, duration: -3, current: -1}: "electric potential", {mass: 1, length: 2, duration: -3, current: -2}: "electric resistance",
	{mass: -1, length: -2, duration: 3, current: 2}: "electric conductance",
	{substance: 1, duration: -1}:                    "catalytic activity", {substance: 1, duration: -1, length: -3}: "catalytic concentration",
}

// An atom is a unit without prefix or exponent: what it measures, how many it
// is of second, metre, gram, ampere, kelvin, mole and the counts as a fraction,
// and which prefixes it takes.
type atom struct {
	dimension dimension
	num, den  int64
	prefixes  string
}

// No unit takes both m and M, so that neither Mg nor MW passes for a slip of
// the shift key.
const (
	bench  = "fpnumcdk" // of what a bench measures, weighs and pours
	units  = "pnumk"    // of amounts and activities
	device = "numk"     // of what instruments are set to
	tall   = "kMG"      // of what comes in large numbers
)

// atoms holds the units of a laboratory, by UCUM code.
var atoms = map[string]atom{
	"s": {dimension{duration: 1}, 1, 1, "fpnum"}, "min": {dimension{duration: 1}, 60, 1, ""}, "h": {dimension{duration: 1}, 3600, 1, ""},
	"d": {dimension{duration: 1}, 86400, 1, ""}, "wk": {dimension{duration: 1}, 604800, 1, ""}, "a": {dimension{duration: 1}, 31557600, 1, ""},
	"m": {dimension{length: 1}, 1, 1, bench}, "L": {dimension{length: 3}, 1, 1000, bench}, "g": {dimension{mass: 1}, 1, 1, bench},
	"mol": {dimension{substance: 1}, 1, 1, "f" + units}, "osm": {dimension{osmoles: 1}, 1, 1, "um"},
	"kat": {dimension{substance: 1, duration: -1}, 1, 1, units}, "U": {dimension{substance: 1, duration: -1}, 1, 60_000_000, units},
	"K": {dimension{temperature: 1}, 1, 1, ""}, "Cel": {dimension{temperature: 1}, 1, 1, ""},
	"A": {dimension{current: 1}, 1, 1, "p" + device}, "V": {dimension{mass: 1, length: 2, duration: -3, current: -1}, 1000, 1, device},
	"Ohm": {dimension{mass: 1, length: 2, duration: -3, current: -2}, 1000, 1, tall}, "S": {dimension{mass: -1, length: -2, duration: 3, current: 2}, 1, 1000, device},
	"N": {dimension{mass: 1, length: 1, duration: -2}, 1000, 1, device}, "J": {dimension{mass: 1, length: 2, duration: -2}, 1000, 1, device},
	"W": {dimension{mass: 1, length: 2, duration: -3}, 1000, 1, device}, "Hz": {dimension{duration: -1}, 1, 1, tall},
	"Gy": {dimension{length: 2, duration: -2}, 1, 1, "mc"}, "Pa": {dimension{mass: 1, length: -1, duration: -2}, 1000, 1, "h" + device},
	"bar": {dimension{mass: 1, length: -1, duration: -2}, 100_000_000, 1, "um"}, "m[Hg]": {dimension{mass: 1, length: -1, duration: -2}, 133_322_000, 1, "cm"},
	"%": {dimension{}, 1, 100, ""}, "[ppm]": {dimension{}, 1, 1_000_000, ""},
	"%{v/v}": {dimension{volumeFraction: 1}, 1, 100, ""}, "%{w/v}": {dimension{mass: 1, length: -3}, 10_000, 1, ""},
	"[g]": {dimension{centrifugal: 1}, 1, 1, ""}, "[pH]": {dimension{acidity: 1}, 1, 1, ""},
	"[iU]": {dimension{activity: 1}, 1, 1, device}, "[EU]": {dimension{activity: 1}, 1, 1, ""},
	"[CFU]": {dimension{colonies: 1}, 1, 1, ""}, "[PFU]": {dimension{plaques: 1}, 1, 1, ""},
	"{AU}": {dimension{absorbance: 1}, 1, 1, ""}, "{RFU}": {dimension{fluorescence: 1}, 1, 1, ""}, "{RLU}": {dimension{luminescence: 1}, 1, 1, ""},
	"{cells}": {dimension{cells: 1}, 1, 1, ""}, "{pieces}": {dimension{pieces: 1}, 1, 1, ""}, "{population doublings}": {dimension{doublings: 1}, 1, 1, ""},
	"{wells}": {dimension{wells: 1}, 1, 1, ""}, "{colonies}": {dimension{colonies: 1}, 1, 1, ""},
	"{particles}": {dimension{particles: 1}, 1, 1, ""}, "{copies}": {dimension{copies: 1}, 1, 1, ""},
}

// power returns the power of ten that a prefix stands for.
func power(prefix byte) int {
	switch prefix {
	case 'f':
		return -15
	case 'p':
		return -12
	case 'n':
		return -9
	case 'u':
		return -6
	case 'm':
		return -3
	case 'c':
		return -2
	case 'd':
		return -1
	case 'h':
		return 2
	case 'k':
		return 3
	case 'M':
		return 6
	}
	return 9 // G
}

// usual are the codes that are offered to people, in alphabetical order.
var usual = []string{
	"%", "%{v/v}", "%{w/v}", "1", "Cel", "L", "Ohm.cm2", "[EU]/mL", "[g]", "[pH]", "a", "cm", "cm2", "d", "g", "g/m2/h", "h", "kg", "m",
	"mJ/cm2", "mL", "mW/cm2", "mg", "mg/mL", "min", "mm", "mm2", "mmol/L", "mosm/kg", "ng/mL", "nm", "nmol/L", "pg/mL", "s", "uL", "ug",
	"ug/(10*6.{cells})", "ug/mL", "um", "umol/L", "wk", "{AU}", "{cells}", "{cells}/cm2", "{cells}/mL", "{pieces}", "{population doublings}",
}
