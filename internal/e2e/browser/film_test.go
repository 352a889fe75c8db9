package browser

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shot is one picture of the film strip.
type shot struct {
	file, scene string
	at          string // what is scrolled to; empty: the head of the page
	screen      screen
}

var (
	desk       = screen{width: 1280, height: 860}
	deskDark   = screen{width: 1280, height: 860, dark: true}
	tablet     = screen{width: 1180, height: 820, touch: true}
	tabletDark = screen{width: 1180, height: 820, touch: true, dark: true}
	upright    = screen{width: 820, height: 1180, touch: true}
	phone      = screen{width: 390, height: 844, touch: true}
	phoneDark  = screen{width: 390, height: 844, touch: true, dark: true}
)

// film is the day of each of the three people, in the order of docs/pages.md.
var film = []shot{
	{"manager-1-board", "runs", "", desk},
	{"manager-2-launch", "launch-draft", "", desk},
	{"manager-3-check", "launch-check", "", deskDark},
	{"manager-4-run", "run-blocked", "", deskDark},
	{"manager-5-decide", "decisions", "", phone},
	{"technician-1-tasks", "tasks", "", tablet},
	{"technician-2-scan", "bench-scan", "", tablet},
	{"technician-3-number", "bench-step", "", tabletDark},
	{"technician-4-range", "bench-refused", "", upright},
	{"technician-5-phone", "bench-deviate", "", phoneDark},
	{"reviewer-1-review", "review-signed", "", desk},
	{"reviewer-2-replay", "replay", "", deskDark},
	{"reviewer-3-figure", "figure-final", "#figure", desk},
	{"reviewer-4-lineage", "artifact-plate", "", tabletDark},
	{"reviewer-5-signature", "review-signed", "#signatures", phone},
}

// The strip stays small enough for whoever clones the repository, in bytes.
const (
	largestPicture = 60_000
	largestFilm    = 1_200_000
)

func TestFilm(t *testing.T) {
	dir := os.Getenv("SECRETOME_FILM")
	if dir == "" {
		t.Skip("no film is asked for: SECRETOME_FILM names its folder")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("../../..", dir)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	g := hang(t)
	for _, s := range film {
		n := slices.IndexFunc(g.scenes, func(c scene) bool { return c.name == s.scene })
		if n < 0 {
			t.Fatalf("the gallery has no %s", s.scene)
		}
		c := g.scenes[n]
		b := g.tab(t, c.who)
		b.show(s.screen)
		b.visit(g.door(c.who).path(n, c))
		if s.at != "" {
			if _, err := ask[bool](b, `(document.querySelector("`+s.at+`").scrollIntoView({ block: "start", behavior: "instant" }), true)`); err != nil {
				t.Fatal(err)
			}
		}
		small, err := flat(b.picture())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, s.file+".png"), small, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The strip that is shown is small, and each of its pictures stands on the page.
func TestTheFilmStripIsSmallAndShown(t *testing.T) {
	page, err := os.ReadFile("../../../docs/pages.md")
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, s := range film {
		data, err := os.ReadFile(filepath.Join("../../../docs/pages", s.file+".png"))
		if err != nil {
			t.Error(err)
			continue
		}
		if whole += len(data); len(data) > largestPicture {
			t.Errorf("%s has %d bytes, at most %d are allowed", s.file, len(data), largestPicture)
		}
		if !strings.Contains(string(page), "pages/"+s.file+".png") {
			t.Errorf("docs/pages.md does not show %s", s.file)
		}
	}
	if whole > largestFilm {
		t.Errorf("the strip has %d bytes, at most %d are allowed", whole, largestFilm)
	}
}

// colours of a picture: enough for words and signs, on a page without photographs.
const colours = 40

// flat writes a picture with few colours.
func flat(data []byte) ([]byte, error) {
	p, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	counts := map[color.RGBA]int{}
	r := p.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			counts[color.RGBAModel.Convert(p.At(x, y)).(color.RGBA)]++
		}
	}
	few, to := cut(counts, colours)
	out := image.NewPaletted(r, few)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			out.SetColorIndex(x, y, to[color.RGBAModel.Convert(p.At(x, y)).(color.RGBA)])
		}
	}
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out)
	return b.Bytes(), err
}

// shade is one colour with how often it occurs.
type shade struct {
	c color.RGBA
	n int
}

func (s shade) channel(i int) int { return int([]uint8{s.c.R, s.c.G, s.c.B}[i]) }

// cut makes a palette by median cut: the box of colours that scatters most is
// halved until there are enough, and each becomes its most frequent colour.
func cut(counts map[color.RGBA]int, most int) (color.Palette, map[color.RGBA]uint8) {
	var all []shade
	for c, n := range counts {
		all = append(all, shade{c, n})
	}
	slices.SortFunc(all, func(a, b shade) int {
		return cmp.Or(cmp.Compare(a.c.R, b.c.R), cmp.Compare(a.c.G, b.c.G), cmp.Compare(a.c.B, b.c.B))
	})
	boxes := [][]shade{all}
	for len(boxes) < most {
		widest, along, spread := -1, 0, 0
		for i, box := range boxes {
			for channel := range 3 {
				low, high := extent(box, channel)
				if s := (high - low) * weigh(box); len(box) > 1 && s > spread {
					widest, along, spread = i, channel, s
				}
			}
		}
		if widest < 0 {
			break
		}
		box := boxes[widest]
		slices.SortStableFunc(box, func(a, b shade) int { return cmp.Compare(a.channel(along), b.channel(along)) })
		low, high := extent(box, along)
		i := slices.IndexFunc(box, func(s shade) bool { return 2*s.channel(along) > low+high })
		boxes[widest] = box[:i]
		boxes = append(boxes, box[i:])
	}
	var few color.Palette
	to := map[color.RGBA]uint8{}
	for _, box := range boxes {
		for _, s := range box {
			to[s.c] = uint8(len(few)) //nolint:gosec // a palette has at most 256 colours
		}
		few = append(few, slices.MaxFunc(box, func(a, b shade) int { return cmp.Compare(a.n, b.n) }).c)
	}
	return few, to
}

func extent(box []shade, channel int) (low, high int) {
	low = 255
	for _, s := range box {
		low, high = min(low, s.channel(channel)), max(high, s.channel(channel))
	}
	return low, high
}

// weigh is how much a box counts: as the square root of its pixels does.
func weigh(box []shade) int {
	n := 0
	for _, s := range box {
		n += s.n
	}
	root := 1
	for root*root < n {
		root++
	}
	return root
}
