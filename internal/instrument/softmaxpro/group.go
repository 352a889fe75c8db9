package softmaxpro

import (
	"strconv"
	"strings"

	"secretome/internal/instrument"
)

// member is what a group table says of a well.
type member struct {
	group, sample, unit string
	conc, dilution      *float64
}

// role is what a column of a group table holds.
type role int

const (
	derived role = iota // a value that SoftMax Pro computed, or a remark
	sampleRole
	wellRole
	plateRole
	concRole
	dilutionRole
)

// field is a column of a group table.
type field struct {
	label   string // as printed
	unit    string // what the heading says behind the formula's name
	formula string
	role    role
	first   bool // only the first line of a sample has a value: it is the sample's
}

// group reads a group block: the table, then the formulas of its columns, which
// say what each is, then summaries, which are skipped.
func (r *reader) group(title string) error {
	began := r.at
	if err := r.toEnd("group " + strconv.Quote(title)); err != nil {
		return err
	}
	lines := r.lines[began+1 : r.at-1]
	if len(lines) == 0 {
		return nil
	}
	var fields []field
	for _, label := range split(lines[0]) {
		fields = append(fields, field{label: label})
	}
	rows := 0
	for rows+1 < len(lines) && strings.TrimSpace(lines[rows+1]) != "" {
		rows++
	}
	formulas(fields, lines[rows+1:])
	for i := range fields {
		fields[i].role = fields[i].meaning()
	}
	return r.rows(title, fields, lines[1:rows+1], began+1)
}

// formulas reads the table "Group Column, Formula Name, Formula …".
func formulas(fields []field, lines []string) {
	reading := false
	for _, line := range lines {
		cells := split(line)
		if cells[0] == "Group Column" {
			reading = true
			continue
		}
		n, err := strconv.Atoi(cells[0])
		if !reading || err != nil || n < 1 || n > len(fields) {
			if reading && cells[0] == "" {
				return
			}
			continue
		}
		f := &fields[n-1]
		f.formula = cell(cells, 2)
		if rest, ok := strings.CutPrefix(f.label, cell(cells, 1)); ok {
			f.unit = strings.Trim(strings.TrimSpace(rest), "()")
		}
	}
}

// meaning tells by formula, else by heading, what a column is.
func (f field) meaning() role {
	label := strings.ToLower(f.label)
	switch {
	case f.formula == "!SampleNames", f.formula == "" && label == "sample":
		return sampleRole
	case f.formula == "!WellIDs", f.formula == "" && (label == "well" || label == "wells"):
		return wellRole
	case f.formula == "!WellPlateName":
		return plateRole
	case strings.Contains(label, "dilution"):
		return dilutionRole
	case f.formula == "!Concentration", f.formula == "!SampleDescriptor" && strings.Contains(label, "standard"), f.formula == "!SampleDescriptor" && strings.HasPrefix(label, "conc"):
		return concRole
	}
	return derived
}

// rows reads the samples of a group, line by line.
func (r *reader) rows(title string, fields []field, lines []string, first int) error {
	table := make([][]string, len(lines))
	for i, line := range lines {
		table[i] = split(line)
	}
	sampleColumn := find(fields, sampleRole)
	for j := range fields {
		fields[j].first = onlyFirst(table, sampleColumn, j)
	}
	var m member
	for i, cells := range table {
		if s := cell(cells, sampleColumn); s != "" {
			m = member{group: title, sample: s}
		}
		where := r.member(&m, fields, cells)
		for j, f := range fields {
			if f.label == "" || f.role != derived {
				continue
			}
			reading := instrument.Reading{
				Plate: where.plate, Well: where.name, Sample: m.sample, Group: title, Kind: instrument.Tabulated,
				Label: f.label, Unit: f.unit, Conc: m.conc, ConcUnit: m.unit, Dilution: m.dilution,
				Source: instrument.Source{Line: first + i + 1, Cell: instrument.Address(first+i, j)},
			}
			if strings.HasPrefix(f.formula, "InterpX(") {
				reading.Quantity = instrument.Concentration
			}
			if f.first {
				reading.Well = ""
			}
			if !reading.Fill(cell(cells, j)) {
				continue
			}
			if err := r.table.Add(reading); err != nil {
				return err
			}
		}
	}
	return nil
}

// member completes m from a line and returns the line's well, empty if it names
// none. Name, concentration and dilution stand on a sample's first line only.
func (r *reader) member(m *member, fields []field, cells []string) well {
	var where well
	if len(r.plates) == 1 {
		where.plate = r.plates[0]
	}
	for j, f := range fields {
		v, isNumber := instrument.Number(cell(cells, j))
		switch {
		case f.role == wellRole:
			where.name, _ = instrument.ParseWell(cell(cells, j))
		case f.role == plateRole:
			where.plate = cell(cells, j)
		case f.role == concRole && isNumber:
			m.conc, m.unit = &v, f.unit
		case f.role == dilutionRole && isNumber && v > 0:
			m.dilution = &v
		}
	}
	if where.name == "" {
		return where
	}
	if where.plate == "" {
		r.note("group %s does not say on which plate its wells are", m.group)
		return where
	}
	if old := r.wells[where]; old != nil && (old.group != m.group || old.sample != m.sample) {
		r.note("well %s of %s is %s of %s and also %s of %s; the first counts", where.name, where.plate, old.sample, old.group, m.sample, m.group)
		return where
	}
	copied := *m
	r.wells[where] = &copied
	return where
}

func find(fields []field, want role) int {
	for j, f := range fields {
		if f.role == want {
			return j
		}
	}
	return -1
}

// onlyFirst reports whether a column has values on first lines of samples only,
// though samples have more lines: then they are the sample's, not the well's.
func onlyFirst(table [][]string, sampleColumn, j int) bool {
	more := false
	for _, cells := range table {
		if cell(cells, sampleColumn) != "" {
			continue
		}
		more = true
		if cell(cells, j) != "" {
			return false
		}
	}
	return more
}

// assign gives the readings of the plates what the group tables say of their
// wells.
func (r *reader) assign() {
	for i := range r.table.Readings {
		p := &r.table.Readings[i]
		m := r.wells[well{p.Plate, p.Well}]
		if p.Kind == instrument.Tabulated || m == nil {
			continue
		}
		p.Group, p.Sample, p.Conc, p.ConcUnit, p.Dilution = m.group, m.sample, m.conc, m.unit, m.dilution
	}
}
