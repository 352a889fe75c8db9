// Package layers holds the tests that keep the shape of this code base: who may
// import whom, and what a package may be called. The table below is the floor
// plan of the house; change it on purpose.
package layers

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "secretome"

// floor is a set of packages under the same rules. A package lives on the first
// floor with a pattern that matches its path.
type floor struct {
	name     string
	packages []string // path.Match patterns below the module
	may      []string // floors it may import besides itself; "*" is any
	together bool     // its packages may import each other
	never    []string // import-path prefixes that it must not reach directly
}

var (
	outside = []string{"net/http", "os", "os/exec", "database/sql", "github.com/minio", "modernc.org"}
	impure  = append([]string{"go.temporal.io", "math/rand", "math/rand/v2", "crypto/rand"}, outside...)
	servers = []string{"go.temporal.io", "github.com/minio", "database/sql"}
)

var house = []floor{
	{name: "values", packages: []string{"internal/fault", "internal/quantity"}, together: true,
		never: append([]string{"github.com", "golang.org", "gonum.org"}, impure...)},
	{name: "files", packages: []string{"internal/durable"}, never: append([]string{"github.com", "golang.org"}, servers...)},
	{name: "laboratory", packages: []string{"internal/protocol", "internal/sample", "internal/task", "internal/record", "internal/seal", "internal/run"}, together: true,
		may: []string{"values", "design"}, never: impure},
	// A generator with a given seed is a pure function; what draws the seed is an activity.
	{name: "design", packages: []string{"internal/design"}, may: []string{"values", "laboratory", "numbers"},
		never: append([]string{"go.temporal.io", "crypto/rand"}, outside...)},
	{name: "numbers", packages: []string{"internal/stats"}, may: []string{"values"}, never: append([]string{"time"}, impure...)},
	{name: "plug-in lists", packages: []string{"internal/instrument/all", "internal/assay/all"}, may: []string{"science", "plug-ins"}},
	{name: "plug-in suites", packages: []string{"internal/instrument/instrumenttest"}, may: []string{"values", "laboratory", "science"}},
	{name: "plug-ins", packages: []string{"internal/instrument/*", "internal/assay/*"}, may: []string{"values", "laboratory", "numbers", "science"}, never: impure},
	{name: "science", packages: []string{"internal/instrument", "internal/assay"}, together: true, may: []string{"values", "laboratory", "numbers"}, never: impure},
	{name: "drawing", packages: []string{"internal/figure", "internal/report"}, together: true, may: []string{"values", "laboratory", "numbers", "science"}, never: impure},
	{name: "labels", packages: []string{"internal/label"}, may: []string{"values"}, never: impure},
	{name: "stores", packages: []string{"internal/artifact", "internal/artifact/*", "internal/logbook", "internal/index"}, together: true,
		may: []string{"values", "laboratory"}, never: []string{"go.temporal.io"}},
	{name: "outward", packages: []string{"internal/notify"}, may: []string{"values"}, never: servers},
	{name: "crate", packages: []string{"internal/crate"}, may: []string{"values", "laboratory", "numbers", "science", "drawing"},
		never: []string{"go.temporal.io", "github.com/minio", "net/http", "database/sql"}},
	{name: "activities", packages: []string{"activities"}, may: []string{"values", "laboratory", "design", "numbers", "science", "drawing", "crate"},
		never: []string{"github.com/minio", "net/http", "database/sql", "go.temporal.io/sdk/workflow"}},
	{name: "workflows", packages: []string{"workflows"}, may: []string{"values", "laboratory", "activities"},
		never: append([]string{"math/rand", "math/rand/v2", "crypto/rand", "sync", "github.com/google/uuid", "go.temporal.io/sdk/client"}, outside...)},
	// What would happen is a pure function of a protocol, though Temporal's test environment computes it.
	{name: "forecast", packages: []string{"internal/forecast"}, may: []string{"values", "laboratory", "drawing", "activities", "workflows"},
		never: append([]string{"math/rand", "math/rand/v2", "crypto/rand", "go.temporal.io/sdk/client"}, outside...)},
	{name: "worker", packages: []string{"worker"}, may: []string{"activities", "workflows"}},
	// Accounts are a store of their own: they have a database, though nothing of them is made anew from S3.
	{name: "people", packages: []string{"internal/account"}, may: []string{"values", "files", "laboratory"}, never: []string{"go.temporal.io", "github.com/minio", "net/http"}},
	{name: "secrets", packages: []string{"internal/vault"}, may: []string{"values", "files", "laboratory"}, never: servers},
	{name: "application", packages: []string{"internal/lab"}, may: []string{"values", "files", "laboratory", "design", "numbers", "stores", "people", "activities", "workflows", "forecast", "examples"},
		never: []string{"github.com/minio", "database/sql", "net/http"}},
	{name: "operation", packages: []string{"internal/embedded", "internal/embedded/*", "internal/config"}, together: true, may: []string{"values", "files"}},
	{name: "client", packages: []string{"internal/client"}, may: []string{"values", "laboratory"}, never: servers},
	{name: "doors", packages: []string{"internal/api", "internal/web"}, may: []string{"values", "laboratory", "application", "people", "client", "stores", "labels", "forecast"}, never: servers},
	{name: "rehearsal", packages: []string{"internal/rehearsal"}, may: []string{"values", "laboratory", "client"}, never: servers},
	{name: "command line", packages: []string{"internal/cli"}, may: []string{"values", "laboratory", "design", "numbers", "science", "plug-in lists", "crate", "labels", "forecast", "client", "examples"}, never: servers},
	{name: "root", packages: []string{"internal/program", "internal/e2e", "internal/e2e/*"}, may: []string{"*"}, together: true},
	{name: "examples", packages: []string{"examples"}, never: impure},
	{name: "main", packages: []string{"cmd/*"}, may: []string{"root"}},
	{name: "tools", packages: []string{"internal/gen/*", "internal/layers"}, may: []string{"values", "operation"}},
}

var saysNothing = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "core", "lib", "models", "types", "manager", "service", "services", "pkg"}

type pkg struct {
	ImportPath, Doc  string
	Imports, GoFiles []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	// The go command caches a test's result by the files that the test opens;
	// what its child "go list" reads it cannot see, so we look at the tree too.
	err := filepath.WalkDir("../..", func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,GoFiles", module+"/...")
	out, err := list.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := list.Start(); err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := list.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

func floorOf(importPath string) *floor {
	below := strings.TrimPrefix(importPath, module+"/")
	for i := range house {
		for _, pattern := range house[i].packages {
			if ok, _ := path.Match(pattern, below); ok {
				return &house[i]
			}
		}
	}
	return nil
}

func TestImportsGoDown(t *testing.T) {
	for _, p := range packages(t) {
		on := floorOf(p.ImportPath)
		if on == nil {
			t.Errorf("%s is on no floor: add it to the table in this file", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			for _, bad := range on.never {
				if imported == bad || strings.HasPrefix(imported, bad+"/") {
					t.Errorf("%s imports %s, which %q must never do", p.ImportPath, imported, on.name)
				}
			}
			if !strings.HasPrefix(imported, module+"/") {
				continue
			}
			switch to := floorOf(imported); {
			case to == nil, slices.Contains(on.may, "*"), to == on && on.together:
			case to == on:
				t.Errorf("%s imports its neighbour %s: %q keeps its packages apart", p.ImportPath, imported, on.name)
			case !slices.Contains(on.may, to.name):
				t.Errorf("%s (%s) imports %s (%s); it may import %v", p.ImportPath, on.name, imported, to.name, on.may)
			}
		}
	}
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains(saysNothing, path.Base(p.ImportPath)) {
			t.Errorf("the name of %s says nothing", p.ImportPath)
		}
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
