package program

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/client"

	"secretome/activities"
	"secretome/internal/account"
	"secretome/internal/artifact"
	assays "secretome/internal/assay/all"
	"secretome/internal/cli"
	"secretome/internal/embedded"
	"secretome/internal/fault"
	"secretome/internal/index"
	instruments "secretome/internal/instrument/all"
	"secretome/internal/lab"
	"secretome/internal/logbook"
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
	temporal  client.Client
	people    *account.Book
	failed    <-chan error // when an embedded server dies
	log       zerolog.Logger
	closers   []func() // in the order of opening
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
	if h.data, err = directory(s.Data); err != nil {
		return err
	}
	if err := h.servers(ctx, s); err != nil {
		return err
	}
	if err := h.stores(ctx); err != nil {
		return err
	}
	if h.people, err = account.Ensure(filepath.Join(h.data, "credentials.json"), people); err != nil {
		return err
	}
	h.temporal, err = dial(ctx, h.at, h.log)
	h.later(func() { h.temporal.Close() })
	return err
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

func (h *house) indexPath() string { return filepath.Join(h.data, "index.db") }

// lab is the application over the house.
func (h *house) lab() *lab.Lab {
	return lab.New(lab.Deps{
		Temporal: h.temporal, Logbooks: h.logbooks, Index: h.index, Artifacts: h.artifacts,
		People: h.people, Exporter: exporter{h}, Program: Version, Now: time.Now,
	})
}

// work starts the worker and stops it with the house.
func (h *house) work() error {
	key, err := sealKey(filepath.Join(h.data, "seal.key"))
	if err != nil {
		return err
	}
	w := worker.New(h.temporal, &activities.Activities{
		Logbooks: h.logbooks, Artifacts: h.artifacts, Temporal: h.temporal,
		Instruments: instruments.List(), Assays: assays.List(), Key: key, Program: Version,
	}, worker.Options{})
	if err := w.Start(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the worker cannot reach Temporal at %s", h.at.Temporal)
	}
	h.later(w.Stop)
	return nil
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

// directory makes a data directory's path absolute: the embedded S3 server
// changes the working directory of the process.
func directory(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("data directory %s: %w", path, err)
	}
	return abs, nil
}

// sealKey reads the laboratory's signing key and makes it where there is none.
func sealKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the seal: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fault.New(fault.Corrupt, "%s holds no key", path).Try("put it back from a backup: a new key seals under another name")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func newKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the seal: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(key.Seed()) + "\n"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the key of the seal: %w", err)
	}
	if _, err := f.WriteString(text); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the key of the seal: %w", err), f.Close())
	}
	if err := f.Sync(); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the key of the seal: %w", err), f.Close())
	}
	return key, f.Close()
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
