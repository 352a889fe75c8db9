package assay

// Finding is what the comparison of one endpoint gave. Its canonical JSON is an
// artifact.
type Finding struct {
	Endpoint   string     `json:"endpoint"`
	Title      string     `json:"title"`
	Claim      string     `json:"claim,omitempty"`
	Model      string     `json:"model"`
	Assay      string     `json:"assay"`
	Unit       string     `json:"unit"` // UCUM, of values and means
	Test       string     `json:"test"`
	Scale      string     `json:"scale"` // identity, log10, log2: on which estimates stand
	Comparator string     `json:"comparator"`
	Benefit    string     `json:"benefit"`
	Alpha      string     `json:"alpha"`
	Counted    string     `json:"counted"` // what N counts: "skin donor", "tissue"
	Inference  bool       `json:"inference"`
	Why        string     `json:"why,omitempty"` // where there is none: one sentence
	Groups     []Summary  `json:"groups"`        // in the order of the model
	Contrasts  []Contrast `json:"contrasts,omitempty"`
	Gates      []Gate     `json:"gates,omitempty"`
	Flags      []string   `json:"flags,omitempty"`
	Simulated  bool       `json:"simulated,omitempty"`
}

// Summary is one group over what N counts. Mean and interval are on the scale
// of the test, carried back: a geometric mean for logarithms.
type Summary struct {
	Group  string       `json:"group"`
	Title  string       `json:"title,omitempty"`
	N      int          `json:"n"`
	Mean   *float64     `json:"mean,omitempty"`
	Lo     *float64     `json:"lo,omitempty"` // 95 % interval of the mean, by Student's t
	Hi     *float64     `json:"hi,omitempty"`
	Points []GroupPoint `json:"points"`
}

// GroupPoint is one of the things that N counts: a block, or a unit where the
// model has one block.
type GroupPoint struct {
	Block string      `json:"block,omitempty"`
	Unit  int         `json:"unit,omitempty"` // 0: the mean of the block's units
	Plate string      `json:"plate,omitempty"`
	Value float64     `json:"value"`
	Units []UnitValue `json:"units"`
}

// UnitValue is one experimental unit within a point.
type UnitValue struct {
	Unit     int      `json:"unit"`
	Value    float64  `json:"value"`              // what entered: LLOQ/√2 where censored
	Censored Censor   `json:"censored,omitempty"` //
	N        int      `json:"n"`                  // technical wells
	Wells    []string `json:"wells"`
}

// Contrast is a group less the comparator, on the scale of the test.
type Contrast struct {
	Group      string   `json:"group"`
	Comparator string   `json:"comparator"`
	N          int      `json:"n"`            // of the group
	NControl   int      `json:"n_comparator"` //
	Estimate   float64  `json:"estimate"`
	SE         float64  `json:"se"`
	Lo         float64  `json:"lo"` // 95 %; simultaneous for Dunnett's test
	Hi         float64  `json:"hi"`
	T          float64  `json:"t"`
	DF         float64  `json:"df"`
	P          float64  `json:"p"`          // of this contrast alone, two-sided
	PAdjusted  float64  `json:"p_adjusted"` // for the family
	Adjustment string   `json:"adjustment"` // Dunnett, Holm
	Ratio      *Ratio   `json:"ratio,omitempty"`
	HedgesG    *float64 `json:"hedges_g,omitempty"` // standardised difference, small-sample factor included
	Shown      string   `json:"shown"`              // the answer in words, by alpha and the benefit fixed beforehand
}

// Ratio is the estimate of a logarithmic scale carried back: group/comparator.
type Ratio struct {
	Value float64 `json:"value"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

// Gate is a condition on the controls without which no comparison counts.
type Gate struct {
	Title  string   `json:"title"`
	Limit  string   `json:"limit"`
	Effect *float64 `json:"effect_percent,omitempty"` // 100·(a - b)/b
	P      *float64 `json:"p,omitempty"`
	Pass   bool     `json:"pass"`
}
