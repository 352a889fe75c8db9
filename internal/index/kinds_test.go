package index_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"secretome/internal/index"
	"secretome/internal/record"
)

// kinds reads the kinds of records from the source of package record, so that a
// new one cannot be forgotten here.
func kinds(t testing.TB) []record.Kind {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../record/body.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []record.Kind
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Kind" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, record.Kind(text))
		return true
	})
	return all
}

func TestEveryKindHasItsProjection(t *testing.T) {
	all := kinds(t)
	if len(all) < 29 { // as many as there were when this was written
		t.Fatalf("found %d kinds: %v", len(all), all)
	}
	for _, k := range append(append(all, record.LotKinds()...), record.PersonKinds()...) {
		if !index.Projected(k) {
			t.Errorf("records of kind %s are not projected", k)
		}
	}
	if index.Projected("moon-phase") {
		t.Error("an unknown kind is projected")
	}
}

func TestEveryTableIsCompared(t *testing.T) {
	compared, all := begin(t, "lab").x.Compared(t)
	slices.Sort(compared)
	slices.Sort(all)
	if !slices.Equal(compared, all) {
		t.Errorf("compared are %v, the file has %v", compared, all)
	}
}

func TestTheFileIsKeptAsMeant(t *testing.T) {
	x := openAt(t, filepath.Join(t.TempDir(), "index.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "1", "busy_timeout": "10000"} { // 1 is NORMAL
		if got := x.Settings(t, pragma); got != want {
			t.Errorf("%s = %s, want %s", pragma, got, want)
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}
