package api

import (
	"context"
	"net/http"

	"secretome/internal/account"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
)

func (a *api) people(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	all, err := a.lab.ListPeople(r.Context(), who)
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, each(all, personMessage))
}

func personMessage(p account.Account) client.Person {
	return client.Person{Name: p.Name, FullName: p.FullName, Role: p.Role, Email: p.Email, Disabled: p.Disabled, Password: p.Password, Created: p.Created, Badge: p.Badge}
}

func (a *api) addPerson(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.NewPerson](a, w, r, who)
	if err != nil {
		return err
	}
	done, err := a.lab.AddPerson(r.Context(), who, r.Header.Get(client.KeyHeader), account.Account{
		Person: account.Person{Name: m.Name, Role: m.Role}, FullName: m.FullName, Email: m.Email,
	})
	if err != nil {
		return err
	}
	return render(w, http.StatusCreated, personActed(done))
}

func personActed(done lab.PersonActed) client.PersonActed {
	return client.PersonActed{Name: done.Name, Record: done.Record, Link: done.Link.Token, Expires: done.Link.Expires, Badge: done.Secret}
}

func (a *api) actOnPerson(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.PersonAct](a, w, r, who)
	if err != nil {
		return err
	}
	var do func(ctx context.Context, who record.Actor, request, name string) (lab.PersonActed, error)
	switch m.Verb {
	case client.DisablePerson:
		do = a.lab.DisablePerson
	case client.EnablePerson:
		do = a.lab.EnablePerson
	case client.ResetPerson:
		do = a.lab.ResetPerson
	case client.GiveBadge:
		do = a.lab.GiveBadge
	case client.TakeBadge:
		do = a.lab.TakeBadge
	case client.ChangeRole:
		do = func(ctx context.Context, who record.Actor, request, name string) (lab.PersonActed, error) {
			return a.lab.ChangeRole(ctx, who, request, name, m.Role)
		}
	default:
		return fault.New(fault.Usage, "%q is nothing that is done to an account", m.Verb).Field("verb").Try("verbs are: disable, enable, reset, role, badge, take-badge")
	}
	done, err := do(r.Context(), who, r.Header.Get(client.KeyHeader), r.PathValue("name"))
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, personActed(done))
}

// setPassword is open to whoever has a one-time link.
func (a *api) setPassword(w http.ResponseWriter, r *http.Request) {
	m, err := message[client.Password](a, w, r, record.Actor{})
	if err == nil {
		var done lab.PersonActed
		done, err = a.lab.SetPassword(r.Context(), r.Header.Get(client.KeyHeader), account.Redemption{Token: m.Link, Name: m.Name, Password: m.Password})
		if err == nil {
			err = render(w, http.StatusOK, personActed(done))
		}
	}
	if err != nil {
		a.fail(w, r, err)
	}
}

func (a *api) tokens(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	all, err := a.lab.Tokens(r.Context(), who, r.PathValue("name"))
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, each(all, tokenMessage))
}

func tokenMessage(t account.Token) client.Token {
	return client.Token{ID: t.ID, Person: t.Person, Scope: string(t.Scope), Created: t.Created, Expires: t.Expires, Revoked: t.Revoked}
}

func (a *api) newToken(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.NewToken](a, w, r, who)
	if err != nil {
		return err
	}
	done, err := a.lab.NewToken(r.Context(), who, lab.TokenRequest{
		Request: r.Header.Get(client.KeyHeader), Name: r.PathValue("name"), Scope: account.Scope(m.Scope), Expires: m.Expires,
	})
	if err != nil {
		return err
	}
	t := tokenMessage(done.Token)
	t.Token = done.Secret
	return render(w, http.StatusCreated, t)
}

func (a *api) revokeToken(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	done, err := a.lab.RevokeToken(r.Context(), who, r.Header.Get(client.KeyHeader), r.PathValue("name"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, personActed(done))
}
