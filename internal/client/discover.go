package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"secretome/internal/fault"
)

// Server says where the parts of a running server are: the one line that
// "secretome up --json" prints, and the file that it leaves in its data
// directory while it runs.
type Server struct {
	Web         string `json:"web"`
	API         string `json:"api"`
	UI          string `json:"ui"` // Temporal's pages
	Temporal    string `json:"temporal"`
	Namespace   string `json:"namespace"`
	S3          string `json:"s3"`
	Bucket      string `json:"bucket"`
	Credentials string `json:"credentials"` // path of the file with the tokens
}

// The files in a data directory by which programs on the same machine find the
// server and its tokens.
const (
	ServerFile      = "server.json"
	CredentialsFile = "credentials.json"
)

// Write leaves s in a data directory, for others to find.
func (s Server) Write(data string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write %s: %w", ServerFile, err)
	}
	const private = 0o600
	tmp := filepath.Join(data, ServerFile+".new")
	if err := os.WriteFile(tmp, append(b, '\n'), private); err != nil {
		return fmt.Errorf("write %s: %w", ServerFile, err)
	}
	return os.Rename(tmp, filepath.Join(data, ServerFile))
}

// FindServer reads where the server of a data directory is. It fails with
// [fault.Unavailable] where none runs.
func FindServer(data string) (Server, error) {
	var s Server
	err := read(filepath.Join(data, ServerFile), &s)
	if errors.Is(err, fs.ErrNotExist) {
		return s, fault.New(fault.Unavailable, "no server runs on the data directory %s", data)
	}
	return s, err
}

// FindToken looks a person's token up in the credentials of a data directory.
// Without a name it returns the administrator's.
func FindToken(data, name string) (string, error) {
	var c struct {
		Token  string `json:"token"`
		People []struct{ Name, Role, Token string }
	}
	path := filepath.Join(data, CredentialsFile)
	err := read(path, &c)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.New(fault.Forbidden, "there is no token: %s does not exist", path).Try("set SECRETOME_TOKEN")
	}
	if err != nil || name == "" {
		return c.Token, err
	}
	var names []string
	for _, p := range c.People {
		if p.Name == name {
			return p.Token, nil
		}
		names = append(names, fmt.Sprintf("%q (%s)", p.Name, p.Role))
	}
	return "", fault.New(fault.Forbidden, "%s knows nobody called %q", path, name).Try("people are: %s", strings.Join(names, ", "))
}

func read(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fault.Wrap(err, fault.Invalid, "%s is no JSON", path)
	}
	return nil
}
