package program

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"time"

	"secretome/activities"
	"secretome/internal/cli"
	"secretome/internal/fault"
	"secretome/internal/notify"
)

// notices sends what workflows want people outside the program to hear.
type notices struct{ sender *notify.Sender }

// Notify sends one notice by the channel that it names.
func (n notices) Notify(ctx context.Context, about activities.Notice) error {
	for _, channel := range n.sender.Channels() {
		if string(channel) != about.Channel {
			continue
		}
		return n.sender.SendBy(ctx, channel, notify.Message{
			ID: about.ID, Kind: about.Kind, Run: about.Run, Task: about.Task, Title: about.Title, Text: about.Text, Role: about.Role,
			Due: about.Due, Happened: about.Happened, Zone: about.Zone,
		})
	}
	return nil
}

// notifier is what sends notices; nil where nothing is set up. It fails where
// something is set up wrongly, before anything is started.
func notifier(s cli.NotifySettings) (activities.Notifier, error) {
	if s == (cli.NotifySettings{}) {
		return nil, nil //nolint:nilnil // nothing is set up, and that is no error
	}
	settings := notify.Settings{Webhook: s.Webhook, Mail: notify.Mail{Server: s.Mail, From: s.From, User: s.User}}
	var err error
	if s.SecretFile != "" {
		if settings.Secret, err = secretOf(s.SecretFile); err != nil {
			return nil, err
		}
	}
	if s.PasswordFile != "" {
		password, err := secretOf(s.PasswordFile)
		if err != nil {
			return nil, err
		}
		settings.Mail.Password = string(password)
	}
	if settings.To, err = addresses(s.To); err != nil {
		return nil, err
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	const longest = 15 * time.Second
	return notices{notify.New(settings, &http.Client{Timeout: longest}, time.Now)}, nil
}

// secretOf reads a file that only its owner may read.
func secretOf(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Usage, "the secret %s cannot be read", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Refused, "others may read the secret %s", path).Try("chmod 600 %s", path)
	}
	data, err := os.ReadFile(path)
	return bytes.TrimSpace(data), err
}

// addresses reads "manager=a@lab.example, b@lab.example; technician=…".
func addresses(text string) (map[string][]string, error) {
	to := map[string][]string{}
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		role, list, ok := strings.Cut(part, "=")
		if !ok {
			return nil, fault.New(fault.Usage, "%q names no role with its addresses", strings.TrimSpace(part)).Field("mail-to").Try(`write --mail-to "manager=karin@lab.example; technician=bench@lab.example"`)
		}
		for address := range strings.SplitSeq(list, ",") {
			to[strings.TrimSpace(role)] = append(to[strings.TrimSpace(role)], strings.TrimSpace(address))
		}
	}
	return to, nil
}
