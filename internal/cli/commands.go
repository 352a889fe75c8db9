package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"secretome/internal/client"
	"secretome/internal/crate"
	"secretome/internal/fault"
)

// elsewhere adds the flags for servers that do not run in this process. Keys
// are never arguments, which every process of the machine could read.
func (a *app) elsewhere(f *pflag.FlagSet) {
	s := &a.servers
	f.StringVar(&s.Temporal, "temporal", a.setting("SECRETOME_TEMPORAL", ""), "`HOST:PORT` of a Temporal server; else one in this process")
	f.StringVar(&s.Namespace, "namespace", a.setting("SECRETOME_NAMESPACE", "secretome"), "Temporal's namespace")
	f.StringVar(&s.S3, "s3", a.setting("SECRETOME_S3", ""), "`URL` of an S3 server; else one in this process. Keys: SECRETOME_S3_ACCESS_KEY, SECRETOME_S3_SECRET_KEY")
	f.IntVar(&s.TemporalPort, "temporal-port", 0, "`PORT` of the Temporal server in this process; 0: a free one")
	f.IntVar(&s.S3Port, "s3-port", 0, "`PORT` of the S3 server in this process; 0: a free one")
	f.IntVar(&s.UIPort, "ui-port", 0, "`PORT` of Temporal's pages in this process; 0: a free one")
	f.StringVar(&s.Bucket, "bucket", a.setting("SECRETOME_BUCKET", "secretome"), "S3 bucket of this laboratory")
	n := &s.Notify
	f.StringVar(&n.Webhook, "webhook", a.setting("SECRETOME_WEBHOOK", ""), "`URL` that is told of reminders, escalations and decisions")
	f.StringVar(&n.SecretFile, "webhook-secret", a.setting("SECRETOME_WEBHOOK_SECRET", ""), "`FILE` with the secret that signs what the webhook gets")
	f.StringVar(&n.Mail, "mail", a.setting("SECRETOME_MAIL", ""), "`HOST:PORT` of a mail server that tells people the same")
	f.StringVar(&n.From, "mail-from", a.setting("SECRETOME_MAIL_FROM", ""), "`ADDRESS` of the laboratory")
	f.StringVar(&n.User, "mail-user", a.setting("SECRETOME_MAIL_USER", ""), "`NAME` at the mail server")
	f.StringVar(&n.PasswordFile, "mail-password", a.setting("SECRETOME_MAIL_PASSWORD", ""), "`FILE` with the password there")
	f.StringVar(&n.To, "mail-to", a.setting("SECRETOME_MAIL_TO", ""), "`ROLE=ADDRESS,…;…` of who is told")
	s.S3AccessKey, s.S3SecretKey = a.setting("SECRETOME_S3_ACCESS_KEY", ""), a.setting("SECRETOME_S3_SECRET_KEY", "")
}

// slots adds the flag that says how many activities a worker does at once, and
// returns what reads it.
func (a *app) slots(f *pflag.FlagSet) func() (int, error) {
	given := f.String("slots", a.setting("SECRETOME_SLOTS", "0"), "do `N` activities at once; 0: the default, 1000")
	return func() (int, error) {
		n, err := strconv.Atoi(*given)
		if err != nil || n < 0 {
			return 0, fault.New(fault.Usage, "%q is no number of activities at once", *given).Field("slots").Try("give 1 or more, or 0 for the default")
		}
		return n, nil
	}
}

func (a *app) io() IO { return IO{Out: a.out, Err: a.err, JSON: a.json} }

// missing is the fault of a program that was built without a part.
func missing(name string) error {
	return fault.New(fault.Refused, "this program was built without %s", name)
}

func (a *app) demo() *cobra.Command {
	var o DemoOptions
	const speed = 0 // as the script says
	c := &cobra.Command{Use: "demo", Short: "Run the reference study with simulated people, then exit", Args: cobra.NoArgs}
	a.elsewhere(c.Flags())
	c.Flags().StringVar(&o.Out, "out", "", "`DIR` for the bundle; else in the data directory")
	c.Flags().Float64Var(&o.Speed, "speed", speed, "divide waits by this")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if a.programs.Demo == nil {
			return missing("the demo")
		}
		o.Servers = a.servers
		left, err := a.programs.Demo(c.Context(), o, a.io())
		if err != nil {
			return err
		}
		return one(a, left, func() error {
			seconds := strconv.FormatFloat(left.Seconds, 'f', 1, 64)
			err := a.pairs([2]string{"run", left.Run}, [2]string{"bundle", left.Bundle}, [2]string{"report", left.Report}, [2]string{"seconds", seconds})
			a.note("\nOpen the report in a browser. Every number in it leads to the record that it came from.\nCheck the bundle:   secretome verify %s\nReplay it:          secretome replay %s\nLook around:        secretome up --data %s   (prints the address of Temporal's pages)\n                    secretome run view %s --data %s", left.Bundle, left.Bundle, a.servers.Data, left.Run, a.servers.Data)
			return err
		})
	}
	return c
}

func (a *app) up() *cobra.Command {
	var o UpOptions
	c := &cobra.Command{Use: "up", Short: "Serve a laboratory on this machine, until interrupted", Args: cobra.NoArgs}
	a.elsewhere(c.Flags())
	c.Flags().StringVar(&o.Listen, "listen", a.setting("SECRETOME_LISTEN", "127.0.0.1:0"), "`ADDR` to serve on; port 0 is any that is free")
	c.Flags().StringVar(&o.Proxy, "behind-proxy", a.setting("SECRETOME_BEHIND_PROXY", ""), "listen on any address: a proxy with TLS, called `NAME`, stands before it")
	c.Flags().StringVar(&o.Certificate, "tls-cert", a.setting("SECRETOME_TLS_CERT", ""), "serve over TLS with the certificate and its chain in this `FILE`; needed beyond loopback")
	c.Flags().StringVar(&o.Key, "tls-key", a.setting("SECRETOME_TLS_KEY", ""), "the key of the certificate, in this `FILE`")
	c.Flags().StringVar(&o.Prefix, "path-prefix", a.setting("SECRETOME_PATH_PREFIX", ""), "serve below this `PATH`, like /lab")
	c.Flags().StringSliceVar(&o.Hosts, "host", separated(a.setting("SECRETOME_HOST", "")), "a further `NAME` by which the server is called; may be given again")
	slots, sessions := a.slots(c.Flags()), a.sessions(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if a.programs.Up == nil {
			return missing("the server")
		}
		if o.Slots, err = slots(); err != nil {
			return err
		}
		if o.Idle, o.Limit, err = sessions(); err != nil {
			return err
		}
		o.Servers, o.Ready = a.servers, a.ready
		err = a.programs.Up(c.Context(), o, a.io())
		if errors.Is(err, context.Canceled) && c.Context().Err() != nil {
			return nil // to be interrupted is how it ends
		}
		return err
	}
	return c
}

// separated are the parts of a setting with commas.
func separated(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// ready prints where the server is, in one line if JSON was asked for.
func (a *app) ready(s client.Server) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(s)
	}
	return a.pairs([2]string{"pages", s.Web}, [2]string{"api", s.API}, [2]string{"workflows", s.UI}, [2]string{"temporal", s.Temporal + " namespace " + s.Namespace},
		[2]string{"s3", s.S3 + " bucket " + s.Bucket}, [2]string{"credentials", s.Credentials})
}

func (a *app) worker() *cobra.Command {
	c := &cobra.Command{Use: "worker", Short: "Carry out workflows and activities for servers elsewhere", Args: cobra.NoArgs}
	a.elsewhere(c.Flags())
	slots := a.slots(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		if a.programs.Worker == nil {
			return missing("the worker")
		}
		n, err := slots()
		if err != nil {
			return err
		}
		err = a.programs.Worker(c.Context(), WorkerOptions{a.servers, n}, a.io())
		if errors.Is(err, context.Canceled) && c.Context().Err() != nil {
			return nil // to be interrupted is how it ends
		}
		return err
	}
	return c
}

func (a *app) index() *cobra.Command {
	c := &cobra.Command{Use: "index", Short: "The tables by which questions are answered"}
	rebuild := &cobra.Command{
		Use: "rebuild", Short: "Make the index anew from the logbooks, and tell where the old one differed", Args: cobra.NoArgs,
		Long: "Make the index anew from the logbooks, and tell where the old one differed.\nNo server may run on the data directory meanwhile. Exit code 1: it differed.",
	}
	a.elsewhere(rebuild.Flags())
	rebuild.RunE = func(c *cobra.Command, _ []string) error {
		if a.programs.RebuildIndex == nil {
			return missing("the index")
		}
		r, err := a.programs.RebuildIndex(c.Context(), RebuildOptions{a.servers}, a.io())
		if err != nil {
			return err
		}
		if err := one(a, r, func() error { return a.showRebuilt(r) }); err != nil {
			return err
		}
		if !r.Same() {
			return fault.New(fault.Different, "the old index told something else; the new one is in use")
		}
		return nil
	}
	c.AddCommand(rebuild)
	return c
}

func (a *app) showRebuilt(r Rebuilt) error {
	if len(r.Differences) > 0 {
		return list(a, r.Differences, []column[Difference]{
			{"table", func(d Difference) string { return d.Table }},
			{"key", func(d Difference) string { return d.Key }},
			{"old", func(d Difference) string { return d.Old }},
			{"new", func(d Difference) string { return d.New }},
		})
	}
	found := "the old index told the same"
	switch {
	case r.Missing:
		found = "there was no index"
	case r.Damage != "":
		found = "the old index could not be read: " + r.Damage
	case r.Behind > 0:
		found += fmt.Sprintf(", but for the last %d records", r.Behind)
	}
	_, err := fmt.Fprintln(a.out, found)
	return err
}

func (a *app) replay() *cobra.Command {
	c := &cobra.Command{Use: "replay RUN|BUNDLE|HISTORY.json", Short: "Hold workflow histories against this program", Args: cobra.ExactArgs(1)}
	a.elsewhere(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if a.programs.Replay == nil {
			return missing("replay")
		}
		replayed, err := a.programs.Replay(c.Context(), ReplayOptions{a.servers, args[0]}, a.io())
		if err != nil {
			return err
		}
		failed := 0
		for _, r := range replayed {
			if !r.OK {
				failed++
			}
		}
		if err := list(a, replayed, replayColumns()); err != nil {
			return err
		}
		if failed > 0 {
			return fault.New(fault.Different, "%d of %d histories do not replay", failed, len(replayed)).Try("use the release that wrote them")
		}
		return nil
	}
	return c
}

func replayColumns() []column[Replayed] {
	return []column[Replayed]{
		{"workflow", func(r Replayed) string { return r.Workflow }},
		{"type", func(r Replayed) string { return r.Type }},
		{"events", func(r Replayed) string { return strconv.FormatInt(r.Events, 10) }},
		{"result", func(r Replayed) string {
			if r.OK {
				return "same"
			}
			return "differs: " + r.Detail
		}},
	}
}

func (a *app) doctor() *cobra.Command {
	c := &cobra.Command{Use: "doctor", Short: "Look at everything this program needs, and say what to mend", Args: cobra.NoArgs}
	a.elsewhere(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		if a.programs.Doctor == nil {
			return missing("the doctor")
		}
		found, err := a.programs.Doctor(c.Context(), DoctorOptions{a.servers}, a.io())
		if err != nil {
			return err
		}
		failed := 0
		for _, f := range found {
			if f.State == "fail" {
				failed++
			}
		}
		err = list(a, found, []column[Finding]{
			{"part", func(f Finding) string { return f.Name }},
			{"state", func(f Finding) string { return f.State }},
			{"detail", func(f Finding) string { return f.Detail }},
			{"fix", func(f Finding) string { return f.Fix }},
		})
		if err == nil && failed > 0 {
			return fault.New(fault.Different, "%d of %d parts fail", failed, len(found))
		}
		return err
	}
	return c
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of this program", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := a.programs.Version
			return one(a, v, func() error {
				_, err := fmt.Fprintf(a.out, "secretome %s\n", v.Version)
				return err
			})
		},
	}
}

func (a *app) verify() *cobra.Command {
	return &cobra.Command{
		Use: "verify BUNDLE", Short: "Check a bundle offline: every hash, chain, seal and signature", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			v, err := crate.Verify(args[0])
			if err != nil {
				return err
			}
			if err := one(a, v, func() error { return a.showVerdict(v) }); err != nil {
				return err
			}
			if !v.OK {
				return fault.New(fault.Corrupt, "the bundle is not as it was written: %s", count(len(v.Problems), "problem")).Try("ask for it again, or restore it from a backup")
			}
			return nil
		},
	}
}

func (a *app) showVerdict(v crate.Verdict) error {
	if len(v.Problems) > 0 {
		return list(a, v.Problems, []column[crate.Problem]{
			{"kind", func(p crate.Problem) string { return string(p.Kind) }},
			{"path", func(p crate.Problem) string { return p.Path }},
			{"detail", func(p crate.Problem) string { return p.Detail }},
		})
	}
	lines := [][2]string{
		{"artifacts", fmt.Sprintf("%d of %d match", v.Artifacts, v.Artifacts)},
		{"records", fmt.Sprintf("%d, in %s", v.Records, count(len(v.Logbooks), "unbroken chain"))},
		{"signatures", strconv.Itoa(v.Signatures)},
	}
	for _, s := range v.Seals {
		lines = append(lines, [2]string{"seal", fmt.Sprintf("%s, record %d, by key %s", s.Logbook, s.Sealed, s.Fingerprint)})
	}
	return a.pairs(lines...)
}

// count says how many of a thing there are.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
