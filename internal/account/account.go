// Package account knows the people of a laboratory: name, role and the token
// by which the server recognises each. In this thin version they stand in one
// file of mode 0600 in the data directory, beside the keys of the S3 server.
package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"secretome/internal/durable"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// The roles. A person has one.
const (
	Manager       = "manager"       // plans and launches runs, decides on deviations
	Technician    = "technician"    // works at the bench
	Reviewer      = "reviewer"      // checks and signs
	Quality       = "quality"       // releases lots, watches over the criteria
	Administrator = "administrator" // runs the servers, does nothing at the bench
	Auditor       = "auditor"       // reads everything, changes nothing
)

// Roles lists all.
func Roles() []string {
	return []string{Manager, Technician, Reviewer, Quality, Administrator, Auditor}
}

// Person is somebody who may sign in.
type Person struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// Actor returns the person as a record names them.
func (p Person) Actor() record.Actor {
	return record.Actor{Kind: record.Person, Name: p.Name, Role: p.Role}
}

// Operator returns the person of the administrator's token, whom every book has.
func Operator() Person { return Person{Name: "operator", Role: Administrator} }

// file is the credentials file; its keys are promised to other programs.
type file struct {
	Token       string   `json:"token"` // the administrator's
	S3AccessKey string   `json:"s3_access_key"`
	S3SecretKey string   `json:"s3_secret_key"`
	People      []member `json:"people"`
}

type member struct {
	Person
	Token string `json:"token"`
}

// Book is who may sign in.
type Book struct{ file file }

// Ensure returns the book in the file at path, which it creates with random
// tokens and keys where there is none: with the given people, or else with one
// for each role, called as the role, so that work can begin. People that the book does not have yet
// are added; one that it has with another role is a conflict.
func Ensure(path string, people []Person) (*Book, error) {
	b, err := Load(path)
	fresh := fault.Is(err, fault.NotFound)
	if fresh {
		b = &Book{file{Token: secret(), S3AccessKey: "secretome-" + strings.ToLower(secret()[:8]), S3SecretKey: secret()}}
		b.file.People = append(b.file.People, member{Operator(), b.file.Token})
		if len(people) == 0 {
			people = starters()
		}
	} else if err != nil {
		return nil, err
	}
	added, err := b.add(people)
	if err != nil {
		return nil, err
	}
	if added == 0 && !fresh {
		return b, nil
	}
	return b, b.save(path)
}

// starters has one person for each role but the operator's.
func starters() []Person {
	var people []Person
	for _, role := range Roles() {
		if role != Administrator {
			people = append(people, Person{Name: role, Role: role})
		}
	}
	return people
}

// Load reads the book in the file at path. It refuses a file that others may
// read, and fails with [fault.NotFound] where there is none.
func Load(path string) (*Book, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "there is no credentials file %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("look at credentials file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Refused, "others may read the credentials file %s (mode %04o)", path, info.Mode().Perm()).Try("chmod 600 %s", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read credentials file: %w", err)
	}
	b := &Book{}
	if err := json.Unmarshal(data, &b.file); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the credentials file %s is no JSON", path)
	}
	return b, b.check(path)
}

func (b *Book) check(path string) error {
	for _, m := range b.file.People {
		if len(m.Token) < minToken || !slices.Contains(Roles(), m.Role) || m.Name == "" {
			return fault.New(fault.Invalid, "%s: %q needs a name, a token of at least %d characters and one of the roles %s", path, m.Name, minToken, strings.Join(Roles(), ", "))
		}
	}
	return nil
}

// minToken keeps out tokens that can be guessed.
const minToken = 20

func (b *Book) add(people []Person) (added int, err error) {
	for _, p := range people {
		i := slices.IndexFunc(b.file.People, func(m member) bool { return m.Name == p.Name })
		switch {
		case !slices.Contains(Roles(), p.Role):
			return 0, fault.New(fault.Invalid, "%q is no role; roles are: %s", p.Role, strings.Join(Roles(), ", "))
		case i < 0:
			b.file.People = append(b.file.People, member{p, secret()})
			added++
		case b.file.People[i].Role != p.Role:
			return 0, fault.New(fault.Conflict, "%s is %s here, not %s", p.Name, b.file.People[i].Role, p.Role)
		}
	}
	return added, nil
}

// Who returns the person with the given token. The time it takes tells nothing
// about the tokens.
func (b *Book) Who(token string) (Person, bool) {
	given := sha256.Sum256([]byte(token))
	var found Person
	ok := false
	for _, m := range b.file.People {
		want := sha256.Sum256([]byte(m.Token))
		if subtle.ConstantTimeCompare(given[:], want[:]) == 1 {
			found, ok = m.Person, true
		}
	}
	return found, ok
}

// Token returns a person's token.
func (b *Book) Token(name string) (string, bool) {
	for _, m := range b.file.People {
		if m.Name == name {
			return m.Token, true
		}
	}
	return "", false
}

// Has reports whether the book has somebody with the given name.
func (b *Book) Has(name string) bool {
	_, ok := b.Token(name)
	return ok
}

// People returns who is in the book, in its order.
func (b *Book) People() []Person {
	people := make([]Person, 0, len(b.file.People))
	for _, m := range b.file.People {
		people = append(people, m.Person)
	}
	return people
}

// KeepStorage puts the keys of the S3 server in use into the file at path, where
// people find them for other programs.
func (b *Book) KeepStorage(path, access, secret string) error {
	if b.file.S3AccessKey == access && b.file.S3SecretKey == secret {
		return nil
	}
	b.file.S3AccessKey, b.file.S3SecretKey = access, secret
	return b.save(path)
}

// Storage returns the keys of the S3 server in this data directory.
func (b *Book) Storage() (access, secret string) { return b.file.S3AccessKey, b.file.S3SecretKey }

// secret returns 26 characters that carry at least 128 random bits.
func secret() string { return rand.Text() }

// save writes the file so that it is either the old one or the new one, whole.
func (b *Book) save(path string) error {
	data, err := json.MarshalIndent(b.file, "", "  ")
	if err != nil {
		return fmt.Errorf("write credentials: %w", err)
	}
	if err := durable.WriteFile(path, append(data, '\n')); err != nil {
		return fmt.Errorf("write credentials: %w", err)
	}
	return nil
}
