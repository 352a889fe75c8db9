package web

import (
	"net/url"
	"time"

	"secretome/internal/account"
	"secretome/internal/fault"
)

func setUpRoutes() []route {
	return []route{
		{"GET /setup/{link}", "", linkPage},
		{"POST /setup/{link}", "", useLink},
		{"GET /link/{link}", "", linkPage},
		{"POST /link/{link}", "", useLink},
	}
}

// linkedPage is where somebody sets their password by a one-time link.
type linkedPage struct {
	First   bool   // the laboratory has no administrator yet, who chooses a name
	Name    string // whose password it is
	Expires time.Time
}

// linked reads the link of the address.
func (p *page) linked() (linkedPage, error) {
	whose, err := p.lab.Invited(p.r.Context(), p.r.PathValue("link"))
	if fault.Is(err, fault.Forbidden) {
		return linkedPage{}, fault.New(fault.NotFound, "This link was used, is over, or never was").Try("Ask an administrator for a new one. The link of the first administrator is printed anew each time the server starts")
	}
	return linkedPage{First: whose.Name == "", Name: whose.Name, Expires: whose.Expires}, err
}

// title names the page.
func (in linkedPage) title() string {
	if in.First {
		return "Set up this laboratory"
	}
	return "Set your password"
}

func linkPage(p *page) error {
	in, err := p.linked()
	if err != nil {
		return err
	}
	return p.show("link", "", in.title(), in)
}

func useLink(p *page) error {
	if err := p.form(); err != nil {
		return err
	}
	in, err := p.linked()
	if err != nil {
		return err
	}
	name := in.Name
	if in.First {
		in.Name = p.value("name")
		name = in.Name
	}
	request, err := p.request()
	if err == nil {
		err = p.twice()
	}
	if err == nil {
		_, err = p.lab.SetPassword(p.r.Context(), request, account.Redemption{Token: p.r.PathValue("link"), Name: in.Name, Password: p.r.PostFormValue("password")})
	}
	if err != nil {
		return p.again(err, "link", "", in.title(), in)
	}
	return p.see("/login?" + url.Values{"set": {name}}.Encode())
}

// twice fails unless a new password was typed twice in the same way.
func (p *page) twice() error {
	if p.r.PostFormValue("password") != p.r.PostFormValue("password-again") {
		return fault.New(fault.Invalid, "The two passwords differ").Field("password-again").Try("Type the new password again in both fields")
	}
	return nil
}
