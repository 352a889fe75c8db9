package web

import (
	"errors"
	"strings"

	"secretome/internal/fault"
)

// faultList gathers what is wrong with a form, so that all of it is said at once.
type faultList []error

func (l *faultList) add(err error) {
	if err != nil {
		*l = append(*l, err)
	}
}

func (l faultList) err() error { return errors.Join(l...) }

// inWordsOfPages leaves out advice that is for the command line: on a page there
// is no such thing to type.
func inWordsOfPages(err error) error {
	var all faultList
	for _, f := range faultsOf(err) {
		if f.Kind == fault.Internal {
			return err
		}
		plain := *f
		plain.Message, plain.Help = capital(f.Message), capital(f.Help)
		if strings.Contains(f.Help, "secretome ") || strings.Contains(f.Help, "--") {
			plain.Help = ""
		}
		all.add(&plain)
	}
	return all.err()
}

// capital begins a sentence. What begins with a barcode stays as it is.
func capital(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if strings.ContainsAny(first, "0123456789-_") {
		return text
	}
	return sentence(text)
}
