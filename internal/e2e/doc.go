// Package e2e drives the real binary as a stranger would: it runs the demo,
// kills it, sends requests twice, types bad input, and reads what is left.
package e2e
