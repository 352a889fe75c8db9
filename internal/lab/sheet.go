package lab

import (
	"context"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Sheet is what an instrument's file says.
type Sheet struct {
	Format   string    `json:"format"`
	Readings []Reading `json:"readings"`
	Notes    []string  `json:"notes"`
}

// ReadSheet reads a stored file as the run would, and records nothing. It fails
// with [fault.Invalid] for what is no instrument's file, and with [fault.NotFound].
func (l *Lab) ReadSheet(ctx context.Context, who record.Actor, sha256 string) (Sheet, error) {
	if err := Allowed(who, Look); err != nil {
		return Sheet{}, err
	}
	stored, err := l.Artifacts.Stat(ctx, sha256)
	if err != nil {
		return Sheet{}, err
	}
	if stored.Size > mostVerified || l.Sheets == nil {
		return Sheet{}, fault.New(fault.Invalid, "the file has %d bytes, and is not shown here", stored.Size).Try("it is read when the step is completed")
	}
	data, err := l.Artifacts.Bytes(ctx, sha256)
	if err != nil {
		return Sheet{}, err
	}
	return l.Sheets(data)
}
