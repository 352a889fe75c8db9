package lab

import (
	"context"
	"time"

	"github.com/google/uuid"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// Adopt gives everybody of the credentials file an account, so that all people
// stand in one list.
func (l *Lab) Adopt(ctx context.Context) error {
	program := record.Actor{Kind: record.Program, Name: "secretome"}
	by := func() account.By { return account.By{Who: program, Request: uuid.NewString()} }
	if err := l.Accounts.Adopt(ctx, by, l.People.People()); err != nil {
		return err
	}
	return l.RecordAccounts(ctx)
}

// RecordAccounts writes what was done to accounts, and is not recorded yet, into
// the laboratory's logbook.
func (l *Lab) RecordAccounts(ctx context.Context) error {
	return l.Accounts.Deliver(ctx, func(e account.Event) error {
		d, err := l.draft(e.Who, Logbook, e.Request, e.Kind, e.Body)
		if err != nil {
			return err
		}
		d.Happened = e.At
		r, err := l.Logbooks.Append(ctx, d)
		if err == nil && r.Kind != e.Kind { // another act took the request ID meanwhile
			d.Request += "/account"
			_, err = l.Logbooks.Append(ctx, d)
		}
		return err
	})
}

// PersonActed is the answer to what was done to an account. A secret in it is
// told this once.
type PersonActed struct {
	Name   string
	Record record.Ref
	Link   account.Link  // by which the person sets a password
	Token  account.Token // for scripts
	Secret string        // the token itself, or the code of a badge
}

// ListPeople lists everybody with an account.
func (l *Lab) ListPeople(ctx context.Context, who record.Actor) ([]account.Account, error) {
	if err := l.mayAccounts(who, ListPeople); err != nil {
		return nil, err
	}
	return l.Accounts.People(ctx)
}

// AddPerson gives somebody an account and answers with the link by which they
// set their password. Asked again, it answers with a new link in its place.
func (l *Lab) AddPerson(ctx context.Context, who record.Actor, request string, a account.Account) (PersonActed, error) {
	return l.toPerson(ctx, AddPerson, who, request, record.PersonAdded, a.Name, func(again bool) (done PersonActed, err error) {
		if again {
			done.Link, err = l.Accounts.Invite(ctx, a.Name)
		} else {
			done.Link, err = l.Accounts.Add(ctx, account.By{Who: who, Request: request}, a)
		}
		return done, err
	})
}

// DisablePerson keeps somebody out at once, whatever they signed in with.
func (l *Lab) DisablePerson(ctx context.Context, who record.Actor, request, name string) (PersonActed, error) {
	return l.toPerson(ctx, DisablePerson, who, request, record.PersonDisabled, name, func(again bool) (PersonActed, error) {
		if again {
			return PersonActed{}, nil
		}
		return PersonActed{}, l.Accounts.Disable(ctx, account.By{Who: who, Request: request}, name)
	})
}

// EnablePerson lets somebody in again.
func (l *Lab) EnablePerson(ctx context.Context, who record.Actor, request, name string) (PersonActed, error) {
	return l.toPerson(ctx, EnablePerson, who, request, record.PersonEnabled, name, func(again bool) (PersonActed, error) {
		if again {
			return PersonActed{}, nil
		}
		return PersonActed{}, l.Accounts.Enable(ctx, account.By{Who: who, Request: request}, name)
	})
}

// ResetPerson takes somebody's password away and answers with the link by which
// they set a new one. Asked again, it answers with a new link in its place.
func (l *Lab) ResetPerson(ctx context.Context, who record.Actor, request, name string) (PersonActed, error) {
	return l.toPerson(ctx, ResetPerson, who, request, record.PasswordReset, name, func(again bool) (done PersonActed, err error) {
		if again {
			done.Link, err = l.Accounts.Invite(ctx, name)
		} else {
			done.Link, err = l.Accounts.Reset(ctx, account.By{Who: who, Request: request}, name)
		}
		return done, err
	})
}

// SetPassword sets the password of whoever a one-time link is for, and makes the
// first administrator by the link of the set-up. Nobody is signed in for it.
func (l *Lab) SetPassword(ctx context.Context, request string, d account.Redemption) (PersonActed, error) {
	if l.Accounts == nil {
		return PersonActed{}, noAccounts()
	}
	first, found, err := l.earlier(ctx, request)
	if err != nil {
		return PersonActed{}, err
	}
	if found {
		return l.answerAgain(first, record.PasswordSet, first.By)
	}
	set, err := l.Accounts.Redeem(ctx, request, d)
	if err != nil {
		return PersonActed{}, err
	}
	done := PersonActed{Name: set.Name}
	done.Record, err = l.noted(ctx, request)
	return done, err
}

// TokenRequest asks for a token by which scripts act as a person.
type TokenRequest struct {
	Request string
	Name    string
	Scope   account.Scope
	Expires time.Time
}

// NewToken makes a token. People make their own; an administrator can make one
// for somebody else that only reads, since what is done is done under a name.
func (l *Lab) NewToken(ctx context.Context, who record.Actor, q TokenRequest) (PersonActed, error) {
	if q.Scope != account.Read {
		if err := l.own(ctx, who, q.Name); err != nil {
			return PersonActed{}, err
		}
	} else if err := l.ownOrAdministrator(ctx, who, q.Name); err != nil {
		return PersonActed{}, err
	}
	return l.toPerson(ctx, MakeToken, who, q.Request, record.TokenMade, q.Name, func(again bool) (done PersonActed, err error) {
		if again {
			return done, fault.New(fault.Conflict, "this token was made already, and it is told only once").Try("make another one with a new request ID, and revoke the first")
		}
		done.Secret, done.Token, err = l.Accounts.NewToken(ctx, account.By{Who: who, Request: q.Request}, q.Name, q.Scope, q.Expires)
		return done, err
	})
}

// RevokeToken ends a token: one's own, or as an administrator anybody's.
func (l *Lab) RevokeToken(ctx context.Context, who record.Actor, request, name, id string) (PersonActed, error) {
	if err := l.ownOrAdministrator(ctx, who, name); err != nil {
		return PersonActed{}, err
	}
	return l.toPerson(ctx, RevokeToken, who, request, record.TokenRevoked, name, func(again bool) (PersonActed, error) {
		if again {
			return PersonActed{}, nil
		}
		return PersonActed{}, l.Accounts.Revoke(ctx, account.By{Who: who, Request: request}, name, id)
	})
}

// Tokens lists tokens: one's own, or as an administrator anybody's.
func (l *Lab) Tokens(ctx context.Context, who record.Actor, name string) ([]account.Token, error) {
	if err := l.mayAccounts(who, ListTokens); err != nil {
		return nil, err
	}
	if err := l.ownOrAdministrator(ctx, who, name); err != nil {
		return nil, err
	}
	return l.Accounts.Tokens(ctx, name)
}

// toPerson does something to an account and waits until it is recorded. A
// request that was recorded before is told so.
func (l *Lab) toPerson(ctx context.Context, c Command, who record.Actor, request string, kind record.Kind, name string, do func(again bool) (PersonActed, error)) (PersonActed, error) {
	if err := l.mayAccounts(who, c); err != nil {
		return PersonActed{}, err
	}
	first, again, err := l.earlier(ctx, request)
	if err != nil {
		return PersonActed{}, err
	}
	told := PersonActed{Name: name}
	if again {
		if told, err = l.answerAgain(first, kind, who); err != nil {
			return PersonActed{}, err
		}
	}
	done, err := do(again)
	if err != nil {
		return PersonActed{}, err
	}
	done.Name, done.Record = told.Name, told.Record
	if !again {
		done.Record, err = l.noted(ctx, request)
	}
	return done, err
}

// earlier returns the record of a request that was put before.
func (l *Lab) earlier(ctx context.Context, request string) (record.Record, bool, error) {
	if err := checkRequest(request); err != nil {
		return record.Record{}, false, err
	}
	if err := l.RecordAccounts(ctx); err != nil {
		return record.Record{}, false, err
	}
	return l.Logbooks.Find(ctx, Logbook, request)
}

// answerAgain answers from a record, if it is of the same act of the same person.
func (l *Lab) answerAgain(first record.Record, kind record.Kind, who record.Actor) (PersonActed, error) {
	if first.Kind != kind || first.By != who {
		return PersonActed{}, reused(first)
	}
	body, ref, err := decode[record.PersonAct](first)
	return PersonActed{Name: body.Person, Record: ref}, err
}

// noted waits until what a request did is recorded.
func (l *Lab) noted(ctx context.Context, request string) (record.Ref, error) {
	if err := l.RecordAccounts(ctx); err != nil {
		return record.Ref{}, err
	}
	r, _, err := l.Logbooks.Find(ctx, Logbook, request)
	if err != nil {
		return record.Ref{}, err
	}
	return r.Ref()
}

func (l *Lab) mayAccounts(who record.Actor, c Command) error {
	if err := Allowed(who, c); err != nil {
		return err
	}
	if l.Accounts == nil {
		return noAccounts()
	}
	return nil
}

func noAccounts() error {
	return fault.New(fault.Refused, "this server keeps no accounts").Try("people are in its credentials file")
}

func (l *Lab) own(ctx context.Context, who record.Actor, name string) error {
	if l.Accounts == nil {
		return noAccounts()
	}
	a, err := l.Accounts.Find(ctx, name)
	if fault.Is(err, fault.NotFound) && who.Role != account.Administrator || err == nil && a.Name != who.Name {
		return fault.New(fault.Forbidden, "tokens that act are made by whom they act for, and %q is not you", name).Field("name").Try("leave the name out, or ask for the scope read")
	}
	return err
}

func (l *Lab) ownOrAdministrator(ctx context.Context, who record.Actor, name string) error {
	if who.Role == account.Administrator {
		return nil
	}
	return l.own(ctx, who, name)
}

// colleagues lists everybody who may work here, of the credentials file or with
// an account.
func (l *Lab) colleagues(ctx context.Context) ([]account.Person, error) {
	if l.Accounts == nil {
		return l.People.People(), nil
	}
	all, err := l.Accounts.People(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var people []account.Person
	for _, a := range all {
		seen[a.Name] = true
		if !a.Disabled {
			people = append(people, a.Person)
		}
	}
	for _, p := range l.People.People() {
		if !seen[p.Name] {
			people = append(people, p)
		}
	}
	return people, nil
}
