package protocol_test

import (
	"bytes"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/protocol"
)

func TestEveryParameterCanBeReplacedAndNothingElseChanges(t *testing.T) {
	for _, file := range []string{"compact", "range", "release"} {
		data := read(t, "../../examples/"+file+".yaml")
		before, err := protocol.Parse(file, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		all := before.Parameters()
		if len(all) < 3 {
			t.Errorf("%s has %d parameters", file, len(all))
		}
		for _, p := range all {
			value, err := p.Choose(p.Value)
			if err != nil {
				t.Errorf("%s: its own value is refused at %s: %v", file, p.Path, err)
				continue
			}
			same, err := protocol.Replace(file, []byte(data), p.Path, value)
			if err != nil {
				t.Errorf("%s, %s: %v", file, p.Path, err)
				continue
			}
			if strings.ReplaceAll(string(same), `"`, "") != strings.ReplaceAll(data, `"`, "") {
				t.Errorf("%s: writing %s at %s again changes the document", file, value, p.Path)
			}
		}
	}
}

func TestAParameterIsChosenWithinItsLimits(t *testing.T) {
	p := parse(t, "../../examples/compact.yaml")
	var blocks, wait protocol.Parameter
	for _, one := range p.Parameters() {
		switch {
		case one.Path == "models[0].blocks":
			blocks = one
		case one.Unit == "h" && wait.Path == "":
			wait = one
		}
	}
	outside := wait.High.Amount() + "0"
	for _, test := range []struct {
		name  string
		of    protocol.Parameter
		typed string
		want  string // empty: refused
		says  string
	}{
		{"a count", blocks, " 4 ", "4", ""},
		{"half a block", blocks, "3.5", "", `"3.5" is no whole number`},
		{"no block", blocks, "0", "", "0 lies outside 1 to 99"},
		{"a hundred blocks", blocks, "100", "", "100 lies outside 1 to 99"},
		{"nothing", blocks, "", "", "no whole number"},
		{"a word", wait, "soon", "", `"soon" is no number`},
		{"a unit", wait, "4 h", "", "The unit is there already"},
		{"outside its window", wait, outside, "", outside + " lies outside " + wait.Low.String() + " to " + wait.High.String()},
		{"a comma", wait, strings.ReplaceAll(wait.Low.Amount()+",0", ".", ""), wait.Low.Amount() + ".0 h", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.of.Choose(test.typed)
			if test.want == "" {
				if f := fault.Of(err); err == nil || !strings.Contains(f.Message+f.Help, test.says) {
					t.Errorf("%q gives %q, %v; wanted %q", test.typed, got, err, test.says)
				}
				return
			}
			if got != test.want || err != nil {
				t.Errorf("%q gives %q, %v; not %q", test.typed, got, err, test.want)
			}
		})
	}
}

func TestAValueIsReplacedWhereItStands(t *testing.T) {
	for _, test := range []struct{ name, before, path, value, after string }{
		{"plain", "a: 1 # one\nb: 2\n", "b", "3", "a: 1 # one\nb: 3\n"},
		{"behind letters that take two bytes", "ä: {ö: ü, n: 24 h}\n", "ä.n", "25 h", "ä: {ö: ü, n: 25 h}\n"},
		{"quoted", "m: [{x: \"20 %{v/v}\"}]\n", "m[0].x", "30 %{v/v}", "m: [{x: \"30 %{v/v}\"}]\n"},
		{"in single quotes", "m: 'x'\n", "m", "2 h", "m: 2 h\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := protocol.Replace("x.yaml", []byte(test.before), test.path, test.value)
			if err != nil || !bytes.Equal(got, []byte(test.after)) {
				t.Errorf("%q, %v; not %q", got, err, test.after)
			}
		})
	}
	for _, path := range []string{"b", "a[3]", "a.b", "list", "long"} {
		if _, err := protocol.Replace("x.yaml", []byte("a: 1\nlist: [1]\nlong: |\n  two\n  lines\n"), path, "2"); !fault.Is(err, fault.Invalid) {
			t.Errorf("at %s: %v", path, err)
		}
	}
}
