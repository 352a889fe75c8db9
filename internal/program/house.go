package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	temporal "go.temporal.io/sdk/client"

	"secretome/activities"
	"secretome/internal/account"
	"secretome/internal/artifact"
	assays "secretome/internal/assay/all"
	"secretome/internal/cli"
	"secretome/internal/client"
	"secretome/internal/embedded"
	"secretome/internal/fault"
	"secretome/internal/forecast"
	"secretome/internal/index"
	instruments "secretome/internal/instrument/all"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/sample"
	"secretome/internal/vault"
	"secretome/worker"
)

// house is all parts of a running laboratory.
type house struct {
	data      string // absolute path of the data directory
	at        embedded.Addresses
	bucket    *artifact.Bucket
	artifacts *artifact.Store
	index     *index.Index
	logbooks  *logbook.Logbooks
	temporal  temporal.Client
	people    *account.Book
	vault     *vault.Vault
	notifier  activities.Notifier // nil: nobody outside is told
	drafts    *lab.Drafts
	calendar  forecast.Calendar
	slots     int          // activities at once; 0: the worker's default
	failed    <-chan error // when an embedded server dies
	log       zerolog.Logger
	leaving   chan struct{} // closed when the pages' open streams are to end; nil: there are none
	closers   []func()      // in the order of opening
}

// open starts or connects to the servers and opens what lies on them. Whatever
// was opened is closed again if it fails.
func open(ctx context.Context, s cli.Servers, io cli.IO, people []account.Person) (*house, error) {
	h := &house{log: logger(io)}
	if err := h.open(ctx, s, people); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (h *house) open(ctx context.Context, s cli.Servers, people []account.Person) (err error) {
	if h.notifier, err = notifier(s.Notify); err != nil {
		return err
	}
	if h.data, err = directory(s.Data); err != nil {
		return err
	}
	if err := h.servers(ctx, s); err != nil {
		return err
	}
	if err := h.stores(ctx); err != nil {
		return err
	}
	credentials := filepath.Join(h.data, client.CredentialsFile)
	if h.people, err = account.Ensure(credentials, people); err != nil {
		return err
	}
	if err := h.people.KeepStorage(credentials, h.at.AccessKey, h.at.SecretKey); err != nil {
		return err
	}
	if h.vault, err = h.blindKey(ctx); err != nil {
		return err
	}
	if h.temporal, err = dial(ctx, h.at, h.log); err != nil {
		return err
	}
	h.later(h.temporal.Close)
	return nil
}

func (h *house) later(closer func()) { h.closers = append(h.closers, closer) }

func (h *house) close() {
	for i := len(h.closers) - 1; i >= 0; i-- {
		h.closers[i]()
	}
}

// servers starts what runs in this process and takes the rest as given.
func (h *house) servers(ctx context.Context, s cli.Servers) error {
	if (s.Temporal == "") != (s.S3 == "") {
		return fault.New(fault.Usage, "one of Temporal and S3 is given, the other is not").Try("give both --temporal and --s3, or neither")
	}
	if s.Temporal != "" {
		h.at = embedded.Addresses{Temporal: s.Temporal, Namespace: s.Namespace, S3: s.S3, Bucket: s.Bucket, AccessKey: s.S3AccessKey, SecretKey: s.S3SecretKey}
		return os.MkdirAll(h.data, 0o700)
	}
	servers, err := embedded.Start(ctx, embedded.Options{
		Data: h.data, Program: Version, TemporalPort: s.TemporalPort, S3Port: s.S3Port, UIPort: s.UIPort, UI: true, Logger: h.log,
	})
	if err != nil {
		return err
	}
	h.later(servers.Stop)
	h.at, h.failed = servers.Addresses(), servers.Failed()
	return nil
}

func (h *house) stores(ctx context.Context) (err error) {
	h.bucket, err = artifact.Open(ctx, artifact.Config{URL: h.at.S3, Bucket: h.at.Bucket, AccessKey: h.at.AccessKey, SecretKey: h.at.SecretKey, Region: h.at.Region})
	if err != nil {
		return err
	}
	h.later(h.bucket.Close)
	spool := filepath.Join(h.data, "spool")
	if err := os.MkdirAll(spool, 0o700); err != nil {
		return fmt.Errorf("make folder for uploads: %w", err)
	}
	h.artifacts = artifact.New(h.bucket, spool)
	if h.drafts, err = lab.OpenDrafts(filepath.Join(h.data, "drafts")); err != nil {
		return err
	}
	if h.calendar, err = calendar(filepath.Join(h.data, "calendar.yaml")); err != nil {
		return err
	}
	if h.index, err = index.Open(ctx, h.indexPath()); err != nil {
		return err
	}
	h.later(func() {
		if err := h.index.Close(); err != nil {
			h.log.Warn().Err(err).Msg("index not closed cleanly")
		}
	})
	h.logbooks = logbook.New(h.bucket, h.index, h.log)
	return h.logbooks.Follow(ctx)
}

// calendar reads when people are in the laboratory; without the file they are
// there at the usual hours.
func calendar(path string) (forecast.Calendar, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return forecast.Usual(), nil
	}
	if err != nil {
		return forecast.Calendar{}, fmt.Errorf("read the laboratory's calendar: %w", err)
	}
	return forecast.ParseCalendar(path, data)
}

func (h *house) indexPath() string { return filepath.Join(h.data, "index.db") }

// lab is the application over the house.
func (h *house) lab() *lab.Lab {
	return lab.New(lab.Deps{
		Temporal: h.temporal, Logbooks: h.logbooks, Index: h.index, Artifacts: h.artifacts,
		People: h.people, Vault: h.vault, Exporter: exporter{h}, Notices: h.notifier != nil, Program: Version, Now: time.Now,
		Drafts: h.drafts, Calendar: h.calendar, Sheets: readSheet,
	})
}

// work starts the worker and stops it with the house.
func (h *house) work(ctx context.Context) error {
	key, err := h.sealKey(ctx)
	if err != nil {
		return err
	}
	w := worker.New(h.temporal, &activities.Activities{
		Logbooks: h.logbooks, Artifacts: h.artifacts, Temporal: h.temporal,
		Instruments: instruments.List(), Assays: assays.List(), Key: key, Vault: h.vault, Lineage: lineage{h}, Notifier: h.notifier, Now: time.Now, Program: Version,
	}, worker.Options{Slots: h.slots})
	if err := w.Start(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the worker cannot reach Temporal at %s", h.at.Temporal)
	}
	h.later(w.Stop)
	return nil
}

// lineage asks the index what was made from what, after it caught up.
type lineage struct{ *house }

// Descend lists a thing and all that was made from it.
func (l lineage) Descend(ctx context.Context, barcode string) ([]sample.Descendant, error) {
	if err := l.logbooks.Follow(ctx); err != nil {
		return nil, err
	}
	return l.index.Descend(ctx, barcode)
}

// follow keeps the index up with logbooks that other processes write.
func (h *house) follow(ctx context.Context) {
	const every = 5 * time.Second
	for tick := time.NewTicker(every); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			if err := h.logbooks.Follow(ctx); err != nil && ctx.Err() == nil {
				h.log.Warn().Err(err).Msg("index lags behind the logbooks")
			}
		}
	}
}

// lookOutside looks now and then whether somebody ended a run in Temporal.
func (h *house) lookOutside(ctx context.Context, l *lab.Lab) {
	const every = time.Hour
	for tick := time.NewTicker(every); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			ended, err := l.Outside(ctx)
			if err != nil && ctx.Err() == nil {
				h.log.Warn().Err(err).Msg("runs not compared with Temporal")
			}
			for _, run := range ended {
				h.log.Warn().Str("run", run).Msg("ended in Temporal from outside")
			}
		}
	}
}

// directory makes a data directory's path absolute: the embedded S3 server
// changes the working directory of the process.
func directory(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("data directory %s: %w", path, err)
	}
	return abs, nil
}

// logger writes to standard error: readable on a terminal, JSON elsewhere.
// SECRETOME_LOG sets the least level that is shown.
func logger(io cli.IO) zerolog.Logger {
	level, err := zerolog.ParseLevel(os.Getenv("SECRETOME_LOG"))
	if err != nil || level == zerolog.NoLevel {
		level = zerolog.WarnLevel
	}
	var out = io.Err
	if f, ok := out.(*os.File); ok && !io.JSON {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			out = zerolog.ConsoleWriter{Out: f, TimeFormat: time.TimeOnly}
		}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}
