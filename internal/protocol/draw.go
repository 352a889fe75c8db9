package protocol

import (
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/design"
	"secretome/internal/fault"
)

// Drawing is what is drawn for a run at launch: which group stands in which well
// of each block's layouts, and under which code. It is a function of protocol and
// seed, so anybody who has both draws it again.
type Drawing struct {
	Algorithm string     `json:"algorithm"`
	Seed      string     `json:"seed"` // hex of 32 bytes
	Keys      []BlockKey `json:"keys"`
	Plan      Plan       `json:"plan"`
}

// BlockKey says what the codes of one block of a model stand for. Each block has
// its own, so that a group known in one is not known in the next.
type BlockKey struct {
	Model string            `json:"model"`
	Block string            `json:"block"`
	Codes map[string]string `json:"codes"` // code → group
}

// Plan is what may be shown of a drawing before the key is opened.
type Plan struct {
	Blocks []Shown `json:"blocks"`
}

// Shown is one block of a plan.
type Shown struct {
	Model   string   `json:"model"`
	Block   string   `json:"block"`
	Groups  []Group  `json:"groups"`  // open ones as the protocol has them, then the codes of the sealed ones, sorted
	Layouts []Layout `json:"layouts"` // filled
	Order   []Turn   `json:"order"`   // in which the wells of each layout are worked on
}

// SealedTitle is what a shown block says of a sealed group in the place of its
// title.
const SealedTitle = "sealed until the key is opened"

// Turn is the order of one layout's wells: time of day is a factor too.
type Turn struct {
	Layout string   `json:"layout"`
	Wells  []string `json:"wells"`
}

// Draws reports whether any layout is drawn at launch.
func (p Protocol) Draws() bool {
	return slices.ContainsFunc(p.Models, func(m Model) bool { return len(p.drawn(m.ID)) > 0 })
}

// Draw draws the layouts of every block. It fails with [fault.Invalid] if the
// groups of a layout cannot be placed by the rules of package design.
func (p Protocol) Draw(seed [32]byte) (Drawing, error) {
	d := Drawing{Algorithm: design.Algorithm, Seed: hex.EncodeToString(seed[:]), Keys: []BlockKey{}, Plan: Plan{[]Shown{}}}
	var taken []string // no code stands for two things in a run
	for _, m := range p.Models {
		taken = append(taken, m.codes()...)
	}
	for _, m := range p.Models {
		layouts := p.drawn(m.ID)
		if len(layouts) == 0 {
			continue
		}
		sealed := p.sealed(m.ID)
		for n := range m.Blocks {
			block := strconv.Itoa(n + 1)
			key, err := drawCodes(seed, m.ID, block, sealed, taken)
			if err != nil {
				return Drawing{}, err
			}
			taken = append(taken, slices.Collect(maps.Keys(key.Codes))...)
			shown, err := m.show(seed, key, layouts)
			if err != nil {
				return Drawing{}, err
			}
			d.Keys, d.Plan.Blocks = append(d.Keys, key), append(d.Plan.Blocks, shown)
		}
	}
	return d, nil
}

// Codes returns what the codes of a block stand for; nil where it has none.
func (d Drawing) Codes(model, block string) map[string]string {
	for _, k := range d.Keys {
		if k.Model == model && k.Block == block {
			return k.Codes
		}
	}
	return nil
}

func drawCodes(seed [32]byte, model, block string, sealed, taken []string) (BlockKey, error) {
	key := BlockKey{model, block, map[string]string{}}
	codes, err := design.Codes(seed, "codes/"+model+"/"+block, len(sealed), taken)
	if err != nil {
		return key, err
	}
	for i, group := range sealed {
		key.Codes[codes[i]] = group
	}
	return key, nil
}

// show fills the layouts of one block.
func (m Model) show(seed [32]byte, key BlockKey, layouts []Layout) (Shown, error) {
	s := Shown{Model: m.ID, Block: key.Block, Groups: []Group{}, Layouts: []Layout{}, Order: []Turn{}}
	under := map[string]string{} // group → code
	for code, group := range key.Codes {
		under[group] = code
	}
	for _, g := range m.Groups {
		if _, sealed := under[g.Code]; !sealed {
			s.Groups = append(s.Groups, g)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(key.Codes)) {
		s.Groups = append(s.Groups, Group{Code: code, Title: SealedTitle})
	}
	for _, y := range layouts {
		label := "layout/" + m.ID + "/" + key.Block + "/" + y.ID
		filled, order, err := y.fill(seed, label, under)
		if err != nil {
			f := fault.Of(err)
			return s, fault.New(f.Kind, "layout %s of model %s, block %s: %s", y.ID, m.ID, key.Block, f.Message).Try("%s", f.Help)
		}
		s.Layouts, s.Order = append(s.Layouts, filled), append(s.Order, Turn{y.ID, order})
	}
	return s, nil
}

// fill places the groups into the free wells, under their codes. It returns the
// order of work too.
func (y Layout) fill(seed [32]byte, label string, under map[string]string) (Layout, []string, error) {
	grid, err := y.grid()
	if err != nil {
		return y, nil, err
	}
	placed, err := design.Arrange(seed, label, grid.free, y.Place)
	if err != nil {
		return y, nil, err
	}
	for at, code := range placed {
		group, unit, isUnit := strings.Cut(code, ".")
		if hidden, sealed := under[group]; sealed {
			code = hidden
			if isUnit {
				code += "." + unit
			}
		}
		grid.wells[at.Row][at.Column] = code
	}
	y.Rows, y.Area, y.Place = map[string]string{}, "", nil
	for i, row := range grid.wells {
		y.Rows[rowLetters[i:i+1]] = strings.Join(row, " ")
	}
	var order []string
	for _, at := range design.Order(seed, "order/"+label, placed) {
		order = append(order, at.String())
	}
	return y, order, nil
}

const rowLetters = "ABCDEFGHIJKLMNOP"

// grid is a plate with its free wells.
type grid struct {
	wells [][]string
	free  []design.Position
}

func (y Layout) grid() (grid, error) {
	plate, err := design.PlateOf(y.Wells)
	if err != nil {
		return grid{}, err
	}
	g := grid{wells: make([][]string, plate.Rows)}
	for i := range g.wells {
		g.wells[i] = slices.Repeat([]string{"-"}, plate.Columns)
		for j, code := range strings.Fields(y.Rows[rowLetters[i:i+1]]) {
			if code == drawnWell {
				g.free = append(g.free, design.Position{Row: i, Column: j})
			} else {
				g.wells[i][j] = code
			}
		}
	}
	switch {
	case len(y.Rows) > 0:
	case y.Area == "inner":
		g.free = plate.Inner()
	default:
		g.free = plate.All()
	}
	return g, nil
}

// Wells counts the wells of a code in one block: on the model's own layout, where
// it has one, else on the first.
func (p Plan) Wells(model, block, code string) int {
	for _, s := range p.Blocks {
		if s.Model != model || s.Block != block || len(s.Layouts) == 0 {
			continue
		}
		n := 0
		for _, row := range s.Layouts[0].Rows {
			for _, c := range strings.Fields(row) {
				if c == code || strings.HasPrefix(c, code+".") {
					n++
				}
			}
		}
		return n
	}
	return 0
}

// Under returns the part as a block of it may be seen: layouts that were drawn
// are filled, and sealed groups stand under their codes.
func (p Part) Under(plan Plan, model, block string) Part {
	i := slices.IndexFunc(plan.Blocks, func(s Shown) bool { return s.Model == model && s.Block == block })
	if i < 0 || p.Model == nil {
		return p
	}
	shown := plan.Blocks[i]
	m := *p.Model
	m.Groups = shown.Groups
	p.Model = &m
	p.Layouts = slices.Clone(p.Layouts)
	for j, y := range p.Layouts {
		if k := slices.IndexFunc(shown.Layouts, func(s Layout) bool { return s.ID == y.ID }); k >= 0 {
			p.Layouts[j] = shown.Layouts[k]
		}
	}
	return p
}
