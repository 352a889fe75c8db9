package protocol

import (
	"secretome/internal/quantity"
)

// Material is what is used up: a medium, a reagent, cells, a kit, tissues.
type Material struct {
	ID        string            `yaml:"material" json:"material"`
	Title     string            `yaml:"title" json:"title"`
	Supplier  string            `yaml:"supplier" json:"supplier,omitempty"`
	Catalogue string            `yaml:"catalogue" json:"catalogue,omitempty"` // number
	RRID      string            `yaml:"rrid" json:"rrid,omitempty"`           // "CVCL_0038": of antibodies and cell lines
	Storage   quantity.Quantity `yaml:"storage" json:"storage,omitzero"`      // temperature
	Lead      quantity.Quantity `yaml:"lead" json:"lead,omitzero"`            // how long before its use it is ordered
	Note      string            `yaml:"note" json:"note,omitempty"`
}

// Need is how much of a material a task uses each time it is asked.
type Need struct {
	Material string            `yaml:"material" json:"material"`
	Amount   quantity.Quantity `yaml:"amount" json:"amount"`
}

// Instrument is what measures or treats.
type Instrument struct {
	ID         string            `yaml:"instrument" json:"instrument"`
	Title      string            `yaml:"title" json:"title"`
	Format     string            `yaml:"format" json:"format,omitempty"`        // of its files, as "secretome parse" names it
	Calibrated quantity.Quantity `yaml:"calibrated" json:"calibrated,omitzero"` // how often: "365 d"
	Evidence   string            `yaml:"evidence" json:"evidence,omitempty"`    // of that
	Count      int               `yaml:"count" json:"count,omitempty"`          // how many there are; 0: one
}
