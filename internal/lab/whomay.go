package lab

import (
	"context"
	"slices"
)

// WhoMay tells which roles may do c, and who has one of them, by name.
func (l *Lab) WhoMay(ctx context.Context, c Command) (may, names []string, err error) {
	may = slices.Clone(roles(c))
	people, err := l.colleagues(ctx)
	for _, p := range people {
		if slices.Contains(may, p.Role) {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return may, slices.Compact(names), err
}
