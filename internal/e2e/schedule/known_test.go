package schedule

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"secretome/activities"
	"secretome/internal/lab"
	"secretome/internal/record"
)

// slow answers late that a lot was registered: it stands in the logbook, and its
// workflow does not know yet.
type slow struct {
	activities.Logbooks
	until chan struct{}
}

func (s slow) Append(ctx context.Context, d record.Draft) (record.Record, error) {
	r, err := s.Logbooks.Append(ctx, d)
	if d.Kind == record.LotRegistered {
		select {
		case <-s.until:
		case <-ctx.Done():
		}
	}
	return r, err
}

// Whoever was told that a lot is registered, because the same request stands in its
// logbook, is not told afterwards that it is not.
func TestWhatWasAcknowledgedIsKnownToTheLot(t *testing.T) {
	until := make(chan struct{})
	w := start(t, func(books activities.Logbooks) activities.Logbooks { return slow{books, until} })
	const barcode = "BM-known"
	add := lab.LotRequest{Request: uuid.NewString(), Barcode: barcode, Kind: record.LotRegistered, Body: record.LotAct{Kind: "reagent", Amount: "1 mL"}}
	first := make(chan error, 1)
	go func() {
		_, err := w.lab.ActOnLot(t.Context(), people()[2], add)
		first <- err
	}()
	const longest = 20 * time.Second
	for deadline := time.Now().Add(longest); ; {
		if _, found, err := w.books.Find(t.Context(), lotBook(barcode), add.Request); err != nil {
			t.Fatal(err)
		} else if found {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is never registered")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := w.lab.ActOnLot(t.Context(), people()[2], add); err != nil {
		t.Fatalf("the same request again: %v", err)
	}
	time.AfterFunc(time.Second, func() { close(until) })
	release := lab.LotRequest{Request: uuid.NewString(), Barcode: barcode, Kind: record.LotReleased}
	if _, err := w.lab.ActOnLot(t.Context(), people()[4], release); err != nil {
		t.Errorf("released after it was acknowledged that it is registered: %v", err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
}
