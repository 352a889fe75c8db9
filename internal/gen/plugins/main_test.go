package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFoldersBecomeTheList(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "instrument")
	for _, name := range []string{"gen5", "all", "testdata", "instrumenttest", "bmg"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	names, err := plugins(dir)
	if err != nil {
		t.Fatal(err)
	}
	src, err := source("instrument", names)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "\t\tbmg.Parser,\n\t\tgen5.Parser,\n\t}") {
		t.Errorf("the list is\n%s", src)
	}
	if _, err := source("kitchen", nil); err == nil {
		t.Error("a host without plug-ins was accepted")
	}
}
