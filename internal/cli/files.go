package cli

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"secretome/internal/fault"
)

// stdin is how standard input is named as a file, and standard output as one to
// write.
const stdin = "-"

// read reads a small file, or standard input.
func (a *app) read(name string, most int64) ([]byte, error) {
	from := a.in
	if name != stdin {
		f, err := open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%s cannot be read", name)
	}
	if int64(len(data)) > most {
		return nil, fault.New(fault.Invalid, "%s is larger than %d bytes", name, most)
	}
	return data, nil
}

// open opens a regular file for reading.
func open(name string) (*os.File, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "there is no file %s", name)
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "%s cannot be opened", name)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = f.Close() // nothing was written
		return nil, fault.New(fault.Invalid, "%s is no file", name)
	}
	return f, nil
}

// write makes the file out from what fill writes; it appears whole or not at
// all. "-" is standard output.
func (a *app) write(out string, fill func(io.Writer) error) error {
	if out == stdin {
		return fill(a.out)
	}
	f, err := os.CreateTemp(filepath.Dir(out), ".secretome-*")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s cannot be written", out)
	}
	defer os.Remove(f.Name()) // there is nothing left of it once it was renamed
	if err := errors.Join(fill(f), f.Close()); err != nil {
		return err
	}
	const readable = 0o644
	if err := errors.Join(os.Chmod(f.Name(), readable), os.Rename(f.Name(), out)); err != nil {
		return fault.Wrap(err, fault.Invalid, "%s cannot be written", out)
	}
	return nil
}

// unpack makes the folder dir from the tar archive that fill writes. Nothing of
// it can land outside. The folder appears whole or not at all.
func unpack(dir string, fill func(io.Writer) error) error {
	if _, err := os.Lstat(dir); err == nil {
		return fault.New(fault.Conflict, "%s exists already", dir).Try("name another folder with --out, or move this one away")
	}
	temporary, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".secretome-*")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s cannot be made", dir)
	}
	defer os.RemoveAll(temporary) // there is nothing left of it once it was renamed
	const readable = 0o755
	if err := os.Chmod(temporary, readable); err != nil {
		return fmt.Errorf("open the folder %s to readers: %w", dir, err)
	}
	archive, stream := io.Pipe()
	go func() { stream.CloseWithError(fill(stream)) }()
	err = extract(temporary, archive)
	archive.CloseWithError(err) // a failed extraction ends the transfer
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, dir); err != nil {
		return fault.Wrap(err, fault.Invalid, "%s cannot be made", dir)
	}
	return nil
}

// extract writes the regular files of an archive below dir.
func extract(dir string, archive io.Reader) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	defer root.Close()
	for r := tar.NewReader(archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			_, err := io.Copy(io.Discard, archive) // what follows the end is the end of the transfer
			return err
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue // folders come with their files
		}
		if err := place(root, h.Name, r); err != nil {
			return fmt.Errorf("unpack %s: %w", h.Name, err)
		}
	}
}

func place(root *os.Root, name string, data io.Reader) error {
	const folder, file = 0o755, 0o644
	if err := root.MkdirAll(filepath.Dir(name), folder); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, file)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, data)
	return errors.Join(err, f.Close())
}
