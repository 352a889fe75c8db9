package port

import (
	"strings"
	"testing"

	"secretome/internal/fault"
)

func TestPortsThatAreHeldDiffer(t *testing.T) {
	seen := map[int]bool{}
	for range 50 {
		p, err := Claim(0, "")
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		if seen[p.number] || p.number < lowestFree || p.number > highestFree {
			t.Errorf("claimed %d, after %v", p.number, seen)
		}
		seen[p.number] = true
	}
}

func TestATakenPortIsNamedWithItsFlag(t *testing.T) {
	held, err := Claim(0, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Claim(held.number, "--ui-port")
	if f := fault.Of(err); f.Kind != fault.Unavailable || !strings.Contains(f.Help, "--ui-port") {
		t.Errorf("Claim of a taken port = %v, help %q", err, f.Help)
	}
	number := held.Yield()
	again, err := Claim(number, "--ui-port")
	if err != nil {
		t.Fatalf("a yielded port is not free: %v", err)
	}
	again.Release()
}

func TestANumberThatIsNoPortIsInvalid(t *testing.T) {
	for _, number := range []int{-1, 65536} {
		if _, err := Claim(number, "--s3-port"); !fault.Is(err, fault.Invalid) {
			t.Errorf("Claim(%d) = %v", number, err)
		}
	}
}
