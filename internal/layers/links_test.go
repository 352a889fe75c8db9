package layers

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var (
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// named is a path of this repository between backticks.
	named = regexp.MustCompile("`((?:activities|cmd|deploy|docs|examples|internal|worker|workflows|\\.ci)(?:/[A-Za-z0-9_.-]+)*/?)`")
)

// documents returns the Markdown files of the repository, by path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "secretome-data"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(at) != ".md":
			return nil
		}
		text, err := os.ReadFile(at)
		found[at] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	checked := 0
	for at, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			checked++
			if _, err := os.Stat(filepath.Join(filepath.Dir(at), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", at, m[1])
			}
		}
	}
	if checked == 0 {
		t.Error("no link was found in any document")
	}
}

func TestFilesThatDocumentsNameExist(t *testing.T) {
	checked := 0
	for at, text := range documents(t) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			checked++
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", at, m[1])
			}
		}
	}
	if checked == 0 {
		t.Error("no file is named in any document")
	}
}
