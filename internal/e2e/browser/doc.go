// Package browser plays whole days of a manager, a technician and a reviewer in
// Debian's Chromium, against the real program with an empty data directory, and
// has every page in every state judged.
//
// One script of a journey is played by three hands: a mouse, a finger, and a
// keyboard alone. What a script names are roles and names as the browser tells
// them to a screen reader, so what cannot be found cannot be heard either.
//
//	go test ./internal/e2e/browser
//	SECRETOME_FILM=docs/pages go test ./internal/e2e/browser -run Film # the pictures of docs/pages.md
package browser
