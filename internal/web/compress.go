package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// Pages and assets go compressed to browsers that take it. A page has nothing in
// it that could be guessed by its length (BREACH, 2013): the token of the session
// is in no page, other sites cannot ask for pages with our cookie in the name of
// somebody and see how long they are, and one-time links are shown once.

// leastPacked is how many bytes are worth packing: what fits into one packet is
// not.
const leastPacked = 1400

// packs reports whether a browser takes gzip.
func packs(r *http.Request) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
		if name == "gzip" {
			return strings.ReplaceAll(quality, " ", "") != "q=0"
		}
	}
	return false
}

// packers are kept: each has tables of some hundred kilobytes.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// packed compresses as quickly as a page may take.
func packed(data []byte) []byte {
	var b bytes.Buffer
	z, ok := packers.Get().(*gzip.Writer)
	if !ok {
		return data
	}
	defer packers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(data) // into memory, where nothing fails
	_ = z.Close()
	return b.Bytes()
}

// small compresses as well as can be, once.
func small(data []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = z.Write(data) // into memory, where nothing fails
	_ = z.Close()
	return b.Bytes()
}

// body writes what a page is made of, compressed where that is taken. The headers
// may still be set.
func (p *page) body(status int, data []byte) {
	h := p.w.Header()
	h.Add("Vary", "Accept-Encoding")
	if packs(p.r) && len(data) >= leastPacked {
		h.Set("Content-Encoding", "gzip")
		data = packed(data)
	}
	p.w.WriteHeader(status)
	_, _ = p.w.Write(data) // who asked has gone: nobody is left to tell
}
