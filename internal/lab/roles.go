package lab

import (
	"slices"
	"strings"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

// Command is a thing that a person may ask of the laboratory, as the table of
// roles names it.
type Command string

// The commands. What is done to a task is named by its verb, see [ToTask].
const (
	Launch          Command = "run launch"
	Upload          Command = "artifact put"
	Look            Command = "look" // every question that only reads
	Export          Command = "run export"
	ReadKey         Command = "task key"
	VerifyArtifacts Command = "artifact verify"
)

// ToTask returns the command that does verb to a task.
func ToTask(verb task.Verb) Command { return Command("task " + string(verb)) }

// Commands lists all.
func Commands() []Command {
	all := []Command{Launch, Upload, Look, Export, ReadKey, VerifyArtifacts}
	for _, v := range task.Verbs() {
		all = append(all, ToTask(v))
	}
	return all
}

// roles is the one table of who may do what. A task asks for its own role
// besides: see package task.
func roles(c Command) []string {
	switch c {
	case Look:
		return account.Roles()
	case Launch:
		return []string{account.Manager}
	case Upload, ReadKey, ToTask(task.Claim), ToTask(task.Release), ToTask(task.HandOver), ToTask(task.Save), ToTask(task.Step),
		ToTask(task.Complete), ToTask(task.Deviate), ToTask(task.Skip), ToTask(task.Comment):
		return []string{account.Manager, account.Technician, account.Reviewer, account.Quality}
	case Export:
		return []string{account.Manager, account.Reviewer, account.Quality, account.Administrator, account.Auditor}
	case VerifyArtifacts:
		return []string{account.Manager, account.Quality, account.Administrator, account.Auditor}
	}
	return nil
}

// Allowed fails with [fault.Forbidden] if the role of who may not do c.
func Allowed(who record.Actor, c Command) error {
	may := roles(c)
	if slices.Contains(may, who.Role) {
		return nil
	}
	return fault.New(fault.Forbidden, "%s is %s and may not do this: %s", who.Name, who.Role, c).
		Try("it is for the role %s; act as somebody else with --as NAME", strings.Join(may, " or "))
}
