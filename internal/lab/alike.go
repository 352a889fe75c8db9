package lab

import (
	"context"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Alike lists the known barcodes that an eye takes for this one: zero for the
// letter O, one for I.
func (l *Lab) Alike(ctx context.Context, who record.Actor, barcode string) ([]string, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	return l.Index.Alike(ctx, barcode)
}

// Unread says that no label reads so, and which one may be meant. It is always an
// error: [fault.NotFound], or that of the question.
func (l *Lab) Unread(ctx context.Context, who record.Actor, barcode string) error {
	alike, err := l.Alike(ctx, who, barcode)
	if err != nil {
		return err
	}
	f := fault.New(fault.NotFound, "No label reads %s", barcode)
	if len(alike) > 0 {
		return f.Try("Letter O and zero look alike: it may be %s. Scan again or type the ID", strings.Join(alike, " or "))
	}
	return f.Try("Scan again or type the ID. What no task made and nobody registered is not known here")
}
