package lab

import (
	"context"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

// GiveBadge gives somebody a badge in place of the one before, and answers with
// its code, which is told once. It fails with [fault.Refused] for a role that has
// nothing to do by a badge.
func (l *Lab) GiveBadge(ctx context.Context, who record.Actor, request, name string) (PersonActed, error) {
	return l.toPerson(ctx, GiveBadge, who, request, record.BadgeGiven, name, func(again bool) (done PersonActed, err error) {
		if again {
			return done, fault.New(fault.Conflict, "this badge was given already, and its code is told only once").Try("give another one with a new request ID, which takes the first away")
		}
		a, err := l.Accounts.Find(ctx, name)
		if err != nil {
			return done, err
		}
		if !MayBadge(a) {
			return done, fault.New(fault.Refused, "%s is %s, and a badge would be good for nothing", a.Name, a.Role).Try("badges are for who works at the bench or checks as the second person")
		}
		done.Secret, err = l.Accounts.GiveBadge(ctx, account.By{Who: who, Request: request}, name)
		return done, err
	})
}

// MayBadge reports whether a badge is good for something in somebody's role.
func MayBadge(a account.Account) bool { return Allowed(a.Actor(), ToTask(task.Check)) == nil }

// TakeBadge takes somebody's badge away.
func (l *Lab) TakeBadge(ctx context.Context, who record.Actor, request, name string) (PersonActed, error) {
	return l.toPerson(ctx, TakeBadge, who, request, record.BadgeTaken, name, func(again bool) (PersonActed, error) {
		if again {
			return PersonActed{}, nil
		}
		return PersonActed{}, l.Accounts.TakeBadge(ctx, account.By{Who: who, Request: request}, name)
	})
}

// ChangeRole gives somebody another role. It fails with [fault.Refused] for who
// stands in the credentials file: the role is said there, and the server does not
// start where the two differ.
func (l *Lab) ChangeRole(ctx context.Context, who record.Actor, request, name, role string) (PersonActed, error) {
	return l.toPerson(ctx, ChangeRole, who, request, record.RoleChanged, name, func(again bool) (PersonActed, error) {
		if again {
			return PersonActed{}, nil
		}
		a, err := l.Accounts.Find(ctx, name)
		if err != nil {
			return PersonActed{}, err
		}
		if l.InCredentials(a.Name) {
			return PersonActed{}, fault.New(fault.Refused, "the role of %s stands in the credentials file", a.Name).Field("role").Try("take the entry out of the file and start the server again, or give an account under another name")
		}
		return PersonActed{}, l.Accounts.ChangeRole(ctx, account.By{Who: who, Request: request}, name, role)
	})
}
