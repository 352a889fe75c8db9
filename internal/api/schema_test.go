package api

import (
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"secretome/internal/quantity"
	"secretome/internal/record"
)

// object is a part of the document.
type object = map[string]any

// schemas describes Go types as JSON Schema, with the words that stand beside
// them in the source.
type schemas struct {
	t      *testing.T
	source map[string]*words // path of a package → its comments
	made   object            // name → schema
}

// words are what a package's source says beside its types.
type words struct {
	types  map[string]string            // type → comment
	fields map[string]map[string]string // type → field → comment
	values map[string][]string          // type → its constants
}

// schema returns how a type looks in JSON; strict refuses fields it does not have.
func (s *schemas) schema(t reflect.Type, strict bool) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[quantity.Quantity]():
		return object{"type": "string", "description": "a value and its UCUM unit, as 250 mL; empty: none"}
	case t == reflect.TypeFor[json.RawMessage]():
		return object{"type": "object", "description": "as its kind has it"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer", "format": "int64"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		return s.text(t)
	case reflect.Pointer:
		return s.schema(t.Elem(), strict)
	case reflect.Slice:
		return object{"type": "array", "items": s.schema(t.Elem(), strict)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.schema(t.Elem(), strict)}
	case reflect.Struct:
		if t.Name() == "" {
			return s.structure(t, strict)
		}
		return s.named(t, strict)
	default:
		s.t.Fatalf("the type %s has no schema", t)
		return nil
	}
}

// text is a string; of a type with constants one of them.
func (s *schemas) text(t reflect.Type) object {
	o := object{"type": "string"}
	if t.PkgPath() == "" || t == reflect.TypeFor[record.Kind]() { // kinds of records are added by later programs
		return o
	}
	if values := s.words(t.PkgPath()).values[t.Name()]; len(values) > 0 {
		o["enum"] = values
	}
	return o
}

// named puts the schema of a type under its name, and refers to it.
func (s *schemas) named(t reflect.Type, strict bool) object {
	name := schemaName(t)
	if _, ok := s.made[name]; !ok {
		s.made[name] = nil // a type may refer to itself
		o := s.structure(t, strict)
		if text := s.words(t.PkgPath()).types[t.Name()]; text != "" {
			o["description"] = text
		}
		s.made[name] = o
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// schemaName is a type's own name for messages of the client's package, and else
// has the package before it.
func schemaName(t reflect.Type) string {
	pkg := filepath.Base(t.PkgPath())
	if pkg == "client" {
		return t.Name()
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + t.Name()
}

func (s *schemas) structure(t reflect.Type, strict bool) object {
	properties := object{}
	required := []string{}
	s.fields(t, strict, properties, &required)
	o := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		o["required"] = required
	}
	if strict {
		o["additionalProperties"] = false
	}
	return o
}

func (s *schemas) fields(t reflect.Type, strict bool, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported():
			continue
		case f.Anonymous && tag == "":
			s.fields(f.Type, strict, properties, required)
			continue
		case name == "":
			name = f.Name
		}
		o := s.schema(f.Type, strict)
		if text := s.words(t.PkgPath()).fields[t.Name()][f.Name]; text != "" {
			o["description"] = text
		}
		properties[name] = o
		if !strings.Contains(options, "omit") {
			*required = append(*required, name)
			if f.Type.Kind() == reflect.Slice && f.Type != reflect.TypeFor[json.RawMessage]() && filepath.Base(t.PkgPath()) != "client" {
				o["type"] = []string{"array", "null"} // a value of the laboratory, as it is kept
			}
		}
	}
}

var link = regexp.MustCompile(`\[([A-Za-z.]+)\]`)

// said turns a comment into a sentence.
func said(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if text := strings.Join(strings.Fields(g.Text()), " "); text != "" {
			return link.ReplaceAllString(text, "$1")
		}
	}
	return ""
}

// words reads the comments of a package of ours.
func (s *schemas) words(path string) *words {
	if w, ok := s.source[path]; ok {
		return w
	}
	w := &words{map[string]string{}, map[string]map[string]string{}, map[string][]string{}}
	s.source[path] = w
	folder, ours := strings.CutPrefix(path, "secretome/internal/")
	if !ours {
		return w
	}
	files, err := filepath.Glob("../" + folder + "/*.go")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				w.read(g)
			}
		}
	}
	return w
}

func (w *words) read(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			w.types[spec.Name.Name] = said(spec.Doc, g.Doc)
			if st, ok := spec.Type.(*ast.StructType); ok {
				w.fields[spec.Name.Name] = map[string]string{}
				for _, f := range st.Fields.List {
					for _, name := range f.Names {
						w.fields[spec.Name.Name][name.Name] = said(f.Doc, f.Comment)
					}
				}
			}
		case *ast.ValueSpec:
			of, ok := spec.Type.(*ast.Ident)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil {
						w.values[of.Name] = append(w.values[of.Name], text)
					}
				}
			}
		}
	}
}
