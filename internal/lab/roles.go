package lab

import (
	"slices"
	"strings"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
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
	Recall          Command = "lot recall"
	ListPeople      Command = "user list"
	AddPerson       Command = "user add"
	DisablePerson   Command = "user disable"
	EnablePerson    Command = "user enable"
	ResetPerson     Command = "user reset"
	ChangeRole      Command = "user role"
	GiveBadge       Command = "user badge"
	TakeBadge       Command = "user badge --take"
	ListTokens      Command = "user tokens" // one's own; the administrator everybody's
	MakeToken       Command = "user token"
	RevokeToken     Command = "user revoke"
	ChangePassword  Command = "user password" // one's own
	EndSessions     Command = "user sessions" // one's own
	LogPlace        Command = "place log"
	PinNote         Command = "note"   // on a record of a run
	Decide          Command = "decide" // what follows a deviation
)

// ToTask returns the command that does verb to a task.
func ToTask(verb task.Verb) Command { return Command("task " + string(verb)) }

// Commands lists all.
func Commands() []Command {
	all := []Command{Launch, Upload, Look, Export, ReadKey, VerifyArtifacts, Recall, LogPlace, PinNote, Decide,
		ListPeople, AddPerson, DisablePerson, EnablePerson, ResetPerson, ChangeRole, GiveBadge, TakeBadge, ListTokens, MakeToken, RevokeToken, ChangePassword, EndSessions}
	for _, v := range task.Verbs() {
		all = append(all, ToTask(v))
	}
	for _, v := range run.Verbs() {
		all = append(all, ToRun(v))
	}
	for _, v := range sample.LotVerbs() {
		all = append(all, ToLot(v.Kind))
	}
	return all
}

// roles is the one table of who may do what. A task asks for its own role
// besides: see package task.
func roles(c Command) []string {
	switch c {
	case Look, ListTokens, MakeToken, RevokeToken, ChangePassword, EndSessions:
		return account.Roles()
	case ListPeople:
		return []string{account.Manager, account.Quality, account.Administrator, account.Auditor}
	case AddPerson, DisablePerson, EnablePerson, ResetPerson, ChangeRole, GiveBadge, TakeBadge:
		return []string{account.Administrator}
	case Launch, Decide, ToTask(task.Assign), ToTask(task.Repeat), ToTask(task.Cancel),
		ToRun(run.Pause), ToRun(run.Resume), ToRun(run.Stop), ToRun(run.Ask), ToRun(run.Amend):
		return []string{account.Manager}
	case Recall, ToRun(run.Hold), ToLot(record.ConsentWithdrawn), ToLot(record.LotReleased), ToLot(record.LotRejected), ToLot(record.LotFreed),
		ToLot(record.LotCorrected), ToLot(record.LotCounted):
		return []string{account.Manager, account.Quality}
	case LogPlace, ToLot(record.LotRegistered), ToLot(record.LotHeld), ToLot(record.LotDrawn), ToLot(record.LotReturned), ToLot(record.LotWrittenOff),
		ToLot(record.LotMoved), ToLot(record.LotHandedOver), ToLot(record.LotOpened), ToLot(record.LotFrozen), ToLot(record.LotThawed):
		return []string{account.Manager, account.Technician, account.Quality}
	case Upload, ReadKey, ToTask(task.Claim), ToTask(task.Release), ToTask(task.HandOver), ToTask(task.Save), ToTask(task.Step),
		ToTask(task.Complete), ToTask(task.Deviate), ToTask(task.Skip), ToTask(task.Comment),
		ToTask(task.Attach), ToTask(task.Check), ToTask(task.TakeBack):
		return []string{account.Manager, account.Technician, account.Reviewer, account.Quality}
	case Export:
		return []string{account.Manager, account.Reviewer, account.Quality, account.Administrator, account.Auditor}
	case PinNote:
		return []string{account.Manager, account.Reviewer, account.Quality}
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
