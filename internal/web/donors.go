package web

import (
	"net/url"

	"secretome/internal/lab"
)

// donorPage is a donor's code, consent and material.
type donorPage struct {
	lab.Donor
	Sign lotSign
	Acts []lotLink
	Done string
}

func (p *page) donor() error {
	d, err := p.lab.Donor(p.r.Context(), p.Who, p.r.PathValue("donor"))
	if err != nil {
		return err
	}
	in := donorPage{Donor: d, Sign: signOf(d.Lot, d.Fitness), Acts: actLinks(d.LotDesk), Done: doneWords(d.LotDesk, p.value("done"))}
	if d.Withdrawn != nil {
		in.Sign = lotSign{"blocked", "consent withdrawn"}
	}
	return p.show("donor", "lots", "Donor "+d.Barcode, in)
}

// treeRow is a branch with what its drawing needs.
type treeRow struct {
	lab.Branch
	Sign lotSign
}

// Branch tells a branch of the tree.
func (donorPage) Branch(b lab.Branch) treeRow { return branchRow(b) }

// Branch tells a branch of the tree.
func (lotPage) Branch(b lab.Branch) treeRow { return branchRow(b) }

func branchRow(b lab.Branch) treeRow {
	return treeRow{b, signOf(b.Lot, lab.Fitness{Expired: b.Lot.State == "expired"})}
}

// Kept reports whether a branch has a state.
func (b treeRow) Kept() bool { return b.Lot.Registered() }

// Word is what it is.
func (b treeRow) Word() string { return kindWord(b.Kind) }

// Address is that of a thing's page.
func thingPath(code string) string { return "/lots/" + url.PathEscape(code) }
