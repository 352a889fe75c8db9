// Package all lists the assay methods that this program computes: every folder
// beside it. The list is generated, so that a new method is one new folder and
// nothing else.
package all

//go:generate go run secretome/internal/gen/plugins ..
