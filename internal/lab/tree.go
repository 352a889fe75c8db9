package lab

import (
	"context"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/sample"
)

// Branch is a thing that was made from another one, with what was made from it.
type Branch struct {
	Barcode string
	Kind    string
	Lot     sample.Lot // of what is kept; else without a state
	Runs    []string
	Before  bool // it stands in the tree before, with its branches
	Cut     int  // how many branches are left out
	Below   []Branch
}

// mostBranches is how many things one tree shows.
const mostBranches = 400

// tree tells what was made from a thing. What was made from several stands below
// the first of them.
func (l *Lab) tree(ctx context.Context, barcode string) ([]Branch, error) {
	t := grower{lab: l, seen: map[string]bool{barcode: true}}
	return t.below(ctx, barcode)
}

type grower struct {
	lab  *Lab
	seen map[string]bool
}

func (t *grower) below(ctx context.Context, barcode string) ([]Branch, error) {
	codes, err := t.lab.Index.Children(ctx, barcode)
	if err != nil {
		return nil, err
	}
	var all []Branch
	for i, code := range codes {
		if len(t.seen) > mostBranches {
			return append(all, Branch{Cut: len(codes) - i}), nil
		}
		b, err := t.branch(ctx, code)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func (t *grower) branch(ctx context.Context, code string) (Branch, error) {
	b := Branch{Barcode: code, Before: t.seen[code]}
	if b.Before {
		return b, nil
	}
	t.seen[code] = true
	lot, err := t.lab.Index.Stock(ctx, code)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return b, err
	}
	b.Lot, b.Kind = lot, lot.Kind
	if b.Runs, err = t.lab.Index.RunsOf(ctx, code); err != nil {
		return b, err
	}
	if b.Kind == "" {
		scans, err := t.lab.Index.Things(ctx, code)
		if err != nil {
			return b, err
		}
		if len(scans) > 0 {
			b.Kind = scans[0].Kind
		}
	}
	b.Below, err = t.below(ctx, code)
	return b, err
}

func madeHere(t index.Thing) bool { return t.Made }
