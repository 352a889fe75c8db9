package cli

import (
	"bufio"
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"secretome/internal/client"
	"secretome/internal/fault"
)

func (a *app) users() *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "People with accounts, their passwords, and tokens for scripts"}
	c.RunE = func(c *cobra.Command, _ []string) error { return a.listUsers(c.Context()) }
	list := &cobra.Command{Use: "list", Short: "List everybody with an account", Args: cobra.NoArgs, RunE: c.RunE}
	c.AddCommand(list, a.userAdd(), a.userPassword(), a.userToken(), a.userTokens(), a.userRevoke(), a.userBadge(), a.userRole())
	for _, v := range []struct{ verb, short string }{
		{client.DisablePerson, "Keep somebody out at once, whatever they signed in with"},
		{client.EnablePerson, "Let somebody in again who was disabled"},
		{client.ResetPerson, "Take a password away, and print the one-time link for a new one"},
	} {
		c.AddCommand(a.userVerb(v.verb, v.short))
	}
	return c
}

func (a *app) listUsers(ctx context.Context) error {
	return a.with(func(server *client.Client) error {
		all, err := server.People(ctx)
		if err != nil {
			return err
		}
		return list(a, all, []column[client.Person]{
			{"name", func(p client.Person) string { return p.Name }},
			{"role", func(p client.Person) string { return p.Role }},
			{"state", userState},
			{"full name", func(p client.Person) string { return p.FullName }},
			{"email", func(p client.Person) string { return p.Email }},
			{"since", func(p client.Person) string { return a.when(p.Created) }},
		})
	})
}

func userState(p client.Person) string {
	switch {
	case p.Disabled:
		return "disabled"
	case !p.Password:
		return "no password"
	}
	return "active"
}

func (a *app) userAdd() *cobra.Command {
	var m client.NewPerson
	c := &cobra.Command{
		Use: "add NAME", Short: "Give somebody an account, and print the one-time link by which they set their password", Args: cobra.ExactArgs(1),
		Long:    "Give somebody an account, and print the one-time link by which they set their password.\nIt is printed once and lasts 7 days. Nobody else ever knows the password.",
		Example: "  secretome user add \"Eva Roth\" --role technician",
	}
	c.Flags().StringVar(&m.Role, "role", "", "`ROLE`: manager, technician, reviewer, quality, administrator or auditor")
	c.Flags().StringVar(&m.FullName, "full-name", "", "`NAME` as reports print it")
	c.Flags().StringVar(&m.Email, "email", "", "`ADDRESS` for notices")
	_ = c.MarkFlagRequired("role") // it was just defined
	c.RunE = func(c *cobra.Command, args []string) error {
		m.Name = args[0]
		return a.toUser(func(server *client.Client, request string) (client.PersonActed, error) {
			return server.AddPerson(c.Context(), request, m)
		})
	}
	return c
}

func (a *app) userBadge() *cobra.Command {
	var take bool
	c := &cobra.Command{
		Use: "badge NAME", Short: "Give somebody a badge to scan, and print its code once, or take it away", Args: cobra.ExactArgs(1),
		Long:    "Give somebody a badge to scan in place of the one before, and print its code once. By it a\ntechnician signs in at the bench, and anybody checks a step as the second person. It signs nothing.",
		Example: "  secretome user badge \"Eva Roth\"\n  secretome user badge \"Eva Roth\" --take",
	}
	c.Flags().BoolVar(&take, "take", false, "take the badge away")
	c.RunE = func(c *cobra.Command, args []string) error {
		verb := client.GiveBadge
		if take {
			verb = client.TakeBadge
		}
		return a.toUser(func(server *client.Client, request string) (client.PersonActed, error) {
			return server.ActOnPerson(c.Context(), request, args[0], client.PersonAct{Verb: verb})
		})
	}
	return c
}

func (a *app) userRole() *cobra.Command {
	return &cobra.Command{
		Use: "role NAME ROLE", Short: "Give somebody another role, and end all their sessions", Args: cobra.ExactArgs(2),
		Example: "  secretome user role \"Eva Roth\" reviewer",
		RunE: func(c *cobra.Command, args []string) error {
			return a.toUser(func(server *client.Client, request string) (client.PersonActed, error) {
				return server.ActOnPerson(c.Context(), request, args[0], client.PersonAct{Verb: client.ChangeRole, Role: args[1]})
			})
		},
	}
}

func (a *app) userVerb(verb, short string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.toUser(func(server *client.Client, request string) (client.PersonActed, error) {
				return server.ActOnPerson(c.Context(), request, args[0], client.PersonAct{Verb: verb})
			})
		},
	}
}

// toUser does something to an account and prints the answer.
func (a *app) toUser(do func(server *client.Client, request string) (client.PersonActed, error)) error {
	request, err := a.newRequest()
	if err != nil {
		return err
	}
	return a.with(func(server *client.Client) error {
		done, err := do(server, request)
		if err != nil {
			return a.sent(err)
		}
		return one(a, done, func() error {
			if done.Link != "" {
				a.note("give this to %s, and to nobody else; it is told once and works once, with: secretome user password", done.Name)
			}
			if done.Badge != "" {
				a.note("it is told once: print it as a label, for instance with: secretome label %s --symbol code128", done.Badge)
			}
			return a.pairs([2]string{"name", done.Name}, [2]string{"link", done.Link}, [2]string{"expires", a.when(done.Expires)}, [2]string{"badge", done.Badge})
		})
	})
}

func (a *app) userPassword() *cobra.Command {
	var m client.Password
	c := &cobra.Command{
		Use: "password", Short: "Set your own password with a one-time link", Args: cobra.NoArgs,
		Long: "Set your own password with a one-time link. Link and password are asked for, or read as two\nlines from standard input: what stands in a command line, every process can read.",
	}
	c.Flags().StringVar(&m.Name, "name", "", "`NAME` of the first administrator, with the link of the set-up")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if m.Link, m.Password, err = a.secrets(); err != nil {
			return err
		}
		request, err := a.newRequest()
		if err != nil {
			return err
		}
		server, err := a.anonymous()
		if err != nil {
			return err
		}
		done, err := server.SetPassword(c.Context(), request, m)
		if err != nil {
			return a.startOne(a.sent(err))
		}
		return one(a, done, func() error { return a.pairs([2]string{"name", done.Name}, [2]string{"password", "set"}) })
	}
	return c
}

// anonymous returns a client that is nobody.
func (a *app) anonymous() (*client.Client, error) {
	address, err := a.address()
	if err != nil {
		return nil, err
	}
	return client.New(client.Options{URL: address, Patience: time.Second})
}

// secrets asks for link and password without showing them, or reads two lines.
func (a *app) secrets() (link, password string, err error) {
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return twoLines(a.in)
	}
	var answers [3]string
	for i, question := range []string{"One-time link: ", "New password: ", "New password again: "} {
		_, _ = io.WriteString(a.err, question) // standard error is gone: nobody is left to ask
		text, err := term.ReadPassword(int(f.Fd()))
		a.note("")
		if err != nil {
			return "", "", fault.Wrap(err, fault.Usage, "nothing could be read from the terminal")
		}
		answers[i] = string(text)
	}
	if answers[1] != answers[2] {
		return "", "", fault.New(fault.Usage, "the two passwords differ").Try("begin again; the link still works")
	}
	return strings.TrimSpace(answers[0]), answers[1], nil
}

func twoLines(in io.Reader) (first, second string, err error) {
	const most = 4096 // bytes
	s := bufio.NewScanner(io.LimitReader(in, most))
	var lines []string
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
		return "", "", fault.Wrap(err, fault.Usage, "standard input cannot be read")
	}
	if len(lines) != 2 {
		return "", "", fault.New(fault.Usage, "standard input has %d lines, not two", len(lines)).Try("first the one-time link, then the new password")
	}
	return strings.TrimSpace(lines[0]), lines[1], nil
}

// self returns the name that was given, else that of who acts.
func self(ctx context.Context, server *client.Client, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	me, err := server.Me(ctx)
	return me.Name, err
}

func (a *app) userToken() *cobra.Command {
	var m client.NewToken
	var expires string
	c := &cobra.Command{
		Use: "token [NAME]", Short: "Make a token by which scripts act as you, and print it once", Args: cobra.MaximumNArgs(1),
		Long:    "Make a token by which scripts act as you, and print it once. An administrator can make one\nfor somebody else that only reads.",
		Example: "  secretome user token --scope read --expires 2027-01-31",
	}
	c.Flags().StringVar(&m.Scope, "scope", "", "`SCOPE`: read (questions), act (and commands), all (and accounts)")
	c.Flags().StringVar(&expires, "expires", "", "`TIME` until which it works")
	for _, name := range []string{"scope", "expires"} {
		_ = c.MarkFlagRequired(name) // it was just defined
	}
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if m.Expires, err = a.instant("expires", expires); err != nil {
			return err
		}
		request, err := a.newRequest()
		if err != nil {
			return err
		}
		return a.with(func(server *client.Client) error {
			name, err := self(c.Context(), server, args)
			if err != nil {
				return err
			}
			made, err := server.NewToken(c.Context(), request, name, m)
			if err != nil {
				return a.sent(err)
			}
			return one(a, made, func() error {
				a.note("it is told once; set it as SECRETOME_TOKEN")
				return a.pairs([2]string{"id", made.ID}, [2]string{"person", made.Person}, [2]string{"scope", made.Scope}, [2]string{"expires", a.when(made.Expires)}, [2]string{"token", made.Token})
			})
		})
	}
	return c
}

func (a *app) userTokens() *cobra.Command {
	return &cobra.Command{
		Use: "tokens [NAME]", Short: "List tokens for scripts", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(func(server *client.Client) error {
				name, err := self(c.Context(), server, args)
				if err != nil {
					return err
				}
				all, err := server.Tokens(c.Context(), name)
				if err != nil {
					return err
				}
				return list(a, all, []column[client.Token]{
					{"id", func(t client.Token) string { return t.ID }},
					{"person", func(t client.Token) string { return t.Person }},
					{"scope", func(t client.Token) string { return t.Scope }},
					{"made", func(t client.Token) string { return a.when(t.Created) }},
					{"expires", func(t client.Token) string { return a.when(t.Expires) }},
					{"revoked", func(t client.Token) string { return a.when(t.Revoked) }},
				})
			})
		},
	}
}

func (a *app) userRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID [NAME]", Short: "End a token for scripts at once", Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.toUser(func(server *client.Client, request string) (client.PersonActed, error) {
				name, err := self(c.Context(), server, args[1:])
				if err != nil {
					return client.PersonActed{}, err
				}
				return server.RevokeToken(c.Context(), request, name, args[0])
			})
		},
	}
}

// sessions adds the flags that say when people are signed out, and returns what
// reads them.
func (a *app) sessions(f *pflag.FlagSet) func() (idle, limit time.Duration, err error) {
	unused := f.String("session-idle", a.setting("SECRETOME_SESSION_IDLE", "30m"), "sign people out who do nothing for this `TIME`")
	whole := f.String("session-limit", a.setting("SECRETOME_SESSION_LIMIT", "12h"), "sign people out after this `TIME` in any case")
	return func() (idle, limit time.Duration, err error) {
		if idle, err = lasting("session-idle", *unused); err != nil {
			return 0, 0, err
		}
		limit, err = lasting("session-limit", *whole)
		return idle, limit, err
	}
}

// lasting reads how long something lasts, a minute at least.
func lasting(flag, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Minute {
		return 0, fault.New(fault.Usage, "%q is no time of a minute or more", text).Field(flag).Try("write it like 30m or 12h")
	}
	return d, nil
}
