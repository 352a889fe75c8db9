package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed static
var staticFiles embed.FS

// assets are the style sheet and the script, each made of the files of its folder
// in order of their names, under a name that changes with the content.
type assets struct {
	byPath map[string]asset
	CSS    string // path of the style sheet
	JS     string // path of the script
}

type asset struct {
	media  string
	data   []byte
	packed []byte // with gzip
}

func newAssets() assets { return theAssets() }

// theAssets are the same for every server of this program: they are packed once.
var theAssets = sync.OnceValue(func() assets {
	a := assets{byPath: map[string]asset{}}
	a.CSS = a.join("static/css", "app", "css", "text/css; charset=utf-8")
	a.JS = a.join("static/js", "app", "js", "text/javascript; charset=utf-8")
	return a
})

// join makes one file of a folder's. The files are part of the program, so that
// an error is one of the build.
func (a *assets) join(folder, name, extension, media string) string {
	files, err := fs.Glob(staticFiles, folder+"/*."+extension)
	if err != nil {
		panic(err)
	}
	var all []byte
	for _, f := range files {
		data, err := staticFiles.ReadFile(f)
		if err != nil {
			panic(err)
		}
		all = append(append(all, data...), '\n')
	}
	sum := sha256.Sum256(all)
	at := "/static/" + name + "-" + hex.EncodeToString(sum[:6]) + "." + extension
	a.byPath[at] = asset{media, all, small(all)}
	return at
}

// static answers with an asset, which never changes under its name.
func (w *Web) static(out http.ResponseWriter, r *http.Request) {
	a, ok := w.assets.byPath[path.Clean(r.URL.Path)]
	if !ok || strings.HasSuffix(r.URL.Path, "/") {
		http.NotFound(out, r)
		return
	}
	out.Header().Set("Content-Type", a.media)
	out.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	out.Header().Set("Vary", "Accept-Encoding")
	data := a.data
	if packs(r) {
		out.Header().Set("Content-Encoding", "gzip")
		data = a.packed
	}
	_, _ = out.Write(data) // who asked has gone: nobody is left to tell
}
