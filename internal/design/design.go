// Package design has the experimental design: what N counts, groups and doses,
// plates, randomisation, blinding, pipetting sheets and power.
package design
