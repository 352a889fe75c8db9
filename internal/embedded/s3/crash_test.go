package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/versity/versitygw/backend/meta"
	"golang.org/x/sys/unix"
)

// spy watches the library store etags.
type spy struct {
	attributes
	mu   sync.Mutex
	seen []sighting
}

type sighting struct {
	staged bool  // there was a file
	size   int64 // what it held
	named  bool  // its name existed already
}

func (s *spy) StoreAttribute(f *os.File, bucket, object, attribute string, value []byte) error {
	if attribute == etag {
		var at sighting
		if at.staged = f != nil; at.staged {
			if info, err := f.Stat(); err == nil {
				at.size = info.Size()
			}
		}
		_, err := os.Lstat(filepath.Join(s.root, bucket, object))
		at.named = err == nil
		s.mu.Lock()
		s.seen = append(s.seen, at)
		s.mu.Unlock()
	}
	return s.attributes.StoreAttribute(f, bucket, object, attribute, value)
}

// TestABodyIsSyncedBeforeItsNameExists fails when an upgrade of the library
// moves the seam on which durability rests.
func TestABodyIsSyncedBeforeItsNameExists(t *testing.T) {
	root := t.TempDir()
	watch := &spy{attributes: attributes{MetadataStorer: meta.XattrMeta{}, root: root}}
	s, ctx := openWith(t, root, watch), t.Context()
	body := bytes.Repeat([]byte("x"), 70_000)
	var upload string
	var part minio.ObjectPart
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"put", func() error { return s.put(ctx, "a/put", body) }},
		{"copy", func() error {
			_, err := s.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "a/copy"}, minio.CopySrcOptions{Bucket: bucket, Object: "a/put"})
			return err
		}},
		{"upload part", func() (err error) {
			if upload, err = s.core.NewMultipartUpload(ctx, bucket, "a/parts", minio.PutObjectOptions{}); err != nil {
				return err
			}
			part, err = s.core.PutObjectPart(ctx, bucket, "a/parts", upload, 1, bytes.NewReader(body), int64(len(body)), minio.PutObjectPartOptions{})
			return err
		}},
		{"complete", func() error {
			_, err := s.core.CompleteMultipartUpload(ctx, bucket, "a/parts", upload, []minio.CompletePart{{PartNumber: 1, ETag: part.ETag}}, minio.PutObjectOptions{})
			return err
		}},
	} {
		watch.seen = nil
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if want := (sighting{staged: true, size: int64(len(body))}); len(watch.seen) != 1 || watch.seen[0] != want {
			t.Errorf("%s: etag stored as %+v, want once as %+v", step.name, watch.seen, want)
		}
	}
}

func TestAnUploadThatACrashLeftHalfCompletedCanBeCompleted(t *testing.T) {
	root, ctx := t.TempDir(), t.Context()
	s := open(t, root)
	id, err := s.core.NewMultipartUpload(ctx, bucket, "big", minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	part, err := s.core.PutObjectPart(ctx, bucket, "big", id, 1, bytes.NewReader([]byte("part one")), 8, minio.PutObjectPartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.stop()
	dir := filepath.Join(root, staging(bucket, "big", id))
	claimed := dir + "." + part.ETag + "-1" + inProgress // as the library names it while it completes
	if err := os.Rename(dir, claimed); err != nil {
		t.Fatal(err)
	}
	s = open(t, root)
	parts := []minio.CompletePart{{PartNumber: 1, ETag: part.ETag}}
	if _, err := s.core.CompleteMultipartUpload(ctx, bucket, "big", id, parts, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := s.get(t, "big"); string(got) != "part one" {
		t.Errorf("big = %q", got)
	}
	if err := s.put(ctx, "big", []byte("other")); err != nil {
		t.Fatal(err)
	}
	_, err = s.core.CompleteMultipartUpload(ctx, bucket, "big", id, parts, minio.PutObjectOptions{})
	if minio.ToErrorResponse(err).Code != "NoSuchUpload" {
		t.Errorf("completing an upload that is gone: %v; want NoSuchUpload though the key exists", err)
	}
}

func TestOldUploadsAndUnfinishedBucketsAreRemoved(t *testing.T) {
	root, now := t.TempDir(), time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	upload := filepath.Join(root, staging(bucket, "k", "id"))
	for _, dir := range []string{upload, filepath.Join(root, "half-made")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(upload, now, now.Add(-uploadLife-time.Second)); err != nil {
		t.Fatal(err)
	}
	got, err := repair(root, now)
	if want := (repaired{expired: 1, buckets: 1}); err != nil || got != want {
		t.Errorf("repair = %+v, %v; want %+v", got, err, want)
	}
	if _, err := os.Stat(upload); err == nil {
		t.Error("the old upload is still there")
	}
}

// acked is what a server said it has: hashes of bodies by key.
type acked struct {
	mu     sync.Mutex
	bodies map[string][32]byte
}

// fill puts objects of up to 200 kB from eight writers until limit are
// acknowledged or enough returns true; it keeps what was acknowledged.
func (a *acked) fill(ctx context.Context, s store, round int, failed func(error) (enough bool)) {
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(round), uint64(w)))
			for i := 0; ctx.Err() == nil; i++ {
				body := make([]byte, random.IntN(200_000))
				for j := range body {
					body[j] = byte(random.Uint32())
				}
				sum := sha256.Sum256(body)
				key := fmt.Sprintf("artifact/sha256/%x/%d-%d-%d", sum[:1], round, w, i)
				if err := s.put(ctx, key, body); err != nil {
					if failed(err) {
						return
					}
					continue
				}
				a.mu.Lock()
				a.bodies[key] = sum
				a.mu.Unlock()
			}
		})
	}
	writers.Wait()
}

// check reports every acknowledged object that is not there as it was.
func (a *acked) check(t *testing.T, s store) {
	t.Helper()
	for key, want := range a.bodies {
		if got := sha256.Sum256(s.get(t, key)); got != want {
			t.Errorf("acknowledged object %s is lost or changed", key)
		}
	}
	if len(a.bodies) == 0 {
		t.Error("nothing was acknowledged, so nothing is proved")
	}
}

// fillUntil lets the writers run until the server has acknowledged n more
// objects, then runs end beside them and waits for them to see it.
func (a *acked) fillUntil(t *testing.T, s store, round, n int, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for start, now := a.count(), 0; now < start+n && ctx.Err() == nil; now = a.count() {
			time.Sleep(time.Millisecond)
		}
		end()
		cancel()
	}()
	a.fill(ctx, s, round, func(error) bool { return true })
}

func (a *acked) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.bodies)
}

func TestAcknowledgedObjectsOutliveAKill(t *testing.T) {
	root := t.TempDir()
	a := &acked{bodies: map[string][32]byte{}}
	for round := range 3 {
		s, cmd := spawn(t, root)
		a.fillUntil(t, s, round, 60, func() { _ = cmd.Process.Kill() })
	}
	a.check(t, open(t, root))
	t.Logf("%d objects acknowledged before three kills", len(a.bodies))
}

// loopExt4 makes a small ext4 filesystem in a file and returns the device.
func loopExt4(t *testing.T, megabytes int64) (device string) {
	t.Helper()
	image := filepath.Join(t.TempDir(), "disk")
	f, err := os.Create(image)
	if err == nil {
		err = f.Truncate(megabytes << 20)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if out, err := exec.Command("mkfs.ext4", "-q", image).CombinedOutput(); err != nil {
		missing(t, "needs mkfs.ext4: %v %s", err, out)
	}
	out, err := exec.Command("losetup", "--find", "--show", image).Output()
	if err != nil {
		missing(t, "needs loop devices (root): %v", err)
	}
	device = string(bytes.TrimSpace(out))
	t.Cleanup(func() {
		if err := exec.Command("losetup", "--detach", device).Run(); err != nil {
			t.Errorf("losetup --detach %s: %v", device, err)
		}
	})
	return device
}

// TestAcknowledgedObjectsOutliveAPowerCut shuts the filesystem down without
// writing its journal out, as a power cut does, and replays what is on the
// disk. With the sync in [attributes] or in [tree] taken out it fails.
func TestAcknowledgedObjectsOutliveAPowerCut(t *testing.T) {
	device := loopExt4(t, 128)
	a := &acked{bodies: map[string][32]byte{}}
	for round := range 2 {
		dir := t.TempDir()
		if err := unix.Mount(device, dir, "ext4", 0, ""); err != nil {
			missing(t, "needs to mount ext4 (root): %v", err)
		}
		s, cmd := spawn(t, filepath.Join(dir, "objects"))
		a.fillUntil(t, s, round, 60, func() { cutPower(t, dir) })
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if err := unix.Unmount(dir, 0); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	mount(t, device, dir, "ext4", "")
	a.check(t, open(t, filepath.Join(dir, "objects")))
	t.Logf("%d objects acknowledged before two power cuts", len(a.bodies))
}

// cutPower makes the filesystem at dir refuse all further writes, its log's included.
func cutPower(t *testing.T, dir string) {
	const shutdown, withoutLogFlush = 0x8004587D, 2 // EXT4_IOC_SHUTDOWN in fs/ext4/ext4.h; the same number on XFS
	f, err := os.Open(dir)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), shutdown, withoutLogFlush); err != nil {
		t.Errorf("shut the filesystem down: %v", err)
	}
}

func TestAFullDiskLosesNothingThatWasAcknowledged(t *testing.T) {
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", "size=12m")
	s := open(t, filepath.Join(dir, "objects"))
	a := &acked{bodies: map[string][32]byte{}}
	var refused sync.Map
	a.fill(t.Context(), s, 0, func(err error) bool {
		refused.Store(status(err), err)
		return true
	})
	refused.Range(func(code, err any) bool {
		if code != http.StatusInsufficientStorage && code != http.StatusInternalServerError {
			t.Errorf("a full disk was answered %v: %v; want 507 or 500", code, err)
		}
		return true
	})
	a.check(t, s)
	for key := range a.bodies {
		if err := s.RemoveObject(t.Context(), bucket, key, minio.RemoveObjectOptions{}); err != nil {
			t.Fatalf("remove on the full disk: %v", err)
		}
		delete(a.bodies, key)
		if len(a.bodies) == 0 {
			break
		}
	}
	if err := s.put(t.Context(), "after", []byte("room again")); err != nil {
		t.Errorf("put after room was made: %v", err)
	}
}
