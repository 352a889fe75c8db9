//go:build race

package forecast

// raced: the race detector makes everything several times slower.
const raced = true
