package account

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"secretome/internal/fault"
)

func TestABookIsMadeOnceAndGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials.json")
	first, err := Ensure(path, []Person{{"Mara", Manager}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Ensure(path, []Person{{"Mara", Manager}, {"Tim", Technician}})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := first.Token("Mara")
	after, _ := again.Token("Mara")
	if before == "" || before != after {
		t.Errorf("Mara's token changed from %q to %q", before, after)
	}
	if got, ok := again.Who(after); !ok || got != (Person{"Mara", Manager}) {
		t.Errorf("Who(Mara's token) = %v, %v", got, ok)
	}
	for _, wrong := range []string{"", "x", before[:len(before)-1], before + "x"} {
		if got, ok := again.Who(wrong); ok {
			t.Errorf("Who(%q) = %v, want nobody", wrong, got)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v, want 0600", info.Mode(), err)
	}
}

func TestTheFileHasThePromisedKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials.json")
	b, err := Ensure(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var promised struct {
		Token, S3AccessKey, S3SecretKey string
	}
	keys := map[string]any{}
	if err := json.Unmarshal(data, &keys); err != nil {
		t.Fatal(err)
	}
	promised.Token, _ = keys["token"].(string)
	promised.S3AccessKey, _ = keys["s3_access_key"].(string)
	promised.S3SecretKey, _ = keys["s3_secret_key"].(string)
	access, secret := b.Storage()
	if promised.S3AccessKey != access || promised.S3SecretKey != secret || access == "" || secret == "" {
		t.Errorf("S3 keys = %q, %q", promised.S3AccessKey, promised.S3SecretKey)
	}
	if who, ok := b.Who(promised.Token); !ok || who.Role != Administrator {
		t.Errorf("token is of %v, want the administrator", who)
	}
}

func TestABadBookIsRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		text   string
		mode   os.FileMode
		people []Person
		want   fault.Kind
	}{
		{"others may read it", `{}`, 0o644, nil, fault.Refused},
		{"it is no JSON", `{`, 0o600, nil, fault.Invalid},
		{"an empty token would let anybody in", `{"people":[{"name":"M","role":"manager","token":""}]}`, 0o600, nil, fault.Invalid},
		{"an unknown role", `{"people":[{"name":"M","role":"king","token":"01234567890123456789"}]}`, 0o600, nil, fault.Invalid},
		{"a person to be added has an unknown role", `{}`, 0o600, []Person{{"M", "king"}}, fault.Invalid},
		{"a person changes the role", `{"people":[{"name":"M","role":"manager","token":"01234567890123456789"}]}`, 0o600, []Person{{"M", Auditor}}, fault.Conflict},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "credentials.json")
			if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := Ensure(path, test.people); !fault.Is(err, test.want) {
				t.Errorf("Ensure = %v, want %s", err, test.want)
			}
		})
	}
}

func TestABookWithoutPeopleHasOneOfEachRole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials.json")
	for range 2 { // made, then found
		b, err := Ensure(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(b.People()); got != len(Roles()) {
			t.Errorf("%d people, want one for each of %d roles", got, len(Roles()))
		}
		for _, role := range Roles() {
			if role != Administrator && !b.Has(role) {
				t.Errorf("nobody is called %s", role)
			}
		}
	}
}
