package stats_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/stats"
)

// TestFourPLOnReferenceData fits R's DNase (run 1) and drc's ryegrass. The
// published fits agree with R's nls to 7 digits; r.json has them to 15.
func TestFourPLOnReferenceData(t *testing.T) {
	for _, test := range []struct {
		id, file, x, y string
		weights        stats.Weights
	}{
		{"inverse-4pl-dnase", "DNase_run1.csv", "conc", "density", stats.Equal},
		{"fit-4pl-dnase-1y", "DNase_run1.csv", "conc", "density", stats.InverseY},
		{"fit-4pl-dnase-1y2", "DNase_run1.csv", "conc", "density", stats.InverseYSqrd},
		{"fit-4pl-ryegrass", "ryegrass.csv", "conc", "rootl", stats.Equal},
	} {
		t.Run(test.id, func(t *testing.T) {
			want := expected(t, test.id)
			columns := table(t, "reference/"+test.file)
			f, err := stats.FourPL(numbers(t, columns[test.x]), numbers(t, columns[test.y]), test.weights)
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range []float64{f.A, f.B, f.C, f.D} {
				e := want.named(t, string("abcd"[i]))
				near(t, e.Name, got, e.Value, 10)
				near(t, "se of "+e.Name, f.SE[i], e.SE, 9)
			}
			near(t, "RSS", f.RSS, want.named(t, "rss").Value, 11)
			near(t, "s", f.S, want.named(t, "residual_sd").Value, 11)
			if float64(f.DF) != want.DF[0] {
				t.Errorf("df = %d, want %v", f.DF, want.DF[0])
			}
		})
	}
}

func dnase(t *testing.T, w stats.Weights) (f stats.Logistic, x, y []float64) {
	t.Helper()
	columns := table(t, "reference/DNase_run1.csv")
	x, y = numbers(t, columns["conc"]), numbers(t, columns["density"])
	f, err := stats.FourPL(x, y, w)
	if err != nil {
		t.Fatal(err)
	}
	return f, x, y
}

func TestInverseOfFourPL(t *testing.T) {
	f, _, _ := dnase(t, stats.Equal)
	for _, test := range []struct {
		id         string
		replicates int
		names      map[string]float64
	}{
		{"inverse-4pl-dnase", 0, map[string]float64{"0.05": 0.05, "0.2": 0.2, "0.5": 0.5, "1.0": 1, "1.5": 1.5, "2.0": 2}},
		{"inverse-4pl-dnase-m2", 2, map[string]float64{"0.5": 0.5, "1.0": 1}},
	} {
		want := expected(t, test.id)
		for name, y := range test.names {
			v, err := f.Inverse(y, test.replicates)
			if err != nil {
				t.Fatal(err)
			}
			e := want.named(t, "x("+name+")")
			near(t, "x", v.X, e.Value, 10)
			near(t, "se", v.SE, e.SE, 9)
			near(t, "lo", v.CI.Lo, e.Lo, 9)
			near(t, "hi", v.CI.Hi, e.Hi, 9)
			near(t, "se of ln x", v.LogSE, want.named(t, "lnx("+name+")").SE, 9)
		}
	}
	// With the error of one reading, y = 0.05, 0.5, 1: R, delta method, 7 digits.
	for y, want := range map[float64]float64{0.05: 0.41696908, 0.5: 0.05742224, 1: 0.04029812} {
		v, err := f.Inverse(y, 1)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "se of ln x, one reading", v.LogSE, want, 6)
	}
}

// Recovery of the standards of DNase run 1 in percent, each read off the curve
// at the mean of its two wells, R: the lowest misses 75 % by 0.054. R's nls stops early, so six digits count.
func TestRecoveryOfStandards(t *testing.T) {
	f, x, y := dnase(t, stats.Equal)
	want := []float64{74.946054, 111.850277, 100.919207, 99.814094, 94.931181, 105.595987, 96.999046, 100.881512}
	for i, w := range want {
		v, err := f.Inverse((y[2*i]+y[2*i+1])/2, 2)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "recovery", v.X/x[2*i]*100, w, 6)
	}
}

// elisa is a made standard curve in pg/mL. Fits in 40-digit arithmetic; R nls
// agrees.
var (
	elisaX = []float64{7.8, 15.6, 31.25, 62.5, 125, 250, 500, 1000}
	elisaY = []float64{0.071, 0.098, 0.163, 0.276, 0.494, 0.861, 1.402, 2.011}
)

func TestFourPLDoesNotDependOnTheUnitOfX(t *testing.T) {
	want := [4]float64{0.045250903606, 0, 719.586962669, 3.39593805764}
	for _, unit := range []float64{1, 1e-12, 1e15} {
		x := make([]float64, len(elisaX))
		for i := range x {
			x[i] = elisaX[i] * unit
		}
		f, err := stats.FourPL(x, elisaY, stats.Equal)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "a", f.A, want[0], 9)
		near(t, "b", f.B, 1.06702282003, 9)
		near(t, "c", f.C, want[2]*unit, 9)
		near(t, "d", f.D, want[3], 9)
		near(t, "se of c", f.SE[2], 22.91011673*unit, 8)
		near(t, "se of d", f.SE[3], 0.05671520844, 8)
		near(t, "RSS", f.RSS, 4.32459186495e-5, 9)
	}
}

// The points lie on 2/(1 + x/10), so d is exactly 0.
func TestFourPLOfDataWithoutError(t *testing.T) {
	f, err := stats.FourPL([]float64{0, 10, 30, 90, 190, 390}, []float64{2, 1, 0.5, 0.2, 0.1, 0.05}, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "a", f.A, 2, 12)
	near(t, "b", f.B, 1, 12)
	near(t, "c", f.C, 10, 12)
	if math.Abs(f.D) > 1e-12 {
		t.Errorf("d = %v, want 0", f.D)
	}
	if !f.Exact || f.RSS > 1e-20 || f.S != 0 || f.SE != [4]float64{} || f.RSquared > 1 {
		t.Errorf("exact %v, RSS %v, s %v, se %v, R² %v", f.Exact, f.RSS, f.S, f.SE, f.RSquared)
	}
	v, err := f.Inverse(0.8, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "x", v.X, 15, 12) // 2/(1+1.5)
}

// Noise-free curves: 4PL top 100, bottom 5, IC50 18, slope 1.7.
func TestFourPLRecoversACurve(t *testing.T) {
	var x, y []float64
	for k := range 8 {
		x = append(x, 0.78125*math.Pow(2, float64(k)))
		y = append(y, 5+95/(1+math.Pow(x[k]/18, 1.7)))
	}
	f, err := stats.FourPL(x, y, stats.InverseY)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "c", f.C, 18, 11)
	v, err := f.Inverse(50, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "absolute IC50", v.X, 19.1508774001, 11) // 40-digit arithmetic
}

func TestMidpointBeyondTheDosesIsNoNumber(t *testing.T) {
	f, err := stats.FourPL([]float64{0, 1, 3, 10, 30, 100, 300, 1000}, []float64{100.2, 99.1, 101.0, 99.6, 98.8, 97.9, 94.8, 88.9}, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	// The optimum exists but says nothing; 40-digit arithmetic, R agrees.
	near(t, "RSS", f.RSS, 2.1638, 4)
	near(t, "c", f.C, 2818, 3.5)
	near(t, "se of c", f.SE[2], 13702, 4)
	if m := f.Midpoint(); m.Relation != stats.Above || m.Lo != 1000 || m.Value != 0 {
		t.Errorf("midpoint is %+v, want above 1000", m)
	}
}

func TestMidpointOfAllOrNothingIsARange(t *testing.T) {
	began := time.Now()
	f, err := stats.FourPL([]float64{1, 1, 3, 3, 10, 10, 30, 30, 100, 100, 300, 300},
		[]float64{99.5, 100.5, 99.5, 100.5, 99.5, 100.5, 0.4, -0.4, 0.4, -0.4, 0.4, -0.4}, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	if m := f.Midpoint(); m.Relation != stats.Between || m.Lo != 10 || m.Hi != 30 || m.SE != 0 {
		t.Errorf("midpoint is %+v, want between 10 and 30", m)
	}
	near(t, "upper plateau", f.A, 100, 4)
	if math.Abs(f.D) > 1e-3 {
		t.Errorf("lower plateau is %v, want 0", f.D)
	}
	near(t, "RSS", f.RSS, 2.46, 6) // 6·0.5² + 6·0.4²
	if f.SE[1] != 0 || f.SE[2] != 0 {
		t.Errorf("slope and midpoint have errors %v", f.SE)
	}
	if _, err := f.Inverse(50, 1); !fault.Is(err, fault.Invalid) {
		t.Errorf("an x on the step gave %v", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the fit took %v", took)
	}
}

// NIST StRD Norris: a straight line, certified to 15 digits; public domain.
func TestLineReachesNIST(t *testing.T) {
	var x, y []float64
	for _, line := range strings.Split(string(open(t, "reference/nist/Norris.dat")), "\n")[60:] {
		if f := strings.Fields(line); len(f) == 2 {
			v := numbers(t, f)
			y, x = append(y, v[0]), append(x, v[1])
		}
	}
	f, err := stats.Line(x, y, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "B0", f.B[0], -0.262323073774029, 10)
	near(t, "B1", f.B[1], 1.00211681802045, 13)
	near(t, "se of B0", f.SE[0], 0.232818234301152, 12)
	near(t, "se of B1", f.SE[1], 0.429796848199937e-3, 12)
	near(t, "s", f.S, 0.884796396144373, 12)
	near(t, "R squared", f.RSquared, 0.999993745883712, 13)
	if f.DF != 34 {
		t.Errorf("df = %d, want 34", f.DF)
	}
}

func TestPolynomialsOnReferenceData(t *testing.T) {
	for _, test := range []struct {
		id, file, x, y string
		weights        stats.Weights
		names          []string
		fit            func(x, y []float64, w stats.Weights) (stats.Polynomial, error)
	}{
		{"fit-linear-cars", "cars.csv", "speed", "dist", stats.Equal, []string{"intercept", "slope"}, stats.Line},
		{"fit-linear-cars-1y", "cars.csv", "speed", "dist", stats.InverseY, []string{"intercept", "slope"}, stats.Line},
		{"fit-quadratic-women", "women.csv", "height", "weight", stats.Equal, []string{"b0", "b1", "b2"}, stats.Quadratic},
		{"fit-quadratic-cars-1y2", "cars.csv", "speed", "dist", stats.InverseYSqrd, []string{"b0", "b1", "b2"}, stats.Quadratic},
	} {
		t.Run(test.id, func(t *testing.T) {
			want := expected(t, test.id)
			columns := table(t, "reference/"+test.file)
			f, err := test.fit(numbers(t, columns[test.x]), numbers(t, columns[test.y]), test.weights)
			if err != nil {
				t.Fatal(err)
			}
			for i, name := range test.names {
				e := want.named(t, name)
				near(t, name, f.B[i], e.Value, 9)
				near(t, "se of "+name, f.SE[i], e.SE, 9)
			}
			near(t, "RSS", f.RSS, want.named(t, "rss").Value, 9)
			near(t, "R squared", f.RSquared, want.named(t, "r_squared").Value, 11)
		})
	}
}

// A made protein curve (CC0): BSA in ug/mL; R lm and 40-digit arithmetic.
var (
	bsa   = []float64{0, 25, 125, 250, 500, 750, 1000, 1500, 2000}
	bsaOD = []float64{.092, .115, .203, .310, .512, .705, .890, 1.232, 1.548}
)

func TestInverseOfQuadratic(t *testing.T) {
	f, err := stats.Quadratic(bsa, bsaOD, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "b0", f.B[0], 0.09480760877021403, 11)
	near(t, "b1", f.B[1], 0.0008656945965243948, 11)
	near(t, "b2", f.B[2], -7.004946999010647e-08, 11)
	near(t, "s", f.S, 0.002666368649498817, 11)
	v, err := f.Inverse(0.45, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "x", v.X, 424.90680899285593, 11)
	near(t, "se", v.SE, 3.5829955516660763, 10)
	near(t, "lo", v.CI.Lo, 416.22936517836786, 10)
	near(t, "se of ln x", v.LogSE, 0.008432426771787313, 10)
	for y, want := range map[float64]string{1.6: "outside the curve", 0.05: "outside the curve", math.NaN(): "NaN"} {
		if _, err := f.Inverse(y, 1); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("x at %v gave %v, want a fault with %q", y, err, want)
		}
	}
}

func TestALineThroughAllPointsIsExact(t *testing.T) {
	f, err := stats.Line([]float64{1, 2, 3}, []float64{2, 4, 6}, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	if !f.Exact || f.S != 0 || f.SE[1] != 0 || f.RSquared > 1 {
		t.Errorf("%+v", f)
	}
	if v, err := f.Inverse(-2, 1); err != nil || math.Abs(v.X+1) > 1e-12 || v.LogSE != 0 {
		t.Errorf("x at -2 is %+v, %v, want -1 without a logarithm", v, err)
	}
}

func TestCurvesThatCannotBeFitted(t *testing.T) {
	x, flat := []float64{1, 2, 3, 4, 5}, []float64{7, 7, 7, 7, 7}
	for _, test := range []struct {
		name string
		x, y []float64
		w    stats.Weights
		want string
	}{
		{"four points leave no freedom", x[:4], x[:4], stats.Equal, "4 values, expected at least 5"},
		{"three doses are too few", []float64{1, 1, 2, 2, 3, 3}, []float64{1, 2, 3, 4, 5, 6}, stats.Equal, "as many different x, found 3"},
		{"equal responses are no curve", x, flat, stats.Equal, "all 5 responses are 7"},
		{"a dose below 0 is refused", []float64{-1, 2, 3, 4, 5}, x, stats.Equal, "x number 1 is -1"},
		{"weights by a response of 0 are refused", x, []float64{0, 1, 2, 3, 4}, stats.InverseYSqrd, "response number 1 is 0"},
		{"unknown weights are refused", x, x, "1/x", `unknown weights "1/x"`},
		{"columns of different length are refused", x, x[:4], stats.Equal, "5 x and 4 y"},
		{"infinite responses are refused", x, []float64{1, 2, 3, 4, math.Inf(1)}, stats.Equal, "y number 5 is +Inf"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := stats.FourPL(test.x, test.y, test.w); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
	f, err := stats.FourPL(elisaX, elisaY, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	for _, y := range []float64{f.A, f.D, 0.01, 4, math.NaN()} {
		if _, err := f.Inverse(y, 1); !fault.Is(err, fault.Invalid) {
			t.Errorf("x at a response of %v gave %v, want a fault", y, err)
		}
	}
}

// FuzzFourPL holds the promise that no fit and no inverse yields NaN, and that
// none runs long, whatever five points it gets.
func FuzzFourPL(f *testing.F) {
	f.Add(1.0, 2.0, 0.1, 0.2, 0.5, 0.7, 0.8, uint8(0))
	f.Add(0.0, 10.0, 2.0, 1.0, 0.5, 0.2, 0.1, uint8(1))
	f.Add(1e-300, 1e300, 1e-300, 1e300, -5.0, 0.0, 3.0, uint8(2))
	f.Fuzz(func(t *testing.T, x0, step, y0, y1, y2, y3, y4 float64, w uint8) {
		x := []float64{x0, x0 + step, x0 + 2*step, x0 + 4*step, x0 + 8*step}
		fit, err := stats.FourPL(x, []float64{y0, y1, y2, y3, y4}, []stats.Weights{stats.Equal, stats.InverseY, stats.InverseYSqrd}[w%3])
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("not a fault: %v", err)
			}
			return
		}
		v, _ := fit.Inverse((fit.A+fit.D)/2, 1) // a fault comes with zeros, which are finite
		for _, n := range []float64{fit.A, fit.B, fit.C, fit.D, fit.RSS, fit.S, fit.RSquared, fit.SE[0], fit.SE[1], fit.SE[2], fit.SE[3], v.X, v.SE, v.LogSE, v.CI.Lo, v.CI.Hi} {
			if math.IsNaN(n) || math.IsInf(n, 0) {
				t.Errorf("a result is no number: %+v, %+v", fit, v)
			}
		}
	})
}
