package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"secretome/internal/account"
	"secretome/internal/durable"
	"secretome/internal/web"
)

// demoFile is the mark of a data directory that a demonstration made: only there
// may people be acted as by one click.
const demoFile = "demo.json"

// demoMark says who the people of the demonstration are.
type demoMark struct {
	People []account.Person `json:"people"`
}

// fresh reports whether a data directory has nothing in it yet.
func fresh(data string) (bool, error) {
	entries, err := os.ReadDir(data)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the data directory: %w", err)
	}
	return len(entries) == 0, nil
}

// markDemo marks a data directory that a demonstration just made.
func markDemo(data string, people []account.Person) error {
	text, err := json.MarshalIndent(demoMark{people}, "", "  ")
	if err == nil {
		err = durable.WriteFile(filepath.Join(data, demoFile), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("mark the demonstration: %w", err)
	}
	return nil
}

// guests are the people whom anybody on this machine can act as: those of a
// demonstration, in the directory that it made, where nothing but this machine
// reaches the server; else none.
func (h *house) guests(f front) []web.Guest {
	if !f.alone {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(h.data, demoFile))
	if err != nil {
		return nil
	}
	var mark demoMark
	if err := json.Unmarshal(text, &mark); err != nil {
		h.log.Warn().Err(err).Msg("the mark of the demonstration cannot be read")
		return nil
	}
	var all []web.Guest
	for _, p := range mark.People {
		token, ok := h.people.Token(p.Name)
		if who, known := h.people.Who(token); ok && known && who == p {
			all = append(all, web.Guest{Name: p.Name, Role: p.Role, Token: token})
		}
	}
	return all
}
