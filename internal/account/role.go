package account

import (
	"context"
	"database/sql"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// ChangeRole gives somebody another role, and ends all their sessions: what they
// go on with, they do in the new one. Tokens for scripts act in it at once. Nobody
// changes their own, and the last administrator who may sign in stays one. It
// fails with [fault.Invalid], [fault.Refused], and with [fault.Conflict] for the
// role that they have.
func (s *Store) ChangeRole(ctx context.Context, by By, name, role string) error {
	if err := checkRole(role); err != nil {
		return err
	}
	return s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Role == role {
			return fault.New(fault.Conflict, "%s is %s already", r.Name, role).Field("role")
		}
		if fold(by.Who.Name) == fold(r.Name) {
			return fault.New(fault.Refused, "nobody can change their own role").Field("role").Try("let another administrator do it")
		}
		if err := s.another(ctx, tx, r); err != nil {
			return err
		}
		if err := run(ctx, tx, "DELETE FROM sessions WHERE person = ?", r.id); err != nil {
			return err
		}
		if err := run(ctx, tx, "UPDATE people SET role = ? WHERE id = ?", role, r.id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.RoleChanged, record.PersonAct{Person: r.Name, Role: role, Was: r.Role})
	})
}

// another refuses to take the role from the last administrator who may sign in:
// two who take it from each other at once would leave nobody to give accounts.
func (s *Store) another(ctx context.Context, tx *sql.Tx, r row) error {
	if r.Role != Administrator || r.Disabled {
		return nil
	}
	var others int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM people WHERE role = ? AND disabled = 0 AND id <> ?", Administrator, r.id).Scan(&others)
	if err == nil && others == 0 {
		return fault.New(fault.Refused, "%s is the last administrator", r.Name).Field("role").Try("make somebody else one first")
	}
	return err
}
