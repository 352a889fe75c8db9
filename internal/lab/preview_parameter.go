package lab

import (
	"strings"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Setting is a parameter of the protocol with what was chosen for this run.
type Setting struct {
	protocol.Parameter
	Typed string // as it stands in the form
	Err   *fault.Fault
}

// Field is the name of the form's field.
func (c Setting) Field() string { return ParameterField(c.Path) }

// ParameterField is the name of a parameter in forms: of letters, digits and dashes.
func ParameterField(path string) string {
	return "set-" + strings.NewReplacer("[", "-", "]", "", ".", "-").Replace(path)
}

// set writes what was typed for parameters into the document. What is no value of
// its parameter is kept beside it, so that it can be mended. While the document
// has mistakes nothing is set.
func (l *Lab) set(d *Intent, typed map[string]string) {
	if len(typed) == 0 {
		return
	}
	known, ok := l.drawn.get(documentKey(d.Name, d.Document))
	p := known.protocol
	if !ok {
		var err error
		if p, err = protocol.Parse(d.Name, []byte(d.Document)); err != nil {
			return
		}
	}
	for _, one := range p.Parameters() {
		text, sent := typed[ParameterField(one.Path)]
		if !sent {
			continue
		}
		delete(d.Unset, one.Path)
		if strings.TrimSpace(text) == one.Value {
			continue
		}
		value, err := one.Choose(text)
		if err == nil {
			var changed []byte
			if changed, err = protocol.Replace(d.Name, []byte(d.Document), one.Path, value); err == nil {
				d.Document = string(changed)
				continue
			}
		}
		if d.Unset == nil {
			d.Unset = map[string]string{}
		}
		d.Unset[one.Path] = text
	}
}

// documentKey is under which a document's sketch is remembered.
func documentKey(name, document string) string {
	return name + "\x00" + record.Hash([]byte(document))
}

// parameters lists the parameters, with what could not be set.
func (s *Sketch) parameters() {
	for _, p := range s.Protocol.Parameters() {
		c := Setting{Parameter: p, Typed: p.Value}
		if typed, ok := s.Draft.Unset[p.Path]; ok {
			c.Typed = typed
			if _, err := p.Choose(typed); err != nil {
				c.Err = fault.Of(err)
			} else {
				c.Err = fault.New(fault.Invalid, "%s cannot be written into the document", typed).Try("change it in the document")
			}
			s.refuse(c.Field(), c.Err)
		}
		s.Chosen = append(s.Chosen, c)
	}
}
