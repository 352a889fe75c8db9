package stats_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// shared is where the reference data lie that must not be copied here (data
// sets of R packages) beside those that may.
const shared = "../../../shared/data"

// open reads a file of the shared data, or skips the test where it is absent.
func open(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(shared, name))
	if os.IsNotExist(err) && os.Getenv("SECRETOME_CI") == "" {
		t.Skipf("the reference data are absent: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// table reads a CSV file of the reference data by columns.
func table(t *testing.T, name string) map[string][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, name))
	if os.IsNotExist(err) && os.Getenv("SECRETOME_CI") == "" {
		t.Skipf("the reference data are absent: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for j, name := range rows[0] {
		for _, row := range rows[1:] {
			out[name] = append(out[name], row[j])
		}
	}
	return out
}

func numbers(t *testing.T, cells []string) []float64 {
	t.Helper()
	var out []float64
	for _, c := range cells {
		v, err := strconv.ParseFloat(c, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// split returns the values of each level, and the levels, in order of
// appearance.
func split(t *testing.T, levels, cells []string) (map[string][]float64, []string) {
	t.Helper()
	out, names := map[string][]float64{}, []string(nil)
	for i, v := range numbers(t, cells) {
		if out[levels[i]] == nil {
			names = append(names, levels[i])
		}
		out[levels[i]] = append(out[levels[i]], v)
	}
	return out, names
}

// estimate is one line of an expected result in r.json.
type estimate struct {
	Name      string
	Value, P  float64
	SE        float64
	Lo, Hi    float64
	Statistic float64
	DF        float64
}

type expectation struct {
	Statistic, P float64
	DF           []float64
	Estimates    []estimate
}

func (e expectation) named(t *testing.T, name string) estimate {
	t.Helper()
	for _, v := range e.Estimates {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("r.json has no estimate %q", name)
	return estimate{}
}

// expected returns a case of r.json: numbers computed in 40 digits and by R
// 4.x, the call stands beside them in the file.
func expected(t *testing.T, id string) expectation {
	t.Helper()
	var cases []struct {
		ID     string
		Expect expectation
	}
	if err := json.Unmarshal(open(t, "reference/r.json"), &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.ID == id {
			return c.Expect
		}
	}
	t.Fatalf("r.json has no case %q", id)
	return expectation{}
}

// digits is the log relative error of NIST: how many digits agree, 15 at most.
func digits(got, want float64) float64 {
	switch {
	case got == want:
		return 15
	case want == 0:
		return math.Min(15, -math.Log10(math.Abs(got)))
	}
	return math.Min(15, -math.Log10(math.Abs(got-want)/math.Abs(want)))
}

// near fails unless got agrees with want to the number of digits.
func near(t *testing.T, what string, got, want, least float64) {
	t.Helper()
	if d := digits(got, want); !(d >= least) {
		t.Errorf("%s = %.15g, want %.15g: %.1f digits agree, want %v", what, got, want, d, least)
	}
}

// nearBy is near, measured against the larger of want and scale.
func nearBy(t *testing.T, what string, got, want, scale, least float64) {
	t.Helper()
	if d := -math.Log10(math.Abs(got-want) / math.Max(math.Abs(want), scale)); !(d >= least) {
		t.Errorf("%s = %.15g, want %.15g: %.1f digits agree, want %v", what, got, want, d, least)
	}
}
