package protocol

// Method is a way to compute an assay, as far as a protocol may speak of it.
type Method struct {
	Name   string
	Kept   bool              // its files are kept and not read
	Layout bool              // needs a layout of the protocol; else the file may bring its own
	Curves []string          // kinds of standard curve; none: it has no curve
	Values map[string]string // values that criteria may name → UCUM unit, empty for yes or no
	Needs  map[string]string // values → the group that they are about
}

// KeptMethod is the method of an assay whose file is kept and not computed.
const KeptMethod = "kept"

// Methods returns the assay methods, by name. A criterion of an assay names one
// of its method's values; what computes the assay gives all of them.
func Methods() []Method {
	return []Method{
		{Name: KeptMethod, Kept: true},
		{
			Name: "cck8", Layout: true,
			Values: map[string]string{
				"nc_od":        "{AU}", // mean of NC above the blank
				"nc_cv":        "%",    // CV of the NC wells
				"blk_od":       "{AU}", // mean of BLK
				"kc_viability": "%",
				"vc_viability": "%",
				"z_prime":      "1",
			},
			Needs: map[string]string{"nc_od": "NC", "nc_cv": "NC", "blk_od": "BLK", "kc_viability": "KC", "vc_viability": "VC", "z_prime": "KC"},
		},
		{
			Name: "elisa", Curves: []string{"4pl"},
			Values: map[string]string{
				"standards_passing": "%", // share of non-zero standards that read back within their limits
				"standards_passed":  "1", // their number
				"r_squared":         "1",
				"blank_below_lloq":  "",  // yes or no
				"max_cv":            "%", // greatest CV among samples in range
			},
		},
		{
			Name: "protein", Curves: []string{"linear", "quadratic", "4pl"},
			Values: map[string]string{
				"r_squared":           "1",
				"max_dilution_spread": "%", // greatest difference between dilutions of one sample
			},
		},
	}
}

// Roles returns the roles that a task may be for.
func Roles() []string { return []string{"manager", "technician", "quality", "reviewer"} }
