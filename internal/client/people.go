package client

import (
	"context"
	"net/url"
	"time"

	"secretome/internal/record"
)

// Person is somebody with an account.
type Person struct {
	Name     string    `json:"name"`
	FullName string    `json:"full_name,omitempty"`
	Role     string    `json:"role"`
	Email    string    `json:"email,omitempty"`
	Disabled bool      `json:"disabled"`
	Password bool      `json:"password"` // has set one
	Created  time.Time `json:"created"`
	Badge    time.Time `json:"badge,omitzero"` // since when they have their badge; absent: they have none
}

// NewPerson asks for an account.
type NewPerson struct {
	Name     string `json:"name"`
	FullName string `json:"full_name,omitempty"`
	Role     string `json:"role"`
	Email    string `json:"email,omitempty"`
}

// The verbs of [PersonAct].
const (
	DisablePerson = "disable"
	EnablePerson  = "enable"
	ResetPerson   = "reset"
	ChangeRole    = "role"
	GiveBadge     = "badge"
	TakeBadge     = "take-badge"
)

// PersonAct is one thing that is done to an account.
type PersonAct struct {
	Verb string `json:"verb"`
	Role string `json:"role,omitempty"` // role: the new one
}

// PersonActed is the answer to what is done to an account. The one-time link, and
// the code of a badge, are told once.
type PersonActed struct {
	Name    string     `json:"name"`
	Record  record.Ref `json:"record"`
	Link    string     `json:"link,omitempty"`   // one-time: by it the person sets a password
	Expires time.Time  `json:"expires,omitzero"` // of the link
	Badge   string     `json:"badge,omitempty"`  // what its label reads
}

// Password sets the password of whoever a one-time link is for.
type Password struct {
	Link     string `json:"link"`
	Name     string `json:"name,omitempty"` // of the first administrator, who has no account yet
	Password string `json:"password"`
}

// NewToken asks for a token by which scripts act as a person.
type NewToken struct {
	Scope   string    `json:"scope"` // read, act, all
	Expires time.Time `json:"expires"`
}

// Token is what is known of a token for scripts. The token itself is told once,
// when it is made.
type Token struct {
	ID      string    `json:"id"`
	Person  string    `json:"person"`
	Scope   string    `json:"scope"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Revoked time.Time `json:"revoked,omitzero"`
	Token   string    `json:"token,omitempty"`
}

// People lists everybody with an account.
func (c *Client) People(ctx context.Context) ([]Person, error) {
	return get[[]Person](ctx, c, "/people", nil)
}

// AddPerson gives somebody an account.
func (c *Client) AddPerson(ctx context.Context, request string, m NewPerson) (PersonActed, error) {
	return post[PersonActed](ctx, c, request, "/people", m)
}

// ActOnPerson does one thing to an account.
func (c *Client) ActOnPerson(ctx context.Context, request, name string, m PersonAct) (PersonActed, error) {
	return post[PersonActed](ctx, c, request, personPath(name), m)
}

// SetPassword sets a password by a one-time link. It needs no token.
func (c *Client) SetPassword(ctx context.Context, request string, m Password) (PersonActed, error) {
	return post[PersonActed](ctx, c, request, "/password", m)
}

// Tokens lists the tokens of a person.
func (c *Client) Tokens(ctx context.Context, name string) ([]Token, error) {
	return get[[]Token](ctx, c, personPath(name)+"/tokens", nil)
}

// NewToken makes a token.
func (c *Client) NewToken(ctx context.Context, request, name string, m NewToken) (Token, error) {
	return post[Token](ctx, c, request, personPath(name)+"/tokens", m)
}

// RevokeToken ends a token.
func (c *Client) RevokeToken(ctx context.Context, request, name, id string) (PersonActed, error) {
	return post[PersonActed](ctx, c, request, personPath(name)+"/tokens/"+url.PathEscape(id)+"/revoke", struct{}{})
}

func personPath(name string) string { return "/people/" + url.PathEscape(name) }
