package lab

import (
	"context"

	"secretome/internal/account"
	"secretome/internal/record"
)

// Invited tells whom a one-time link is for, without using it; nobody is signed in
// for it. It fails with [fault.Forbidden] for a link that is over.
func (l *Lab) Invited(ctx context.Context, link string) (account.Invited, error) {
	if l.Accounts == nil {
		return account.Invited{}, noAccounts()
	}
	return l.Accounts.Invited(ctx, link)
}

// Person returns somebody's account: one's own, or of anybody for who may list
// them.
func (l *Lab) Person(ctx context.Context, who record.Actor, name string) (account.Account, error) {
	if l.Accounts == nil {
		return account.Account{}, noAccounts()
	}
	if name != who.Name {
		if err := Allowed(who, ListPeople); err != nil {
			return account.Account{}, err
		}
	}
	return l.Accounts.Find(ctx, name)
}

// OwnPassword is how somebody changes their own password.
type OwnPassword struct {
	Request string
	Before  string
	After   string
	Session string // which goes on; all others end
}

// ChangePassword changes the password of who asks.
func (l *Lab) ChangePassword(ctx context.Context, who record.Actor, q OwnPassword) (PersonActed, error) {
	return l.toPerson(ctx, ChangePassword, who, q.Request, record.PasswordSet, who.Name, func(again bool) (PersonActed, error) {
		if again {
			return PersonActed{}, nil
		}
		return PersonActed{}, l.Accounts.ChangePassword(ctx, account.By{Who: who, Request: q.Request}, who.Name, q.Before, q.After, q.Session)
	})
}

// Sessions lists the sessions of who asks, by one of them.
func (l *Lab) Sessions(ctx context.Context, who record.Actor, session string) ([]account.Opened, error) {
	if err := l.mayAccounts(who, EndSessions); err != nil {
		return nil, err
	}
	return l.Accounts.Sessions(ctx, who.Name, session)
}

// EndSessions ends all sessions of who asks but this one.
func (l *Lab) EndSessions(ctx context.Context, who record.Actor, session string) error {
	if err := l.mayAccounts(who, EndSessions); err != nil {
		return err
	}
	return l.Accounts.SignOutOthers(ctx, who.Name, session)
}

// InCredentials reports whether somebody has a token in the credentials file,
// which no page can take away.
func (l *Lab) InCredentials(name string) bool { return l.People.Has(name) }
