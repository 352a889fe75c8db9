package web

import "secretome/internal/lab"

// Rule is what somebody must be allowed to do to use a route of the pages.
type Rule struct {
	Pattern string      // of net/http, without a prefix
	Command lab.Command // empty: open to everybody
}

// Rules lists every route of the pages, for the table of who may do what.
func Rules() []Rule {
	rules := []Rule{{"GET /static/", ""}}
	for _, r := range (&Web{}).routes() {
		rules = append(rules, Rule{r.pattern, r.needs})
	}
	return rules
}
