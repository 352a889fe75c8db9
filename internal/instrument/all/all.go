// Package all lists the instrument formats that this program reads: every
// folder beside it. The list is generated, so that a new format is one new
// folder and nothing else.
package all

//go:generate go run secretome/internal/gen/plugins ..
