package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/vault"
)

func made(t *testing.T) (*vault.Vault, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "blind.key")
	v, err := vault.Make(path)
	if err != nil {
		t.Fatal(err)
	}
	return v, path
}

func TestOnlyTheLaboratorysKeyOpens(t *testing.T) {
	v, path := made(t)
	secret := []byte(`{"X7Q":"CM20"}`)
	sealed, err := v.Seal(secret)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("CM20")) {
		t.Error("the secret stands in the sealed bytes")
	}
	later, err := vault.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := later.Open(sealed); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened are %q (%v), sealed were %q", got, err, secret)
	}
	other, _ := made(t)
	if _, err := other.Open(sealed); !fault.Is(err, fault.Refused) {
		t.Errorf("another key says %v", err)
	}
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if got, err := v.Open(broken); err == nil {
			t.Errorf("with byte %d changed it opens as %q", i, got)
		}
	}
}

func TestAKeyIsNeitherReplacedNorReadByOthers(t *testing.T) {
	_, path := made(t)
	if _, err := vault.Make(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second key says %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v (%v)", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(path); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a broken key says %v", err)
	}
	if _, err := vault.Open(path + ".gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no key says %v", err)
	}
}
