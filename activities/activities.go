// Package activities has what touches the world, as a workflow sees it: append
// a record, read the protocol, parse a file, compute, draw, seal, export. Each
// may run more than once: bytes are written by hash and records by request.
package activities
