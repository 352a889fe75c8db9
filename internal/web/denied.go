package web

import (
	"strings"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/lab"
)

// denied says who may do what somebody may not.
func (p *page) denied(c lab.Command) error {
	roles, names, err := p.lab.WhoMay(p.r.Context(), c)
	if err != nil {
		return err
	}
	f := fault.New(fault.Forbidden, "Only %s can %s", anyOf(roles), act(c))
	const most = 4
	switch {
	case len(names) == 0:
		return f.Try("you are signed in as %s, %s, and nobody here has that role: ask an administrator", p.Who.Name, p.Who.Role)
	case len(names) > most:
		return f.Try("you are signed in as %s, %s. Ask one of %d people who can, %s among them", p.Who.Name, p.Who.Role, len(names), names[0])
	}
	return f.Try("you are signed in as %s, %s. Ask %s", p.Who.Name, p.Who.Role, orList(names))
}

// anyOf is one of several roles, in words.
func anyOf(roles []string) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		if words[i] = article(r) + " " + r; r == account.Quality {
			words[i] = "somebody of quality"
		}
	}
	return orList(words)
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func article(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an"
	}
	return "a"
}

// act is a command in words: "run launch" is to launch a run.
func act(c lab.Command) string {
	switch c {
	case lab.Look:
		return "look at this"
	case lab.ListPeople:
		return "see the list of people"
	case lab.Upload:
		return "bring a file"
	case lab.Decide:
		return "decide on a deviation"
	case lab.ReadKey:
		return "read a key"
	case lab.PinNote:
		return "pin a note"
	case lab.ChangeRole:
		return "change a role"
	case lab.GiveBadge, lab.TakeBadge:
		return "give or take a badge"
	case lab.LogPlace:
		return "bring the log of a place"
	default:
		return verbFirst(c)
	}
}

// verbFirst turns a command around: "run pause" is to pause a run.
func verbFirst(c lab.Command) string {
	noun, verb, ok := strings.Cut(string(c), " ")
	if !ok {
		return "do this"
	}
	if noun == "user" {
		noun = "person"
	}
	return strings.ReplaceAll(verb, "-", " ") + " " + article(noun) + " " + noun
}
