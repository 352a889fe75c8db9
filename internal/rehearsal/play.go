package rehearsal

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// Cast is everything that a rehearsal needs besides its script.
type Cast struct {
	Script   Script
	Document []byte                                    // the protocol, YAML
	Protocol protocol.Protocol                         // the same, parsed
	Files    fs.FS                                     // where the script's files lie
	Speak    func(name string) (*client.Client, error) // a client that acts as a person of the script
	Progress func(string)                              // told what happens; may be nil
}

// player plays one run.
type player struct {
	Cast
	run    string
	played sync.Map // task IDs that are played or being played
}

// Play launches the run, or goes on with it if it was launched before, and
// returns its ID when it has ended.
func (c Cast) Play(ctx context.Context) (string, error) {
	p := &player{Cast: c}
	if p.Progress == nil {
		p.Progress = func(string) {}
	}
	if err := p.launch(ctx); err != nil {
		return "", fmt.Errorf("launch the rehearsal: %w", err)
	}
	return p.run, p.playTasks(ctx)
}

// launch starts the run. Its request follows from the script and the protocol,
// so that the same rehearsal of the same data directory is the same run.
func (p *player) launch(ctx context.Context) error {
	manager, err := p.voice("manager")
	if err != nil {
		return err
	}
	l := client.Launch{
		Document: string(p.Document), Title: p.Script.Title, Start: p.Script.Start,
		Speed: p.Script.Speed, Rehearsal: true, Script: p.Script.Name,
	}
	launched, err := manager.Launch(ctx, p.request("launch", record.Hash(p.Document)), l)
	p.run = launched.Run
	return err
}

func (p *player) voice(role string) (*client.Client, error) {
	name, err := p.Script.person(Answer{}, role, "")
	if err != nil {
		return nil, err
	}
	return p.Speak(name)
}

// request returns the ID of a request that is the same whenever the same thing
// is asked in this rehearsal.
func (p *player) request(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("secretome rehearsal/"+p.Script.Name+"/"+strings.Join(parts, "/"))).String()
}

const (
	look  = 15 * time.Millisecond // between two looks at the list of open tasks
	hands = 6                     // tasks played at the same time
)

// playTasks answers what is asked until the run has ended.
func (p *player) playTasks(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	manager, err := p.voice("manager")
	if err != nil {
		return err
	}
	var playing sync.WaitGroup
	defer playing.Wait()
	free := make(chan struct{}, hands)
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		open, err := manager.Tasks(ctx, client.TaskFilter{Run: p.run})
		if err != nil {
			return fmt.Errorf("look for open tasks: %w", cmp.Or(context.Cause(ctx), err))
		}
		for _, t := range open {
			if _, taken := p.played.LoadOrStore(t.ID, true); taken {
				continue
			}
			free <- struct{}{}
			playing.Go(func() {
				defer func() { <-free }()
				if err := p.play(ctx, t); err != nil {
					cancel(fmt.Errorf("task %s: %w", t.ID, err))
				}
			})
		}
		if len(open) == 0 {
			if ended, err := p.ended(ctx, manager); ended || err != nil {
				return err
			}
		}
		pause(ctx, look)
	}
}

func (p *player) ended(ctx context.Context, c *client.Client) (bool, error) {
	r, err := c.Run(ctx, p.run)
	return err == nil && r.State != "running" && !r.Ended.IsZero(), err
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// play answers one task, from wherever an earlier rehearsal left it.
func (p *player) play(ctx context.Context, t client.Task) error {
	below := strings.TrimPrefix(t.ID, "task/"+p.run+"/")
	below = below[:strings.LastIndex(below, "/")]
	answer, err := p.Script.answer(below, t.Attempt)
	if err != nil {
		return err
	}
	name, err := p.Script.person(answer, t.Role, t.Block)
	if err != nil {
		return err
	}
	c, err := p.Speak(name)
	if err != nil {
		return err
	}
	v, err := c.Task(ctx, t.ID)
	if err != nil {
		return err
	}
	s := sitting{player: p, client: c, answer: answer, view: v, below: below}
	if s.done, err = s.finish(); err != nil {
		return err
	}
	p.Progress(fmt.Sprintf("%s  %s, %s", s.done.Format("2006-01-02 15:04"), v.Title, name))
	return s.sit(ctx)
}

// sitting is one person at one task.
type sitting struct {
	*player
	client *client.Client
	answer Answer
	view   client.TaskView
	below  string
	done   time.Time // when the task is completed, in the story
}

// finish returns when the task is completed: at the nominal time, or a quarter
// of an hour after it opens, moved by the script.
func (s *sitting) finish() (time.Time, error) {
	const unhurried = 15 * time.Minute
	at := s.view.Nominal
	if at.IsZero() || at.Before(s.view.Opens) {
		at = s.view.Opens.Add(unhurried)
	}
	if s.answer.At == "" {
		return at, nil
	}
	offset, err := time.ParseDuration(s.answer.At)
	if err != nil {
		return at, fault.New(fault.Invalid, "the script's time %q of %s is no offset", s.answer.At, s.below).Try("write it like +25m or -1h")
	}
	return at.Add(offset), nil
}

func (s *sitting) sit(ctx context.Context) error {
	steps := s.view.Spec.Task.Steps
	const stride = time.Minute // between two steps
	begin := s.done.Add(-time.Duration(len(steps)) * stride)
	if err := s.act(ctx, client.Act{Verb: task.Claim, Happened: begin}, "claim"); err != nil {
		return err
	}
	for i, step := range steps {
		at := begin.Add(time.Duration(i+1) * stride)
		if slices.ContainsFunc(s.view.Now.Done, func(d task.Done) bool { return d.Step == step.ID }) {
			continue
		}
		if err := s.slip(ctx, step, at); err != nil {
			return err
		}
		entries, err := s.entries(ctx, step)
		if err != nil {
			return err
		}
		a := client.Act{Verb: task.Step, Happened: at, Step: step.ID, Entries: entries, Deviation: s.answer.Reasons[step.ID]}
		if err := s.act(ctx, a, "step/"+step.ID); err != nil {
			return err
		}
	}
	return s.act(ctx, client.Act{Verb: task.Complete, Happened: s.done}, "complete")
}

func (s *sitting) act(ctx context.Context, a client.Act, what string) error {
	_, err := s.client.Act(ctx, s.request(s.view.ID, what), s.view.ID, a)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// slip makes the mistakes that the script has for a step; each must be refused.
func (s *sitting) slip(ctx context.Context, step protocol.Step, at time.Time) error {
	for i, slip := range s.answer.Slips {
		if slip.Step != step.ID {
			continue
		}
		entries, err := s.typed(ctx, step, slip.Entries)
		if err != nil {
			return err
		}
		err = s.act(ctx, client.Act{Verb: task.Step, Happened: at, Step: step.ID, Entries: entries}, "slip/"+step.ID+"/"+strconv.Itoa(i))
		if err == nil {
			return fault.New(fault.Internal, "%v was accepted, the script expects a refusal", slip.Entries)
		}
		if !strings.Contains(fault.Of(err).Sentence(), slip.Says) {
			return fmt.Errorf("the refusal does not say %q: %w", slip.Says, err)
		}
		s.Progress("  refused as it should be: " + fault.Of(err).Sentence())
	}
	return nil
}

// entries fills in the fields of a step.
func (s *sitting) entries(ctx context.Context, step protocol.Step) ([]record.Entry, error) {
	texts := map[string]string{}
	for _, f := range step.Fields {
		text, ok := s.answer.Entries[step.ID+"."+f.ID]
		if !ok && !f.Optional {
			return nil, fault.New(fault.Invalid, "the script has no entry %s.%s for %s", step.ID, f.ID, s.below)
		}
		if ok {
			texts[f.ID] = text
		}
	}
	return s.typed(ctx, step, texts)
}

// typed makes entries of scripted texts, and uploads the files that they name.
func (s *sitting) typed(ctx context.Context, step protocol.Step, texts map[string]string) ([]record.Entry, error) {
	var entries []record.Entry
	for _, f := range step.Fields {
		text, ok := texts[f.ID]
		if !ok {
			continue
		}
		e := record.Entry{Field: f.ID, Value: s.fill(step.ID+"."+f.ID, text)}
		if f.Kind == protocol.File {
			file, err := s.upload(ctx, e.Value)
			if err != nil {
				return nil, err
			}
			e.Value, e.File = file.SHA256, &file
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// fill puts what the task knows into a scripted text.
func (s *sitting) fill(field, text string) string {
	return strings.NewReplacer(
		"{block}", s.view.Block, "{model}", s.view.Model, "{attempt}", strconv.Itoa(s.view.Attempt),
		"{expect}", s.view.Spec.Expect[field], "{now}", s.done.Format(time.RFC3339), "{run}", s.run,
	).Replace(text)
}

// upload stores a file: one of the script's folder, or a simulated plate
// ("simulate:viability").
func (s *sitting) upload(ctx context.Context, source string) (record.Artifact, error) {
	u := client.Upload{Name: path.Base(source), MediaType: "text/plain; charset=utf-8"}
	data, err := s.read(source, &u)
	if err != nil {
		return record.Artifact{}, err
	}
	u.Size, u.SHA256 = int64(len(data)), record.Hash(data)
	return s.client.Upload(ctx, s.request(s.view.ID, "upload", u.SHA256), bytes.NewReader(data), u)
}

func (s *sitting) read(source string, u *client.Upload) ([]byte, error) {
	assay, simulated := strings.CutPrefix(source, "simulate:")
	if !simulated {
		data, err := fs.ReadFile(s.Files, source)
		if err != nil {
			return nil, fault.Wrap(err, fault.NotFound, "the script's file %s is not there", source)
		}
		return data, nil
	}
	model, ok := s.Script.Plates[assay]
	i := slices.IndexFunc(s.Protocol.Assays, func(a protocol.Assay) bool { return a.ID == assay })
	if !ok || i < 0 {
		return nil, fault.New(fault.Invalid, "the script has no plate model for %q", assay)
	}
	def := s.Protocol.Assays[i]
	j := slices.IndexFunc(s.Protocol.Layouts, func(l protocol.Layout) bool { return l.ID == def.Layout })
	if j < 0 {
		return nil, fault.New(fault.Invalid, "assay %q has no layout to simulate", assay)
	}
	p := plate{
		assay: def, layout: s.Protocol.Layouts[j], block: s.view.Block, attempt: s.view.Attempt, seed: s.Script.Seed,
		name: fmt.Sprintf("PL-%s-%s-%d", strings.ToUpper(assay), cmp.Or(s.view.Block, "0"), s.view.Attempt),
	}
	u.Name = fmt.Sprintf("simulated %s %s.txt", assay, p.name)
	return model.simulate(p)
}
