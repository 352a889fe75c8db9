package lab

import (
	"context"
	"time"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// Access is who asks, and what the token that they came with is good for. The
// role of who asks is a matter of [Allowed]; a scope only narrows it.
type Access struct {
	Who   record.Actor
	Scope account.Scope
	Idle  time.Time // of a session: when it ends if it is not used again; else zero
	Ends  time.Time // of a session: when it ends in any case; else zero
	Badge bool      // of a session: a badge opened it
}

// May fails with [fault.Forbidden] if the token is not good for what needs the
// given scope.
func (a Access) May(needed account.Scope) error {
	if a.Scope.Includes(needed) {
		return nil
	}
	if a.Badge {
		return fault.New(fault.Forbidden, "you came in by your badge, which is for work at the bench").Try("sign in with your name and password for this")
	}
	return fault.New(fault.Forbidden, "this token has the scope %q, and this needs %q", a.Scope, needed).Try("use a token of a wider scope, or sign in")
}

// Identify returns whose token this is: of the credentials file, of a session,
// which it keeps alive, or of a script. It fails with [fault.Forbidden].
func (l *Lab) Identify(ctx context.Context, token string) (Access, error) {
	return l.identify(ctx, token, (*account.Store).Touch)
}

// Recognise is [Lab.Identify] for what a page asks without anybody having done
// something: it keeps no session alive.
func (l *Lab) Recognise(ctx context.Context, token string) (Access, error) {
	return l.identify(ctx, token, (*account.Store).Peek)
}

func (l *Lab) identify(ctx context.Context, token string, session func(*account.Store, context.Context, string) (account.Session, error)) (Access, error) {
	if p, ok := l.People.Who(token); ok {
		return Access{Who: p.Actor(), Scope: account.All}, l.standing(ctx, p.Name)
	}
	if l.Accounts == nil || token == "" {
		return Access{}, fault.New(fault.Forbidden, "the token is missing or unknown").Try("send a token of the server's credentials file: SECRETOME_TOKEN, or --as NAME")
	}
	who, scope, err := l.Accounts.ByToken(ctx, token)
	if fault.Is(err, fault.NotFound) {
		s, err := session(l.Accounts, ctx, token)
		if err != nil {
			return Access{}, err
		}
		scope := account.All
		if s.Badge {
			scope = account.Act
		}
		return Access{s.Actor(), scope, s.Idle, s.Ends, s.Badge}, nil
	}
	if err != nil {
		return Access{}, err
	}
	return Access{Who: who.Actor(), Scope: scope}, nil
}

// standing refuses somebody of the credentials file whose account is disabled.
func (l *Lab) standing(ctx context.Context, name string) error {
	if l.Accounts == nil {
		return nil
	}
	a, err := l.Accounts.Find(ctx, name)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil && a.Disabled {
		return fault.New(fault.Forbidden, "the account of %s is disabled", a.Name).Try("ask an administrator")
	}
	return err
}

// BeginSession begins a session of whoever a token is of that may do all that its
// person may, so that a browser need not carry the token itself. Without accounts
// it returns the token.
func (l *Lab) BeginSession(ctx context.Context, token string) (string, error) {
	a, err := l.Recognise(ctx, token)
	if err == nil {
		err = a.May(account.All)
	}
	if err != nil || l.Accounts == nil {
		return token, err
	}
	return l.Accounts.Begin(ctx, a.Who.Name)
}

// SessionLimits are how long a session may be unused, and how long it lasts; 0
// where there are none.
func (l *Lab) SessionLimits() (idle, whole time.Duration) {
	if l.Accounts == nil {
		return 0, 0
	}
	return l.Accounts.Limits()
}

// Needs is the scope that a token needs for a command: what is done to accounts
// and tokens takes all.
func (c Command) Needs() account.Scope {
	switch c {
	case Look, ListPeople, ListTokens:
		return account.Read
	case AddPerson, DisablePerson, EnablePerson, ResetPerson, MakeToken, RevokeToken, ChangePassword, EndSessions, GiveBadge, TakeBadge, ChangeRole:
		return account.All
	default:
		return account.Act
	}
}
