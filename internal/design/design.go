// Package design has the experimental design: what N counts, groups and doses,
// plates, randomisation, codes and pipetting sheets. What a sample size gives is
// in package stats.
//
// # N
//
// N counts what is independent ([Unit]): runs, donors, tissues, lots. Wells and
// other repeated measurements are averaged, and no type here lets them be counted.
//
// # Drawing
//
// [Arrange], [Order] and [Codes] are functions of a seed of 32
// bytes and a label. Each label has a stream of random numbers of its own, so a
// model more, or a block, moves nothing that was drawn for another. Only integers
// decide, and nothing depends on the order of a map: the same seed gives the same
// bytes on every platform, and tests hold their hashes. What changes them changes
// [Algorithm], which stands on the record of every drawing. Whoever has the seed
// has the key: it is sealed with what was drawn.
//
// # Amounts
//
// Doses and volumes are exact decimals ([quantity.Quantity]). Where a number must
// be rounded, what fills the tube takes the rest, so parts always add up.
package design
