package api

import (
	"maps"
	"slices"

	"secretome/internal/lab"
)

// Rule is what can be commanded at a route.
type Rule struct {
	Pattern  string        // of net/http
	Commands []lab.Command // somebody who may none of them is refused; none at all: open to everybody
}

// Rules lists every route of the API, for the table of who may do what.
func Rules() []Rule {
	a := &api{}
	var rules []Rule
	for _, pattern := range slices.Sorted(maps.Keys(a.open())) {
		rules = append(rules, Rule{pattern, nil})
	}
	for _, r := range a.routes() {
		rules = append(rules, Rule{r.method + " " + prefix + r.path, r.does})
	}
	return rules
}
