package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"html/template"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var updateTexts = flag.Bool("update-texts", false, "write the catalogue of what the pages say")

// The catalogue has each message of each template, and none besides.
func TestTheCatalogueHasWhatThePagesSay(t *testing.T) {
	said := map[string]string{}
	for _, page := range newViews(&Web{assets: newAssets()}).pages {
		for _, message := range messagesOf(page) {
			said[message] = message
		}
	}
	const file = "texts/en.json"
	if *updateTexts {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "\t")
		if err := encoder.Encode(said); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	english, err := newTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range slices.Sorted(maps.Keys(said)) {
		if english[message] == "" {
			t.Errorf("%s lacks %q; renew it: go test ./internal/web -run Catalogue -update-texts", file, message)
		}
	}
	for _, message := range slices.Sorted(maps.Keys(english)) {
		if said[message] == "" {
			t.Errorf("%s has %q, which no page says", file, message)
		}
	}
}

// A second language is put in where the words stand, with its own order of values.
func TestASecondLanguageIsPutIntoThePages(t *testing.T) {
	const page = `<p title="Opens {{.When}}" class="Closes">Closes {{.When}}{{if .Late}}, <b>late</b> by {{.By}}{{end}}</p>` +
		`<script>let Closes = "Closes"</script>{{range .Rows}}<a href="/late/{{.}}" aria-label="late {{.}}">late</a>{{else}}<p>late</p>{{end}}`
	german := texts{"Closes {1}": "Bis {1} offen", "late": "verspätet", "Opens {1}": "Ab {1}", "late {1}": "{1} verspätet", "by {1}": "um {1}"}
	one := template.Must(template.New("page").Parse(page))
	if got, want := messagesOf(one), []string{"Closes {1}", "Opens {1}", "by {1}", "late", "late {1}"}; !slices.Equal(got, want) {
		t.Fatalf("messages are %q, want %q", got, want)
	}
	german.put(one)
	var out strings.Builder
	err := one.Execute(&out, map[string]any{"When": "15:00", "Late": true, "By": "2 h", "Rows": []string{"a<b"}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `<p title="Ab 15:00" class="Closes">Bis 15:00 offen, <b>verspätet</b> um 2 h</p>` +
		`<script>let Closes = "Closes"</script><a href="/late/a%3cb" aria-label="a&lt;b verspätet">verspätet</a>`
	if out.String() != want {
		t.Errorf("the page is\n%s\nwant\n%s", out.String(), want)
	}
}
