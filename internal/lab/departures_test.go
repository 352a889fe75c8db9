package lab

import "testing"

func TestALongValueIsLegible(t *testing.T) {
	for value, want := range map[string]string{"25.987138787 %": "25.99 %", "0.256746582607": "0.2567", "97.5 %": "97.5 %", "5": "5", "accept": "accept", "9.5 Cel": "9.5 Cel", "": ""} {
		if got := legible(value); got != want {
			t.Errorf("%q is shown as %q, want %q", value, got, want)
		}
	}
}
