package program

import (
	"encoding/json"
	"fmt"

	"secretome/internal/instrument"
	instruments "secretome/internal/instrument/all"
	"secretome/internal/lab"
)

// readSheet reads an instrument's file for a page.
func readSheet(data []byte) (lab.Sheet, error) {
	var s lab.Sheet
	table, err := instrument.Read(instruments.List(), data)
	if err != nil {
		return s, err
	}
	text, err := json.Marshal(table)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, fmt.Errorf("show what was read from a file: %w", err)
	}
	return s, nil
}
