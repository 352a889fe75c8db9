package record

import "time"

// The kinds of records about people with accounts, in the logbook of the
// laboratory. The body of each is a PersonAct. None has a secret in it.
const (
	PersonAdded    Kind = "person-added"    // somebody has an account from now on
	PersonDisabled Kind = "person-disabled" // may not sign in until enabled again
	PersonEnabled  Kind = "person-enabled"  //
	PasswordSet    Kind = "password-set"    // by the person, with a one-time link or the password before
	PasswordReset  Kind = "password-reset"  // the password counts no more, all sessions ended, a new link was made
	TokenMade      Kind = "token-made"      // for a script
	TokenRevoked   Kind = "token-revoked"   //
	SignInLocked   Kind = "sign-in-locked"  // too many wrong passwords in a row
	BadgeGiven     Kind = "badge-given"     // in place of any before
	BadgeTaken     Kind = "badge-taken"     //
	RoleChanged    Kind = "role-changed"    // and all sessions ended
)

// PersonAct is the body of what is done to somebody's account. Parts that do not
// apply are empty.
type PersonAct struct {
	Person  string    `json:"person"`           // the name by which they sign in
	Role    string    `json:"role,omitempty"`   // added, role changed: the new one
	Was     string    `json:"was,omitempty"`    // role changed: the one before
	How     string    `json:"how,omitempty"`    // password set, added: set-up, invitation, reset, change, credentials
	Token   string    `json:"token,omitempty"`  // token made, revoked: its ID
	Scope   string    `json:"scope,omitempty"`  // token made: read, act, all
	Expires time.Time `json:"expires,omitzero"` // token made
	Wrong   int       `json:"wrong,omitempty"`  // locked: wrong passwords in a row
	From    string    `json:"from,omitempty"`   // locked: address of the last try
	Until   time.Time `json:"until,omitzero"`   // locked
}

// PersonKinds lists them.
func PersonKinds() []Kind {
	return []Kind{PersonAdded, PersonDisabled, PersonEnabled, PasswordSet, PasswordReset, TokenMade, TokenRevoked, SignInLocked, BadgeGiven, BadgeTaken, RoleChanged}
}
