package protocol

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/quantity"
	"secretome/internal/record"
)

// The verdicts of [Judge].
const (
	VerdictAccept       = "accept"       // every criterion passed, or what failed is only shown in the report
	VerdictReject       = "reject"       // to be measured or done again, or left out
	VerdictInconclusive = "inconclusive" // somebody must decide
)

// Judge holds values against criteria. It is the only place in the program
// where that happens, so that a value at the edge of its limit has the same
// verdict on the bench, in the list, in the report and when computed again.
//
// values holds canonical text by the name that a criterion uses: a quantity
// ("93.2 %"; [Measured] writes one from a float) or a plain word ("yes").
// Quantities are compared as exact decimals across units of one dimension;
// limits themselves pass. A value that is not there does not pass, and what
// follows is what the criterion says without a limit. Of all consequences the
// gravest is the decision's. Judge fails with [fault.Invalid] where a value is
// no quantity or of another dimension than its limit.
func Judge(criteria []Criterion, values map[string]string) (record.Decision, error) {
	d := record.Decision{Do: string(Accept), Checks: []record.Check{}}
	for _, c := range criteria {
		check, err := c.hold(values)
		if err != nil {
			return record.Decision{}, err
		}
		if Graver(Action(check.Do), Action(d.Do)) {
			d.Do = check.Do
		}
		d.Checks = append(d.Checks, check)
	}
	d.Verdict = verdict(Action(d.Do))
	return d, nil
}

// Graver reports whether a outweighs b. An action that is not known, such as
// none at all, outweighs nothing.
func Graver(a, b Action) bool {
	return slices.Index(Actions(), a) > slices.Index(Actions(), b)
}

func verdict(a Action) string {
	switch a {
	case Accept, Flag:
		return VerdictAccept
	case Deviation, Hold:
		return VerdictInconclusive
	}
	return VerdictReject
}

// hold makes the check of one criterion.
func (c Criterion) hold(values map[string]string) (record.Check, error) {
	check := record.Check{Criterion: c.ID, Title: c.Title, Limit: c.Limit(), Evidence: c.Evidence}
	text, ok := values[c.Value]
	if !ok || text == "" {
		check.Value, check.Do = "not there", string(c.follows(nil))
		return check, nil
	}
	check.Value = text
	if c.Equals != "" {
		if check.Pass = text == c.Equals; !check.Pass {
			check.Do = string(c.follows(nil))
		}
		return check, nil
	}
	q, err := quantity.Parse(text)
	if err != nil {
		return check, c.unfit(err)
	}
	check.Value = q.String()
	least, greatest := c.bounds()
	if check.Pass, err = within(q, least, greatest); err != nil {
		return check, c.unfit(err)
	}
	if !check.Pass {
		check.Do = string(c.follows(&q))
	}
	return check, nil
}

// unfit says of which criterion and value err speaks.
func (c Criterion) unfit(err error) error {
	f := fault.Of(err)
	return fault.New(f.Kind, "criterion %q: %s", c.ID, f.Message).Field(c.Value).Try("%s", f.Help)
}

// bounds returns least and greatest; not given where there is none.
func (c Criterion) bounds() (least, greatest quantity.Quantity) {
	if len(c.Between) == 2 {
		return c.Between[0], c.Between[1]
	}
	return c.AtLeast, c.AtMost
}

func within(q, least, greatest quantity.Quantity) (bool, error) {
	if !least.IsZero() {
		if cmp, err := q.Compare(least); err != nil || cmp < 0 {
			return false, err
		}
	}
	if !greatest.IsZero() {
		if cmp, err := q.Compare(greatest); err != nil || cmp > 0 {
			return false, err
		}
	}
	return true, nil
}

// follows returns what follows a failure with value q, nil where there is no
// quantity: the first consequence that holds. If none does, somebody must look.
func (c Criterion) follows(q *quantity.Quantity) Action {
	for _, f := range c.OnFail {
		if f.AtLeast.IsZero() && f.AtMost.IsZero() {
			return f.Do
		}
		if q == nil {
			continue
		}
		if ok, err := within(*q, f.AtLeast, f.AtMost); ok && err == nil {
			return f.Do
		}
	}
	return Hold
}

// Limit says in words what passes: "at least 90 %".
func (c Criterion) Limit() string {
	least, greatest := c.bounds()
	switch {
	case c.Equals != "":
		return "is " + c.Equals
	case !least.IsZero() && !greatest.IsZero():
		return "between " + least.String() + " and " + greatest.String()
	case !least.IsZero():
		return "at least " + least.String()
	case !greatest.IsZero():
		return "at most " + greatest.String()
	}
	return "no limit"
}

// figures is how many significant digits of a computed value count. A float64
// carries almost 16; the last ones are what rounding in the computation left.
const figures = 12

// Measured writes a computed number as the text that [Judge] compares: rounded
// to 12 significant digits, so that a CV of exactly 7 %, which binary fractions
// turn into 7.000000000000001 %, is 7 %. It is empty for what is no number.
func Measured(v float64, unit string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', figures, 64), 64)
	if err != nil {
		return "" // rounding at the end of the range went beyond it
	}
	plain := strconv.FormatFloat(rounded, 'f', -1, 64)
	if strings.Trim(plain, "-0.") == "" {
		plain = "0"
	}
	return plain + " " + unit
}
