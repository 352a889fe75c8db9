package report

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"secretome/internal/protocol"
	"secretome/internal/record"
)

// view puts the page together.
func (b *book) view() view {
	v := view{Style: template.CSS(styles), Title: b.launch.Title, Run: b.launch.Run, Banners: b.banners(), Facts: b.facts(), Signed: b.signatures()} //nolint:gosec // our own style sheet
	if v.Title == "" {
		v.Title = b.Protocol.Title
	}
	for _, s := range []section{b.findings(), b.deviations(), b.repeats(), b.windows(), b.materials(), b.timeline(), b.plates()} {
		s.Tables = slices.DeleteFunc(s.Tables, func(t table) bool { return len(t.Rows) == 0 })
		v.Sections = append(v.Sections, s)
	}
	v.Foot = b.foot()
	return v
}

// banners says in large letters what this run is not.
func (b *book) banners() []string {
	rehearsal, simulated := b.launch.Script != "", b.launch.Simulated
	for _, r := range b.Records {
		rehearsal = rehearsal || r.Rehearsal
	}
	for _, r := range b.Results {
		simulated = simulated || r.Result.Simulated
	}
	var out []string
	if rehearsal {
		text := "REHEARSAL: people and instruments were played by a script."
		if b.launch.Speed != 0 && b.launch.Speed != 1 {
			text += " Waits were divided by " + strconv.FormatFloat(b.launch.Speed, 'f', -1, 64) + "; times are those of the script."
		}
		out = append(out, text)
	}
	if simulated {
		out = append(out, "SIMULATED: readings of some plates come from a seeded model. Nothing here says anything about cells, skin or conditioned medium.")
	}
	return out
}

func (b *book) facts() []fact {
	facts := []fact{
		{"Run", b.to(b.launch.Run, b.first)},
		{"Protocol", b.to(b.Protocol.Name(), b.first)},
		{"Protocol's SHA-256", cell{Text: b.ProtocolHash, Href: b.href(b.first), Class: "mono"}},
		{"Ethics", b.to(b.Protocol.Ethics.Approval+", "+b.Protocol.Ethics.Committee, b.first)},
		{"Design", b.to(design(b.Protocol), b.first)},
		{"Lab time", b.to(b.launch.Zone, b.first)},
	}
	facts = append(facts, b.blinding()...)
	if len(b.Records) > 0 {
		first, last := b.Records[0], b.Records[len(b.Records)-1]
		facts = append(facts, fact{"From, to", b.to(b.time(first.Happened)+" to "+b.time(last.Happened), b.refs[len(b.refs)-1])})
	}
	return facts
}

// design says in a line what is repeated how often.
func design(p protocol.Protocol) string {
	text := ""
	for i, m := range p.Models {
		if i > 0 {
			text += "; "
		}
		text += fmt.Sprintf("%s: %d × %s, %d groups", m.ID, m.Blocks, m.Block, len(m.Groups))
	}
	return text
}

// signatures lists who signed, or the places for those who will.
func (b *book) signatures() table {
	t := table{Head: head("Meaning", "Role", "Name", "Date")}
	signed := b.Signatures
	if signed == nil {
		each(b, record.Signed, func(r record.Record, ref record.Ref, s record.Signature) {
			signed = append(signed, Signature{Meaning: s.Meaning, Role: r.By.Role, Name: s.Identity, At: r.Happened, Ref: ref})
		})
	}
	if signed == nil {
		for _, s := range b.Protocol.Stages {
			for _, task := range s.Tasks {
				if s.ID == protocol.Reviewing {
					signed = append(signed, Signature{Meaning: task.Title, Role: task.Role})
				}
			}
		}
	}
	for _, s := range signed {
		name := b.to(s.Name, s.Ref)
		if s.Name == "" {
			name = cell{Text: "open when this was written; see the records behind it", Class: "note"}
		}
		t.Rows = append(t.Rows, []cell{{Text: s.Meaning}, {Text: s.Role}, name, {Text: b.time(s.At)}})
	}
	return t
}

// foot says from what and by what the page was made.
func (b *book) foot() []fact {
	facts := []fact{{"Written by", cell{Text: "secretome " + b.Program}}}
	if n := len(b.refs); n > 0 {
		head := b.refs[n-1]
		facts = append(facts,
			fact{"From records", b.to(fmt.Sprintf("1 to %d of %s", head.Number, head.Logbook), head)},
			fact{"SHA-256 of the last", cell{Text: head.Hash, Href: b.href(head), Class: "mono"}},
		)
	}
	facts = append(facts,
		fact{"Check it", cell{Text: "secretome verify FOLDER reads every file again and checks every hash, chain, signature and seal, without a server."}},
		fact{"Limits", cell{Text: "Limits whose evidence is K are general knowledge of the field and defaults that the laboratory may edit in its protocol; a scientist confirms them against the named document before they count as a guideline. S:n names a source of the protocol, lab the laboratory's own rule."}},
	)
	return facts
}
