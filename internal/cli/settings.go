package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"secretome/internal/fault"
)

// settingNames are the settings of the configuration file: what the environment
// calls SECRETOME_ and the same in capitals.
var settingNames = []string{"data", "url", "temporal", "namespace", "s3", "bucket", "listen", "behind_proxy", "slots", "webhook", "webhook_secret", "mail", "mail_from", "mail_user", "mail_password", "mail_to", "session_idle", "session_limit", "tz", "s3_access_key", "s3_secret_key"}

// setting returns a flag's default: from the environment, else from the
// configuration file, else the one given.
func (a *app) setting(name, otherwise string) string {
	if v := a.getenv(name); v != "" {
		return v
	}
	if v := a.file[strings.ToLower(strings.TrimPrefix(name, "SECRETOME_"))]; v != "" {
		return v
	}
	return otherwise
}

// configure reads the configuration file, which need not exist:
// $SECRETOME_CONFIG, else secretome/config.toml in the folder for configuration.
func (a *app) configure() error {
	path := a.getenv("SECRETOME_CONFIG")
	named := path != ""
	if !named {
		folder := a.getenv("XDG_CONFIG_HOME")
		if folder == "" {
			folder = filepath.Join(a.getenv("HOME"), ".config")
		}
		path = filepath.Join(folder, "secretome", "config.toml")
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil
	}
	if err != nil {
		return fault.Wrap(err, fault.Usage, "the configuration file %s cannot be read", path)
	}
	if err := toml.Unmarshal(data, &a.file); err != nil {
		return fault.Wrap(err, fault.Usage, "%s: %s", path, strings.TrimPrefix(err.Error(), "toml: "))
	}
	return a.checkSettings(path)
}

func (a *app) checkSettings(path string) error {
	for name := range a.file {
		if !slices.Contains(settingNames, name) {
			return fault.New(fault.Usage, "%s: unknown setting %q", path, name).Try("settings are: %s", strings.Join(settingNames, ", "))
		}
	}
	info, err := os.Stat(path)
	if err == nil && a.file["s3_secret_key"] != "" && info.Mode().Perm()&0o077 != 0 {
		return fault.New(fault.Refused, "%s holds a secret and others may read it", path).Try("chmod 600 %s", path)
	}
	return nil
}
