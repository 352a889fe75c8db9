package quantity

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

const trials = 1000

// forAll calls the property with as many random sources, each of its own seed,
// which a failure names.
func forAll(t *testing.T, property func(t *testing.T, r *rand.Rand)) {
	t.Helper()
	for seed := range uint64(trials) {
		property(t, rand.New(rand.NewPCG(seed, 5)))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

// anyNumber returns a decimal of up to 17 digits, often short.
func anyNumber(r *rand.Rand) string {
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte("0123456789"[r.IntN(10)])
		}
		return b.String()
	}
	n := []string{"", "", "-", "+"}[r.IntN(4)] + digits(1+r.IntN(1+r.IntN(9)))
	if r.IntN(3) > 0 {
		n += "." + digits(1+r.IntN(1+r.IntN(7)))
	}
	return n
}

// anyUnit returns a code of the table of factors, or two of them put together.
func anyUnit(r *rand.Rand) string {
	a, b := factors[r.IntN(len(factors))].code, factors[r.IntN(len(factors))].code
	if r.IntN(2) == 0 {
		return a
	}
	return "(" + a + ")" + string("./"[r.IntN(2)]) + "(" + b + ")"
}

func anyQuantity(t *testing.T, r *rand.Rand) Quantity {
	t.Helper()
	return given(t, anyNumber(r)+" "+anyUnit(r))
}

// kinds are the codes of the table of factors by what they measure.
var kinds = sync.OnceValue(func() map[string][]string {
	of := map[string][]string{}
	for _, f := range factors {
		of[Dimension(f.code)] = append(of[Dimension(f.code)], f.code)
	}
	return of
})

// sameKind returns a quantity that compares with q.
func sameKind(t *testing.T, r *rand.Rand, q Quantity) Quantity {
	t.Helper()
	alike := slices.Concat(kinds()[Dimension(q.unit)], []string{q.unit})
	return given(t, anyNumber(r)+" "+alike[r.IntN(len(alike))])
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	forAll(t, func(t *testing.T, r *rand.Rand) {
		q := anyQuantity(t, r)
		if again, err := Parse(q.String()); err != nil || again != q {
			t.Errorf("%q reads back as %q, %v", q, again, err)
		}
		if again, err := New(q.Amount(), q.Unit()); err != nil || again != q {
			t.Errorf("%q is made anew as %q, %v", q, again, err)
		}
	})
}

func TestCommaAndPointAreTheSame(t *testing.T) {
	forAll(t, func(t *testing.T, r *rand.Rand) {
		number, unit := anyNumber(r), anyUnit(r)
		point, err := Parse(number + " " + unit)
		comma, errComma := Parse(strings.Replace(number, ".", ",", 1) + " " + unit)
		_, part, _ := strings.Cut(number, ".")
		if errComma != nil && len(part) == 3 {
			return // "1,500" is refused
		}
		if err != nil || errComma != nil || comma != point {
			t.Errorf("%s %s: %v, %v, %v, %v", number, unit, point, comma, err, errComma)
		}
	})
}

func TestConversionAndBackChangesNothing(t *testing.T) {
	forAll(t, func(t *testing.T, r *rand.Rand) {
		q := anyQuantity(t, r)
		other := sameKind(t, r, q)
		in, err := q.In(other.unit)
		if err != nil {
			return // too long to be written
		}
		exactly, _ := q.value(other.unit)
		if _, isFinite := finite(exactly); !isFinite {
			return
		}
		back, err := in.In(q.unit)
		if c, _ := q.Compare(in); err != nil || c != 0 || back.Sign() != q.Sign() && q.unit != "Cel" && q.unit != "K" {
			t.Errorf("%s in %s is %s, compared %d, %v", q, other.unit, in, c, err)
		}
		if c, err := back.Compare(q); c != 0 || err != nil {
			t.Errorf("%s by way of %s is %s", q, in, back)
		}
	})
}

func TestOrderIsTotal(t *testing.T) {
	forAll(t, func(t *testing.T, r *rand.Rand) {
		a := anyQuantity(t, r)
		b := sameKind(t, r, a)
		c := sameKind(t, r, a)
		compare := func(x, y Quantity) int {
			n, err := x.Compare(y)
			if err != nil {
				t.Errorf("%s against %s: %v", x, y, err)
			}
			return n
		}
		ab, ba, bc, ac := compare(a, b), compare(b, a), compare(b, c), compare(a, c)
		if ab != -ba || compare(a, a) != 0 {
			t.Errorf("%s against %s is %d, the other way %d", a, b, ab, ba)
		}
		if ab <= 0 && bc <= 0 && (ac > 0 || ac == 0 && ab+bc < 0) {
			t.Errorf("%s, %s, %s: %d, %d and %d", a, b, c, ab, bc, ac)
		}
		// Conversion keeps the order, unless it rounds two into one.
		if in, err := a.In(b.unit); err == nil {
			x, y := rational(in.amount), rational(b.amount)
			if n := x.Cmp(y); n != ab && n != 0 {
				t.Errorf("%s against %s is %d, converted %d", a, b, ab, n)
			}
		}
	})
}

func TestSumsAreThoseOfFractions(t *testing.T) {
	forAll(t, func(t *testing.T, r *rand.Rand) {
		a := anyQuantity(t, r)
		b := sameKind(t, r, a)
		sum, err := a.Add(b)
		if err != nil {
			return // no decimal in a's unit, or a point on a scale
		}
		value, _ := b.value(a.unit)
		if want := new(big.Rat).Add(value, rational(a.amount)); rational(sum.amount).Cmp(want) != 0 {
			t.Errorf("%s and %s are %s, want %s", a, b, sum, want)
		}
		// sum.Sub(a) can exceed 40 digits only where the sum did.
		rest, err := sum.Sub(a)
		if c, _ := rest.Compare(b); err != nil || c != 0 {
			t.Errorf("%s less %s is %s, not %s: %v", sum, a, rest, b, err)
		}
	})
}

func TestProductsUndoQuotients(t *testing.T) {
	forAll(t, func(t *testing.T, r *rand.Rand) {
		a, b := anyQuantity(t, r), anyQuantity(t, r)
		unit := "(" + a.unit + ").(" + b.unit + ")"
		product, err := a.Mul(b, unit)
		if err != nil || b.Sign() == 0 {
			return // too long a unit, or a point on a scale
		}
		back, err := product.Div(b, a.unit, places)
		if c, _ := back.Compare(a); err != nil || c != 0 {
			t.Errorf("%s times %s by %s is %s, %v", a, b, b, back, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"9,1 mL", "-80 °C", "1.2.3 h", "µ", "0.0000 %", "1 500 mL", "1e6 {cells}", "2×10^6 cells", "1/2 mL", "∞", "5 %{w/v}", "3 1/min", "1 ug/(10*6.{cells})",
		"1 ((((m", "2 [pH", "1 m9.m9.m9.m9.m9.m9.m9.m9.m9.m9.m9.m9.m9.m9", "1 10*30.10*30.10*30.10*30", "7 {population doublings}", "1 /m", "１ mL", "8 mm[Hg]", "1 mM",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("%d bytes to say what is wrong", len(err.Error()))
			}
			return
		}
		again, err := Parse(q.String())
		if err != nil || again != q {
			t.Errorf("Parse(%q) = %q, which reads back as %q, %v", s, q, again, err)
		}
		if len(q.String()) > maxDigits+maxUnit+3 || !Known(q.Unit()) {
			t.Errorf("Parse(%q) = %q", s, q)
		}
		if in, err := q.In("mL"); err == nil {
			if _, err := Parse(in.String()); err != nil {
				t.Errorf("%s in mL is %s: %v", q, in, err)
			}
		}
	})
}
