// Package examples has the protocols and scripted studies that come with the
// program, and the files that they need.
package examples

import "embed"

// Files are the protocols, scripts and instrument files, by their paths in
// this folder.
//
//go:embed *.yaml files
var Files embed.FS
