package design

import (
	"crypto/sha256"
	"math/rand/v2"
)

// Algorithm names how this package draws. It changes whenever the same seed
// would give something else.
const Algorithm = "secretome restricted randomisation 1 (ChaCha8)"

// stream returns the random numbers for one purpose. Each purpose has its own,
// made from the seed and a label, so that one model more moves no other's wells.
func stream(seed [32]byte, label string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(seed[:], label...))))
}
