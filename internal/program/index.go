package program

import (
	"context"
	"strconv"

	"secretome/internal/artifact"
	"secretome/internal/cli"
	"secretome/internal/embedded"
	"secretome/internal/index"
)

// rebuildIndex makes the index of a data directory anew from S3 alone.
func rebuildIndex(ctx context.Context, o cli.RebuildOptions, io cli.IO) (cli.Rebuilt, error) {
	h := &house{log: logger(io)}
	defer h.close()
	var err error
	if h.data, err = directory(o.Data); err != nil {
		return cli.Rebuilt{}, err
	}
	if err := h.storage(ctx, o.Servers); err != nil {
		return cli.Rebuilt{}, err
	}
	bucket, err := artifact.Open(ctx, artifact.Config{URL: h.at.S3, Bucket: h.at.Bucket, AccessKey: h.at.AccessKey, SecretKey: h.at.SecretKey, Region: h.at.Region})
	if err != nil {
		return cli.Rebuilt{}, err
	}
	h.later(bucket.Close)
	d, err := index.Rebuild(ctx, h.indexPath(), bucket, h.log)
	if err != nil {
		return cli.Rebuilt{}, err
	}
	found := cli.Rebuilt{Missing: d.Missing, Damage: d.Damage, Behind: d.Behind, Differences: []cli.Difference{}, More: d.More}
	for _, row := range d.Rows {
		found.Differences = append(found.Differences, cli.Difference{Table: row.Table, Key: row.Key, Old: row.Old, New: row.New})
	}
	return found, nil
}

// storage is the S3 server alone: in this process, or the one that is given.
func (h *house) storage(ctx context.Context, s cli.Servers) error {
	if s.S3 != "" {
		h.at = embedded.Addresses{S3: s.S3, Bucket: s.Bucket, AccessKey: s.S3AccessKey, SecretKey: s.S3SecretKey}
		return nil
	}
	servers, err := embedded.StartS3(ctx, embedded.Options{Data: h.data, Program: Version, S3Port: s.S3Port, Logger: h.log})
	if err != nil {
		return err
	}
	h.later(servers.Stop)
	h.at = servers.Addresses()
	return nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
