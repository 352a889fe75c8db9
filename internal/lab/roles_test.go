package lab

import (
	"strings"
	"testing"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// The table of the laboratory, written down a second time on purpose: a change
// of who may do what must be made in both places.
//
// Columns: manager, technician, reviewer, quality, administrator, auditor.
const expected = `
run launch        y . . . . .
look              y y y y y y
run export        y . y y y y
artifact put      y y y y . .
note              y . y y . .
decide            y . . . . .
artifact verify   y . . y y y
task claim        y y y y . .
task key          y y y y . .
task release      y y y y . .
task hand-over    y y y y . .
task save         y y y y . .
task step         y y y y . .
task complete     y y y y . .
task deviate      y y y y . .
task comment      y y y y . .
task skip         y y y y . .
task attach       y y y y . .
task check        y y y y . .
task take-back    y y y y . .
task assign       y . . . . .
task repeat       y . . . . .
task cancel       y . . . . .
run pause         y . . . . .
run resume        y . . . . .
run stop          y . . . . .
run ask           y . . . . .
run amend         y . . . . .
run hold          y . . y . .
lot recall        y . . y . .
lot withdraw      y . . y . .
lot release       y . . y . .
lot reject        y . . y . .
lot free          y . . y . .
lot correct       y . . y . .
lot count         y . . y . .
lot add           y y . y . .
lot hold          y y . y . .
lot draw          y y . y . .
lot return        y y . y . .
lot write-off     y y . y . .
lot move          y y . y . .
lot hand-over     y y . y . .
lot open          y y . y . .
lot freeze        y y . y . .
lot thaw          y y . y . .
user list         y . . y y y
user add          . . . . y .
user disable      . . . . y .
user enable       . . . . y .
user reset        . . . . y .
user role         . . . . y .
user badge        . . . . y .
user badge --take . . . . y .
user tokens       y y y y y y
user token        y y y y y y
user revoke       y y y y y y
user password     y y y y y y
user sessions     y y y y y y
place log         y y . y . .
`

func TestEachRoleMayDoWhatTheTableSays(t *testing.T) {
	seen := map[Command]bool{}
	for line := range strings.Lines(strings.TrimSpace(expected)) {
		command, marks := Command(strings.TrimSpace(line[:18])), strings.Fields(line[18:])
		seen[command] = true
		for i, role := range account.Roles() {
			err := Allowed(record.Actor{Name: "Somebody", Role: role}, command)
			if allowed := marks[i] == "y"; allowed != (err == nil) || (err != nil && !fault.Is(err, fault.Forbidden)) {
				t.Errorf("%s as %s: Allowed = %v, want allowed = %v", command, role, err, allowed)
			}
		}
		for _, role := range []string{"", "king"} {
			if err := Allowed(record.Actor{Role: role}, command); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s as %q: Allowed = %v, want forbidden", command, role, err)
			}
		}
	}
	for _, c := range Commands() {
		if !seen[c] {
			t.Errorf("the table of this test lacks %q", c)
		}
	}
	if err := Allowed(record.Actor{Role: account.Administrator}, "task drop"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an unknown command: Allowed = %v, want forbidden", err)
	}
}
