package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"secretome/internal/fault"
)

// spool is what came from a reader, in a file without a name: if this process
// dies, the system takes the bytes back.
type spool struct {
	file   *os.File
	size   int64
	sha256 string // hex
	cut    error  // the reader ended before its sender did
}

// fill reads r to its end, or up to limit bytes, into a new file in dir.
func fill(dir string, r io.Reader, limit int64) (*spool, error) {
	file, err := os.CreateTemp(dir, "artifact-*.part")
	if err != nil {
		return nil, spoolError(err)
	}
	sp := &spool{file: file}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(spoolError(err), sp.Close())
	}
	if err := sp.copy(io.LimitReader(r, limit)); err != nil {
		return nil, errors.Join(err, sp.Close())
	}
	return sp, nil
}

// copy writes r to the file and takes its size and hash.
func (sp *spool) copy(r io.Reader) error {
	sum := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(sp.file, sum), r, make([]byte, 256<<10))
	sp.size, sp.sha256 = n, hex.EncodeToString(sum.Sum(nil))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		sp.cut = err
		return nil
	}
	return spoolError(err)
}

// Close gives the disk space back.
func (sp *spool) Close() error { return sp.file.Close() }

// spoolError explains an error of writing to a local disk.
func spoolError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return noSpace(err)
	}
	return fmt.Errorf("spool an artifact: %w", err)
}

// noSpace is the sentence for a full disk, here or at the server.
func noSpace(cause error) error {
	return fault.Wrap(cause, fault.Unavailable, "no space left; nothing was recorded")
}
