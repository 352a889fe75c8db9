package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"secretome/internal/fault"
)

// Cost is what the hash of one password takes: Argon2id of RFC 9106.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// defaultCost is the second choice of RFC 9106, section 4 (64 MiB, three
// passes), with one thread, since the machine is shared with the servers.
func defaultCost() Cost { return Cost{Memory: 64 << 10, Passes: 3, Threads: 1} }

// mostMemory keeps a damaged file from asking for more than the machine has; KiB.
const mostMemory = 1 << 20

// The sizes of RFC 9106, section 4, in bytes.
const (
	saltSize = 16
	keySize  = 32
)

// The limits of a password.
const (
	leastPassword = 12  // characters
	mostPassword  = 200 // bytes
)

// plain is the one form of a password that can be typed in several ways.
func plain(password string) string { return norm.NFKC.String(password) }

// checkPassword refuses a password that would be guessed.
func checkPassword(name, password string) error {
	if !utf8.ValidString(password) {
		return fault.New(fault.Invalid, "the password is no text").Field("password")
	}
	password = plain(password)
	folded := fold(password)
	bad := func(format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).Field("password").Try("take several words that do not belong together, or let a password manager make one")
	}
	switch n := utf8.RuneCountInString(password); {
	case n < leastPassword:
		return bad("the password has %d characters, it needs at least %d", n, leastPassword)
	case len(password) > mostPassword:
		return bad("the password has %d bytes, the most is %d", len(password), mostPassword)
	case strings.ContainsFunc(password, unicode.IsControl):
		return bad("the password has a control character in it")
	case strings.Trim(strings.ReplaceAll(folded, fold(name), ""), "0123456789 .-_!") == "":
		return bad("the password is the name, or only digits")
	case distinct(folded) < leastDistinct || slices.Contains(worst(), folded):
		return bad("the password is one of the first that anybody would try")
	}
	return nil
}

// leastDistinct keeps out one or two keys pressed again and again.
const leastDistinct = 5

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// worst lists what people take most where twelve characters are asked for.
func worst() []string {
	return []string{
		"password1234", "password12345", "password123!", "passwordpassword", "passw0rd1234", "p@ssword1234", "p@ssw0rd1234",
		"mypassword123", "changeme1234", "changeme123!", "letmein12345", "letmeinplease", "welcome12345", "welcome123456",
		"qwertyuiop12", "qwertyuiop123", "qwertyuiop[]", "qwerty123456", "qwertzuiop12", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5y6",
		"abcdefghijkl", "abcdefghijklm", "abc123456789", "administrator", "administrator1", "admin1234567", "iloveyou1234", "iloveyouforever",
		"asdfghjkl123", "asdfghjkl;'#", "zxcvbnm12345", "trustno1trustno1", "correcthorsebatterystaple", "correct horse battery staple",
		"secretome123", "secretome1234", "secretomesecretome", "laboratory123", "laboratory1234",
	}
}

// hash returns the hash of a password in PHC form, with the parameters it was
// made with. It waits while others are computed.
func (s *Store) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	key, err := s.compute(ctx, password, salt, s.settings.Cost)
	return phc{s.settings.Cost, salt, key}.String(), err
}

// matches reports whether a password belongs to a hash. It takes as long for an
// empty one, and compares in constant time.
func (s *Store) matches(ctx context.Context, hash, password string) (bool, error) {
	want, nobody := phc{s.settings.Cost, make([]byte, saltSize), make([]byte, keySize)}, hash == ""
	if nobody {
		_, _ = rand.Read(want.key) // never fails
	} else if err := want.parse(hash); err != nil {
		return false, fault.Wrap(err, fault.Corrupt, "the accounts %s have a password that cannot be read", s.path)
	}
	got, err := s.compute(ctx, password, want.salt, want.cost)
	return err == nil && !nobody && subtle.ConstantTimeCompare(got, want.key) == 1, err
}

func (s *Store) compute(ctx context.Context, password string, salt []byte, c Cost) ([]byte, error) {
	select {
	case s.computing <- struct{}{}:
		defer func() { <-s.computing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(plain(password)), salt, c.Passes, c.Memory, c.Threads, keySize), nil
}

// phc is a hash with what it was made with, as the PHC string format writes it:
// $argon2id$v=19$m=65536,t=3,p=1$salt$key.
type phc struct {
	cost      Cost
	salt, key []byte
}

func (p phc) String() string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.Memory, p.cost.Passes, p.cost.Threads, b.EncodeToString(p.salt), b.EncodeToString(p.key))
}

func (p *phc) parse(text string) error {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return fmt.Errorf("no argon2id hash of version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.cost.Memory, &p.cost.Passes, &p.cost.Threads); err != nil {
		return fmt.Errorf("parameters %q: %w", parts[3], err)
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return fmt.Errorf("salt: %w", err)
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if c := p.cost; c.Memory > mostMemory || c.Passes == 0 || c.Threads == 0 || len(p.key) != keySize {
		return fmt.Errorf("parameters %q are out of range", parts[3])
	}
	return nil
}
