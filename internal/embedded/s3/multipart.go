package s3

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// CreateMultipartUpload opens an upload in parts.
func (d *durable) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	in.ContentEncoding = withoutChunked(in.ContentEncoding)
	out, err := d.Posix.CreateMultipartUpload(ctx, in)
	if err == nil {
		err = d.tree.settleStaged(staging(*in.Bucket, *in.Key, out.UploadId))
	}
	return out, d.answer("create multipart upload", err)
}

// UploadPart stores one part, whole or not at all.
func (d *durable) UploadPart(ctx context.Context, in *awss3.UploadPartInput) (*awss3.UploadPartOutput, error) {
	out, err := d.UploadPartWithPostFunc(ctx, in, whole(in.ContentLength))
	if err == nil {
		err = d.settlePart(in.Bucket, in.Key, in.UploadId, in.PartNumber)
	}
	return out, d.answer("upload part", err)
}

// UploadPartCopy stores one part from an object that is here already.
func (d *durable) UploadPartCopy(ctx context.Context, in *awss3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	out, err := d.Posix.UploadPartCopy(ctx, in)
	if err == nil {
		err = d.settlePart(in.Bucket, in.Key, in.UploadId, in.PartNumber)
	}
	return out, d.answer("upload part copy", err)
}

func (d *durable) settlePart(bucket, key, upload *string, number *int32) error {
	return d.tree.settleStaged(filepath.Join(staging(*bucket, *key, *upload), strconv.Itoa(int(*number))))
}

// CompleteMultipartUpload makes the parts one object. The library answers "done"
// for an upload that somebody else is completing, and for one that is unknown
// where an object of that name exists; here the object must have the answered
// etag, else there is no such upload.
func (d *durable) CompleteMultipartUpload(ctx context.Context, in *awss3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	defer d.lock(text(in.UploadId))()
	out, version, err := d.Posix.CompleteMultipartUpload(ctx, in)
	if err == nil {
		err = d.hasETag(*in.Bucket, *in.Key, text(in.UploadId), text(out.ETag))
	}
	if err == nil {
		err = d.tree.settle(filepath.Join(*in.Bucket, *in.Key))
	}
	return out, version, d.answer("complete multipart upload", err)
}

// hasETag fails unless the object has the etag that its upload was answered.
func (d *durable) hasETag(bucket, key, upload, want string) error {
	got, err := d.meta.RetrieveAttribute(nil, bucket, key, etag)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, meta.ErrNoSuchKey) {
		return fmt.Errorf("read etag: %w", err)
	}
	if err != nil || strings.Trim(string(got), `"`) != strings.Trim(want, `"`) {
		return s3err.GetNoSuchUploadErr(upload)
	}
	return nil
}

// staging is where the library keeps the parts of an upload, below the root.
func staging(bucket, key, upload string) string {
	return filepath.Join(bucket, posix.MetaTmpMultipartDir, fmt.Sprintf("%x", sha256.Sum256([]byte(key))), upload)
}
