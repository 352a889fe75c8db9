package cli

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/task"
)

// connect returns a client of the server at hand, for the person who acts.
func (a *app) connect() (*client.Client, error) {
	address, err := a.address()
	if err != nil {
		return nil, err
	}
	token, err := a.token()
	if err != nil {
		return nil, err
	}
	const patience = time.Second // a server that is just starting
	return client.New(client.Options{URL: address, Token: token, Patience: patience})
}

// address is the one that was given, else that of the server on the data directory.
func (a *app) address() (string, error) {
	if a.url != "" {
		return a.url, nil
	}
	s, err := client.FindServer(a.servers.Data)
	if err != nil {
		return "", a.startOne(err)
	}
	return s.API, nil
}

// token is that of the person named, else the one in the environment, else the
// administrator's of the data directory.
func (a *app) token() (string, error) {
	if t := a.getenv("SECRETOME_TOKEN"); t != "" && a.as == "" {
		return t, nil
	}
	return client.FindToken(a.servers.Data, a.as)
}

// startOne says how to get a server where none answers.
func (a *app) startOne(err error) error {
	f := fault.Of(err)
	if f.Kind == fault.Unavailable && f.Help == "" {
		f.Help = "start one with: secretome up --data " + a.servers.Data + "; or name one with --url or SECRETOME_URL"
	}
	return err
}

// with calls do with a client.
func (a *app) with(do func(*client.Client) error) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	return a.startOne(do(c))
}

// newRequest returns the ID of this command, which --request may have given.
func (a *app) newRequest() (string, error) {
	if a.request == "" {
		a.request = client.NewRequest()
	}
	if uuid.Validate(a.request) != nil {
		return "", fault.New(fault.Usage, "%q is no request ID", a.request).Field("request").Try("it looks like %s", client.NewRequest())
	}
	return a.request, nil
}

// part returns the request ID of one part of a command: the same whenever the
// command is sent again.
func part(request, name string) string {
	return uuid.NewSHA1(uuid.MustParse(request), []byte(name)).String()
}

// sent tells how to send a command again whose answer was lost.
func (a *app) sent(err error) error {
	f := fault.Of(err)
	if (f.Kind == fault.Unavailable || f.Kind == fault.Timeout) && f.Help == "" {
		f.Help = "nobody knows whether it was recorded: send the same command again with --request " + a.request
	}
	return err
}

// findRun returns the run that id names: whole, or by an end that only one has.
func findRun(ctx context.Context, c *client.Client, id string) (string, error) {
	if strings.HasPrefix(id, "UCM-") {
		return id, nil
	}
	runs, err := c.Runs(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, r := range runs {
		if strings.HasSuffix(r.ID, "-"+id) {
			found = append(found, r.ID)
		}
	}
	return single("run", id, found)
}

// findTask returns the task that id names: whole, or by an end that only one
// has. An end may leave out the number of the asking; where several askings
// match, the one that is open counts.
func findTask(ctx context.Context, c *client.Client, id string) (string, error) {
	if strings.HasPrefix(id, "task/") {
		return id, nil
	}
	tasks, err := c.Tasks(ctx, client.TaskFilter{State: "all"})
	if err != nil {
		return "", err
	}
	var found, open []string
	for _, t := range tasks {
		if !strings.HasSuffix(t.ID, "/"+id) && !strings.HasSuffix(path.Dir(t.ID), "/"+id) {
			continue
		}
		found = append(found, t.ID)
		if t.State == string(task.Open) || t.State == string(task.Claimed) {
			open = append(open, t.ID)
		}
	}
	if len(open) == 1 {
		return open[0], nil
	}
	return single("task", id, found)
}

func single(noun, id string, found []string) (string, error) {
	switch len(found) {
	case 0:
		return "", fault.New(fault.NotFound, "there is no %s %q", noun, id).Try("see them with: secretome %s list", noun)
	case 1:
		return found[0], nil
	}
	const most = 5
	slices.Sort(found)
	return "", fault.New(fault.Usage, "%q may be %d %ss", id, len(found), noun).Try("write more of it: %s", strings.Join(found[:min(len(found), most)], ", "))
}
