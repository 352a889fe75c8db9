package lab

import (
	"math"
	"slices"
	"strconv"

	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/stats"
)

// Detectable is how large a difference an endpoint of the plan can find.
type Detectable struct {
	protocol.Endpoint
	N           int     // units per group
	Unit        string  // what N counts
	Comparisons int     // of groups with the comparator
	Alpha       float64 // of all of them together
	Power       float64
	D           float64           // the least difference found, in standard deviations of a unit; 0: see Why
	Spread      quantity.Quantity // the standard deviation up to which [protocol.Endpoint.Effect] is found; zero: none is given
	Why         string            // nothing is tested, in a sentence
}

// usualPower is asked for where the plan names none.
const usualPower = 0.8

// detectables answers for each endpoint of the plan, by two-sided t tests of two
// means that share alpha evenly (Bonferroni): the tests that the plan names find
// as much or a little more.
func detectables(p protocol.Protocol) []Detectable {
	alpha, err := strconv.ParseFloat(p.Analysis.Alpha, 64)
	if err != nil {
		return nil
	}
	power, err := strconv.ParseFloat(p.Analysis.Power, 64)
	if err != nil {
		power = usualPower
	}
	var all []Detectable
	for _, e := range p.Analysis.Endpoints {
		d := Detectable{Endpoint: e, Alpha: alpha, Power: power, Comparisons: max(1, len(e.Groups))}
		if i := slices.IndexFunc(p.Models, func(m protocol.Model) bool { return m.ID == e.Model }); i >= 0 {
			d.N, d.Unit = p.Models[i].Blocks*max(1, p.Models[i].Units), p.Models[i].Unit
		}
		switch {
		case e.Test == protocol.ReportOnly:
			d.Why = "It is reported, not tested."
		case d.N < 2:
			d.Why = "N is " + strconv.Itoa(d.N) + ": nothing can be tested."
		default:
			d.D = detectable(d.N, alpha/float64(d.Comparisons), power)
			d.spread()
		}
		all = append(all, d)
	}
	return all
}

// spread is the standard deviation at which the least effect that matters is D
// of them.
func (d *Detectable) spread() {
	effect, err := d.Effect.Float("%")
	if d.D == 0 || err != nil || d.Effect.IsZero() {
		return
	}
	if q, err := quantity.New(strconv.FormatFloat(effect/d.D, 'f', 1, 64), "%"); err == nil {
		d.Spread = q
	}
}

// detectable is the least difference of two means, in standard deviations, that
// n units per group find with the given power; 0 where none up to 50 is found.
func detectable(n int, alpha, power float64) float64 {
	const least, most, rounds = 0.005, 50.0, 40
	finds := func(d float64) bool {
		got, err := stats.TwoMeans{D: d, Alpha: alpha}.Power(float64(n))
		return err == nil && got >= power
	}
	if !finds(most) {
		return 0
	}
	lo, hi := least, most
	for range rounds {
		if mid := (lo + hi) / 2; finds(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return math.Round(hi*100) / 100
}
