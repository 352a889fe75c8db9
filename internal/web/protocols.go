package web

import (
	"net/url"
	"strings"

	"secretome/internal/lab"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

func protocolRoutes() []route {
	return []route{
		{"GET /protocols", lab.Look, (*page).protocols},
		{"GET /protocols/{protocol}/{version}", lab.Look, (*page).protocol},
		{"GET /protocols/{protocol}/diff", lab.Look, (*page).protocolDiff},
	}
}

// protocolsPage lists the versions by which runs went.
type protocolsPage struct{ Rows []lab.ProtocolRow }

func (p *page) protocols() error {
	rows, err := p.lab.Protocols(p.r.Context(), p.Who)
	if err != nil {
		return err
	}
	return p.show("protocols", "protocols", "Protocols", protocolsPage{rows})
}

// protocolPage is the text of one version.
type protocolPage struct {
	lab.ProtocolView
	protocolWords
	Stages []protocolStage
}

// protocolStage is a stage with the assays that it measures.
type protocolStage struct {
	protocol.Stage
	Assays []protocol.Assay
}

func (p *page) protocol() error {
	v, err := p.lab.Protocol(p.r.Context(), p.Who, p.r.PathValue("protocol"), p.r.PathValue("version"), p.value("hash"))
	if err != nil {
		return err
	}
	in := protocolPage{ProtocolView: v}
	for _, s := range v.Protocol.Stages {
		one := protocolStage{Stage: s}
		for _, a := range v.Protocol.Assays {
			for _, id := range s.Measures {
				if id == a.ID {
					one.Assays = append(one.Assays, a)
				}
			}
		}
		in.Stages = append(in.Stages, one)
	}
	return p.show("protocol", "protocols", v.Protocol.Name(), in)
}

// protocolDiffPage is what one version says otherwise than another.
type protocolDiffPage struct {
	lab.ProtocolDiff
	protocolWords
	ID    string
	Rows  []lab.ProtocolRow
	Parts []diffPart
}

// diffPart are the changes of one stage, model or assay.
type diffPart struct {
	Where   string
	Changes []protocol.Change
}

func (p *page) protocolDiff() error {
	d, err := p.lab.ProtocolDiff(p.r.Context(), p.Who, p.r.PathValue("protocol"), p.value("a"), p.value("b"))
	if err != nil {
		return err
	}
	in := protocolDiffPage{ProtocolDiff: d, ID: p.r.PathValue("protocol")}
	for _, c := range d.Changes {
		part, rest, _ := strings.Cut(c.Where, ", ")
		if part == "" {
			part = "the whole protocol"
		}
		if n := len(in.Parts); n == 0 || in.Parts[n-1].Where != part {
			in.Parts = append(in.Parts, diffPart{Where: part})
		}
		c.Where = rest
		last := &in.Parts[len(in.Parts)-1]
		last.Changes = append(last.Changes, c)
	}
	return p.show("protocoldiff", "protocols", "Differences in "+in.ID, in)
}

// protocolWords says what stands in a protocol as people read it.
type protocolWords struct{}

// Range is the least and greatest plausible value.
func (protocolWords) Range(all []quantity.Quantity) string {
	if len(all) != 2 {
		return ""
	}
	if all[0].Unit() == all[1].Unit() {
		return strings.Replace(all[0].Amount(), "-", "−", 1) + " to " + amount(all[1])
	}
	return amount(all[0]) + " to " + amount(all[1])
}

// Window is a window in words.
func (protocolWords) Window(w protocol.Window) string { return plainUnits(w.String()) }

// Plain writes units for people.
func (protocolWords) Plain(text string) string { return plainUnits(text) }

// Flow is what follows what in a stage whose flow stands in the protocol.
func (protocolWords) Flow(acts []protocol.Act) string { return protocol.InWords(acts) }

func plainUnits(text string) string { return telling{}.Plain(text) }

// Follows is what follows a criterion that does not hold.
func (protocolWords) Follows(all []protocol.Consequence) string {
	var words []string
	for _, c := range all {
		text := actionWords(c.Do)
		switch {
		case !c.AtLeast.IsZero():
			text = "from " + amount(c.AtLeast) + " " + text
		case !c.AtMost.IsZero():
			text = "up to " + amount(c.AtMost) + " " + text
		case len(all) > 1:
			text = "else " + text
		}
		words = append(words, text)
	}
	return strings.Join(words, ", ")
}

// Action is what follows, in words.
func (protocolWords) Action(a protocol.Action) string { return actionWords(a) }

func actionWords(a protocol.Action) string {
	switch a {
	case protocol.Accept:
		return "go on"
	case protocol.Flag:
		return "go on, shown in the report"
	case protocol.Deviation:
		return "a manager decides"
	case protocol.Hold:
		return "nothing goes on until somebody decides"
	case protocol.Retest:
		return "measure the same sample again"
	case protocol.Repeat:
		return "do it again"
	case protocol.InvalidateBlock:
		return "the block does not count"
	case protocol.Discard:
		return "discard it and all that came of it"
	}
	return string(a)
}

// Rests is what a fact rests on; Unconfirmed says that nobody has held it against
// its source, so that it is a default of this laboratory.
func (protocolWords) Rests(evidence string) string {
	source, numbered := strings.CutPrefix(evidence, "S:")
	switch {
	case numbered:
		return "source " + source
	case evidence == "P":
		return "the paper that the study follows"
	case evidence == "C":
		return "calculated"
	case evidence == "R":
		return "computed with R"
	case evidence == "N":
		return "certified by NIST"
	case evidence == "lab":
		return "the laboratory's choice"
	}
	return ""
}

// Unconfirmed reports whether a fact is a default that nobody confirmed.
func (protocolWords) Unconfirmed(evidence string) bool { return evidence == "K" }

// Kind is how a field is entered.
func (protocolWords) Kind(f protocol.Field) string {
	switch f.Kind {
	case protocol.Amount:
		return "number, " + strings.TrimSpace(quantity.Word(f.Unit))
	case protocol.YesNo:
		return "yes or no"
	case protocol.Choice:
		return "one of: " + strings.Join(f.Choices, ", ")
	case protocol.Scan:
		return "scan"
	case protocol.File:
		return "file"
	default:
		return string(f.Kind)
	}
}

// protocolPath is the address of a version.
func protocolPath(id, version string) string {
	return "/protocols/" + url.PathEscape(id) + "/" + url.PathEscape(version)
}

// Address is that of a version's page.
func (protocolsPage) Address(r lab.ProtocolRow) string {
	return protocolPath(r.ID, r.Version) + "?hash=" + short(r.Hash)
}

// Address is that of a version's page.
func (protocolPage) Address(r lab.ProtocolRow) string { return protocolsPage{}.Address(r) }

// Compare is the address of the differences from an earlier version to this one.
func (in protocolPage) Compare(r lab.ProtocolRow) string {
	return "/protocols/" + url.PathEscape(in.ID) + "/diff?a=" + short(r.Hash) + "&b=" + short(in.Hash)
}
