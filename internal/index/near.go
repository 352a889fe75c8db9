package index

import "context"

// Near returns the edges that touch a node: up to what it was made from, down to
// what was made from it. See [Index.Up] and [Index.Down] for all that lies behind.
func (x *Index) Near(ctx context.Context, n Node) (up, down []Edge, err error) {
	if up, err = x.above(ctx, n); err != nil {
		return nil, nil, err
	}
	down, err = x.below(ctx, n)
	return up, down, err
}
