package worker

import (
	"regexp"
	"strings"
)

// What the SDK says of a history and code that differ, without the attributes,
// of which it prints all.
var (
	differs = regexp.MustCompile(`history event is (.*), replay command is (.*)`)
	missing = regexp.MustCompile(`missing replay command for (.*)`)
	extra   = regexp.MustCompile(`extra replay command for (.*)`)
	unasked = regexp.MustCompile(`lookup failed for scheduledEventID to activityID: scheduleEventID: (\d+)`)
	named   = regexp.MustCompile(`(?:Type:\(Name:|MarkerName:|SignalName:|TimerId:)([^,()]+)`)
)

// reason makes one line of what the replayer says.
func reason(err error) string {
	s := strings.Join(strings.Fields(err.Error()), " ")
	if m := differs.FindStringSubmatch(s); m != nil {
		return "its history has " + short(m[1]) + ", this version wants " + short(m[2])
	}
	if m := missing.FindStringSubmatch(s); m != nil {
		return "its history has " + short(m[1]) + ", which this version does not want"
	}
	if m := extra.FindStringSubmatch(s); m != nil {
		return "this version wants " + short(m[1]) + ", which its history does not have"
	}
	if m := unasked.FindStringSubmatch(s); m != nil {
		return "its history has an activity at event " + m[1] + ", which this version does not want"
	}
	const most = 240 // characters: two lines of a terminal
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return s
}

// short is the kind of an event or a command, with the name of what it is about.
func short(s string) string {
	kind, attributes, _ := strings.Cut(s, ":")
	if m := named.FindStringSubmatch(attributes); m != nil {
		return kind + " of " + m[1]
	}
	return kind
}
