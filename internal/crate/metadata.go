package crate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// stamp prints times as the profiles of RO-Crate want them: UTC as "+00:00",
// never "Z", three decimals.
const stamp = "2006-01-02T15:04:05.000-07:00"

// thing is an entity of the crate; properties that do not apply are left out.
type thing struct {
	ID             string    `json:"@id"`
	Type           string    `json:"@type"`
	About          *thingID  `json:"about,omitempty"`
	ConformsTo     *thingID  `json:"conformsTo,omitempty"`
	Name           string    `json:"name,omitempty"`
	AlternateName  []string  `json:"alternateName,omitempty"`
	Description    string    `json:"description,omitempty"`
	DatePublished  string    `json:"datePublished,omitempty"`
	License        *thingID  `json:"license,omitempty"`
	Author         []thingID `json:"author,omitempty"`
	Publisher      *thingID  `json:"publisher,omitempty"`
	Affiliation    *thingID  `json:"affiliation,omitempty"`
	URL            string    `json:"url,omitempty"`
	JobTitle       string    `json:"jobTitle,omitempty"`
	EncodingFormat string    `json:"encodingFormat,omitempty"`
	ContentSize    string    `json:"contentSize,omitempty"`
	SHA256         string    `json:"sha256,omitempty"`
	HasPart        []thingID `json:"hasPart,omitempty"`
}

// thingID points at another entity.
type thingID struct {
	ID string `json:"@id"`
}

// vocabulary is that of RO-Crate 1.1, and the one term that it lacks.
const vocabulary = `["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]`

// metadata describes the folder as an RO-Crate 1.1.
func metadata(c Contents, g *gathering) (entry, []byte, error) {
	const laboratory = "#laboratory"
	root := thing{
		ID: "./", Type: "Dataset", Name: cmp.Or(c.Title, "Run of a protocol"),
		Description:   cmp.Or(c.Description, "Records, artifacts and report of one run of a protocol, to be checked by anybody."),
		DatePublished: c.Published.UTC().Format(stamp),
	}
	license := licenseOf(c.License)
	root.License = &thingID{license.ID}
	var people []thing
	for _, p := range g.known.people {
		person := thing{ID: "#person/" + identifier(p.Name), Type: "Person", Name: p.Name, JobTitle: p.Role}
		if c.Laboratory != "" {
			person.Affiliation = &thingID{laboratory}
		}
		root.Author = append(root.Author, thingID{person.ID})
		people = append(people, person)
	}
	if c.Laboratory != "" {
		root.Publisher = &thingID{laboratory}
		people = append(people, thing{ID: laboratory, Type: "Organization", Name: c.Laboratory, URL: c.Website})
		if root.Author == nil {
			root.Author = []thingID{{laboratory}}
		}
	}
	files := filesOf(g.folder.entries)
	for _, f := range files {
		root.HasPart = append(root.HasPart, thingID{f.ID})
	}
	descriptor := thing{ID: metadataFile, Type: "CreativeWork", About: &thingID{"./"}, ConformsTo: &thingID{"https://w3id.org/ro/crate/1.1"}}
	data, err := json.MarshalIndent(struct {
		Context json.RawMessage `json:"@context"`
		Graph   []thing         `json:"@graph"`
	}{json.RawMessage(vocabulary), slices.Concat([]thing{descriptor, root, license}, people, files)}, "", " ")
	if err != nil {
		return entry{}, nil, fmt.Errorf("describe the bundle: %w", err)
	}
	return entry{path: metadataFile, mediaType: "application/ld+json"}, append(data, '\n'), nil
}

// licenseOf returns the licence's entity; a crate must have one.
func licenseOf(l License) thing {
	t := thing{ID: l.URL, Type: "CreativeWork", Name: cmp.Or(l.Name, l.URL), Description: cmp.Or(l.Description, l.Name, l.URL)}
	if l.URL == "" {
		t.ID = "#license"
		t.Name = cmp.Or(l.Name, "No licence given")
		t.Description = cmp.Or(l.Description, "The laboratory has not said what others may do with this.")
	}
	return t
}

// filesOf returns the entities of the files, by path.
func filesOf(entries []entry) []thing {
	files := make([]thing, 0, len(entries))
	for _, e := range sorted(entries) {
		files = append(files, thing{
			ID: identifier(e.path), Type: "File", Name: cmp.Or(e.name, e.path), AlternateName: e.also,
			EncodingFormat: cmp.Or(e.mediaType, "application/octet-stream"),
			ContentSize:    strconv.FormatInt(e.size, 10), SHA256: e.sha256,
		})
	}
	return files
}

func sorted(entries []entry) []entry {
	return slices.SortedFunc(slices.Values(entries), func(a, b entry) int { return cmp.Compare(a.path, b.path) })
}
