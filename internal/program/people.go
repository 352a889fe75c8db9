package program

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"secretome/internal/account"
	"secretome/internal/lab"
)

// accounts opens the accounts of a laboratory, and takes the people of the
// credentials file into them.
func (h *house) accounts(ctx context.Context, l *lab.Lab, settings account.Settings) error {
	store, err := account.Open(ctx, filepath.Join(h.data, account.File), time.Now, settings)
	if err != nil {
		return err
	}
	h.later(func() {
		if err := store.Close(); err != nil {
			h.log.Warn().Err(err).Msg("accounts not closed cleanly")
		}
	})
	l.Accounts = store
	return l.Adopt(ctx)
}

// setUp prints a one-time link as long as no administrator has a password.
func setUp(ctx context.Context, store *account.Store, data, web string, errs io.Writer) error {
	link, ok, err := store.SetUp(ctx)
	if err != nil || !ok {
		return err
	}
	_, err = fmt.Fprintf(errs, "No administrator has a password yet. Whoever is to be the first opens this page within 24 hours, once:\n  %s/setup/%s\nor sets it with: secretome user password --name NAME --data %s\nand this one-time link: %s\n", web, link.Token, data, link.Token)
	return err
}

// recordAccounts records what was done to accounts without a command, such as a
// lock-out, and what could not be recorded at once.
func (h *house) recordAccounts(ctx context.Context, l *lab.Lab) {
	const every = 5 * time.Second
	for tick := time.NewTicker(every); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			if err := l.RecordAccounts(ctx); err != nil && ctx.Err() == nil {
				h.log.Warn().Err(err).Msg("accounts not recorded yet")
			}
		}
	}
}
