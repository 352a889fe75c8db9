package record

import "time"

// PlaceLog is the body of place-logged: what the temperature logger of a place
// wrote over a time. The readings themselves stay in the file.
type PlaceLog struct {
	Place    string    `json:"place"`             // freezer, refrigerator, incubator, as lots name it
	From     time.Time `json:"from"`              // of the first reading
	To       time.Time `json:"to"`                // of the last one
	Low      string    `json:"low"`               // the lowest reading, in Cel
	High     string    `json:"high"`              // the highest one
	Readings int       `json:"readings"`          // with a temperature
	Missing  int       `json:"missing,omitempty"` // without one: the logger wrote NaN, OVRFLW …
	Zone     string    `json:"zone"`              // in which times without an offset were read, an IANA name
	Source   string    `json:"source"`            // name of the file
	Artifact Artifact  `json:"artifact"`
}
