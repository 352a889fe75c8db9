package crate

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
)

// readme tells a stranger what the folder is.
func readme(c Contents, _ *gathering) (entry, []byte, error) {
	title := cmp.Or(strings.Join(strings.Fields(c.Title), " "), "Records of a run")
	text := fmt.Sprintf(readmeText, title, strings.Repeat("=", len([]rune(title))))
	return entry{path: readmeFile, mediaType: "text/plain", name: "Read me first"}, []byte(strings.TrimLeft(text, "\n")), nil
}

const readmeText = `
%s
%s

This folder is a bundle: everything that was recorded in one run of a protocol,
so that anybody can read it and check that nothing was changed.

What is where
  report.html           the report, if there is one: open it in a browser; its
                        numbers lead to the records that they came from
  records/              the logbooks: one file for each thing that a person, an
                        instrument or the program did, numbered
  artifacts/            what was measured, uploaded and computed, each file in a
                        folder that is named by its SHA-256
  artifacts.tsv         a table of them, with every name that each was known by
  histories/            the events of the workflow engine, if there are any
  ro-crate-metadata.json  a description of the folder for other programs
  manifest.sha256       the SHA-256 of every other file

How to check it with the tools of any computer
  In this folder, run one of
      sha256sum -c manifest.sha256
      shasum -a 256 -c manifest.sha256
  Each file should be "OK". This finds accidents. A forger could have written a
  new manifest, so look at the records too: in each one, "previous" is the SHA-256
  of the file before it, and "uses" names what it was made from by SHA-256.

How to check all of it
      secretome verify FOLDER
  re-hashes every file, follows every chain and every use, checks the seals and
  the signatures, and names whatever differs. It needs no network. Compare the
  fingerprint of the key of the seal with the one that the laboratory publishes:
  only this tells whose seal it is.
`

// listHeader names the columns of artifacts.tsv.
const listHeader = "sha256\tbytes\tmedia_type\tfile\tname\trecord\n"

// list is the table of artifacts: a line for each name, with the first record
// that gives it. In names and paths, backslash, tab and newline are \\, \t, \n.
func list(_ Contents, g *gathering) (entry, []byte, error) {
	var b bytes.Buffer
	b.WriteString(listHeader)
	for _, e := range sorted(g.folder.entries) {
		it := g.known.artifacts[e.sha256]
		if _, isRecord := recordAt(e.path); it == nil || isRecord {
			continue
		}
		mentions := it.mentions
		if len(mentions) == 0 {
			mentions = []mention{{"", it.by}}
		}
		for _, m := range mentions {
			fmt.Fprintf(&b, "%s\t%d\t%s\t%s\t%s\t%s\n", e.sha256, e.size, cell(e.mediaType), cell(e.path), cell(m.name), RecordPath(m.by))
		}
	}
	return entry{path: listFile, mediaType: "text/tab-separated-values", name: "Table of artifacts"}, b.Bytes(), nil
}

func cell(s string) string {
	return strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(s)
}

// manifest is what sha256sum -c reads, of every file but itself.
func manifest(_ Contents, g *gathering) (entry, []byte, error) {
	var b bytes.Buffer
	for _, e := range sorted(g.folder.entries) {
		b.WriteString(manifestLine(e.sha256, e.path))
	}
	return entry{path: manifestFile, mediaType: "text/plain"}, b.Bytes(), nil
}

// manifestLine writes a line as sha256sum does: one with an escaped name begins
// with a backslash.
func manifestLine(sha256, p string) string {
	if escaped := strings.ReplaceAll(p, `\`, `\\`); escaped != p {
		return `\` + sha256 + "  " + escaped + "\n"
	}
	return sha256 + "  " + p + "\n"
}

// readManifestLine is the inverse of [manifestLine], for a line without its end.
func readManifestLine(line string) (sha256, p string, ok bool) {
	bare, _ := strings.CutPrefix(line, `\`)
	sha256, p, ok = strings.Cut(bare, "  ")
	if bare != line {
		p = strings.ReplaceAll(p, `\\`, `\`)
	}
	return sha256, p, ok && isHash(sha256) && manifestLine(sha256, p) == line+"\n"
}
