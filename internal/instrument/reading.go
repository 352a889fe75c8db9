package instrument

// Reading is one value of one place: a well, or a sample where the format
// knows no wells. Fields that do not apply are left out of the JSON form.
type Reading struct {
	Plate        string   `json:"plate,omitempty"`
	Well         string   `json:"well,omitempty"` // "A1", never zero-padded
	Sample       string   `json:"sample,omitempty"`
	Group        string   `json:"group,omitempty"` // the file's own: a SoftMax group, STD, SPL or BLK in Gen5
	Kind         Kind     `json:"kind"`
	Label        string   `json:"label,omitempty"`    // name of the read or of the derived value, as printed
	Quantity     string   `json:"quantity,omitempty"` // "concentration" where the vendor interpolated one
	Channel      string   `json:"channel,omitempty"`  // absorbance, fluorescence, luminescence; the dye in qPCR
	WavelengthNM float64  `json:"wavelength_nm,omitempty"`
	ExNM         float64  `json:"ex_nm,omitempty"`
	Target       string   `json:"target,omitempty"`
	TimeS        *float64 `json:"time_s,omitempty"`
	Cycle        int      `json:"cycle,omitempty"`
	Value        *float64 `json:"value"` // nil where the instrument gave none; then Flag says why
	Unit         string   `json:"unit,omitempty"`
	Flag         Flag     `json:"flag,omitempty"`
	Conc         *float64 `json:"conc,omitempty"` // a standard's nominal concentration, from the layout
	ConcUnit     string   `json:"conc_unit,omitempty"`
	Dilution     *float64 `json:"dilution,omitempty"` // fold: the measured concentration times this is the sample's
	Source       Source   `json:"source"`
}

// Source is where in the file a reading stands.
type Source struct {
	Sheet   string `json:"sheet,omitempty"`
	Line    int    `json:"line,omitempty"`    // from 1
	Cell    string `json:"cell,omitempty"`    // as a spreadsheet would name it: "C5"
	Printed string `json:"printed,omitempty"` // the token, where it is no plain number
}

// Concentration is the Quantity of a value that the vendor's program read off
// its own standard curve.
const Concentration = "concentration"

// Kind says what a value is.
type Kind string

// The kinds of plate readers. Other formats add their own.
const (
	Raw        Kind = "raw"        // one read of a well
	Kinetic    Kind = "kinetic"    // a read with a time
	Reduced    Kind = "reduced"    // one value a well, made from its reads by the vendor's program
	Calculated Kind = "calculated" // any other value of a well that the vendor's program derived
	Tabulated  Kind = "tabulated"  // a cell of a vendor's table of samples (SoftMax groups)
)

// Derived reports whether the vendor's program made the value from others.
func (k Kind) Derived() bool { return k == Reduced || k == Calculated || k == Tabulated }

// Flag says in our own words why a value is missing or to be read with care.
type Flag string

// The flags.
const (
	Overflow   Flag = "overflow"     // above the detector's range
	NotRead    Flag = "not_read"     // the instrument skipped the well
	NoResult   Flag = "no_result"    // the vendor's program found none
	Masked     Flag = "masked"       // excluded by the operator; the number stays
	BelowRange Flag = "below_range"  // below the vendor's curve
	AboveRange Flag = "above_range"  // above the vendor's curve
	OutOfRange Flag = "out_of_range" // off the vendor's curve, the side is not said
	Path       Flag = "path"         // the path length could not be measured
	Remark     Flag = "remark"       // any other text in place of a number
)
