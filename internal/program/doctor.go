package program

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"secretome/internal/cli"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/seal"
)

// doctor looks at what a laboratory needs, without changing anything.
func doctor(ctx context.Context, o cli.DoctorOptions, _ cli.IO) ([]cli.Finding, error) {
	data, err := directory(o.Data)
	if err != nil {
		return nil, err
	}
	found := []cli.Finding{lookAtDirectory(data), lookAtDisk(data), lookAtKeys(data)}
	return append(found, lookAtServer(ctx, data)...), nil
}

func lookAtDirectory(data string) cli.Finding {
	f := cli.Finding{Name: "data directory", State: "ok", Detail: data}
	info, err := os.Stat(data)
	switch {
	case err != nil:
		f.State, f.Detail, f.Fix = "warn", data+" is not there yet", "it is made by: secretome demo, or secretome up"
	case info.Mode().Perm()&0o077 != 0:
		f.State, f.Detail, f.Fix = "fail", fmt.Sprintf("others may read %s (mode %04o)", data, info.Mode().Perm()), "chmod 700 "+data
	}
	return f
}

// least is how much of the disk must be free before it is worth a warning.
const least = 2 << 30

func lookAtDisk(data string) cli.Finding {
	at := data
	if _, err := os.Stat(at); err != nil {
		at = filepath.Dir(data)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(at, &disk); err != nil {
		return cli.Finding{Name: "disk", State: "fail", Detail: err.Error(), Fix: "look at the disk under " + at}
	}
	free := disk.Bavail * uint64(disk.Bsize)
	f := cli.Finding{Name: "disk", State: "ok", Detail: fmt.Sprintf("%.1f GB free", float64(free)/1e9)}
	if free < least {
		f.State, f.Fix = "warn", "free some space: a full disk refuses entries"
	}
	return f
}

func lookAtKeys(data string) cli.Finding {
	f := cli.Finding{Name: "key of the seal", State: "ok"}
	path := filepath.Join(data, "seal.key")
	info, err := os.Stat(path)
	switch {
	case err != nil:
		f.State, f.Detail, f.Fix = "warn", "not made yet", "it is made when a worker starts; back it up then"
	case info.Mode().Perm()&0o077 != 0:
		f.State, f.Detail, f.Fix = "fail", "others may read it", "chmod 600 "+path
	default:
		f.Detail, err = fingerprint(path)
		if err != nil {
			f.State, f.Detail, f.Fix = "fail", fault.Of(err).Sentence(), fault.Of(err).Help
		}
	}
	return f
}

// fingerprint names the key of the seal as verify does.
func fingerprint(path string) (string, error) {
	key, err := readKey(path)
	if err != nil {
		return "", err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	s := seal.Seal{Key: base64.StdEncoding.EncodeToString(public)}
	return "fingerprint " + s.Fingerprint(), nil
}

func lookAtServer(ctx context.Context, data string) []cli.Finding {
	s, err := client.FindServer(data)
	if err != nil {
		return []cli.Finding{{Name: "server", State: "warn", Detail: fault.Of(err).Message, Fix: "start it with: secretome up --data " + data}}
	}
	c, err := client.New(client.Options{URL: s.API})
	if err == nil {
		_, err = c.Health(ctx)
	}
	if err != nil {
		return []cli.Finding{{Name: "server", State: "fail", Detail: fault.Of(err).Message, Fix: "it was killed: start it again with: secretome up --data " + data}}
	}
	return []cli.Finding{{Name: "server", State: "ok", Detail: s.API}, {Name: "Temporal", State: "ok", Detail: s.Temporal}, {Name: "S3", State: "ok", Detail: s.S3}}
}
