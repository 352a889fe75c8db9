package workflows

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"secretome/internal/run"

	common "go.temporal.io/api/common/v1"
)

// largestPayload is a quarter of the 256 KiB that this program allows itself, an
// eighth of what the server takes.
const largestPayload = 64 << 10

// Bytes never enter a history: what passes between workflows stays small.
func TestNoPayloadOfAHistoryIsLarge(t *testing.T) {
	most, where := 0, ""
	err := filepath.WalkDir("testdata/histories", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
		if err != nil {
			return err
		}
		for _, e := range h.Events {
			payloads(e.ProtoReflect(), func(p *common.Payload) {
				size := proto.Size(p)
				if size > largestPayload {
					t.Errorf("%s: event %d has a payload of %d bytes", path, e.EventId, size)
				}
				if size > most {
					most, where = size, path+", "+e.GetEventType().String()
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if most == 0 {
		t.Error("no history has a payload")
	}
	t.Logf("the largest payload has %d bytes: %s", most, where)
}

// payloads visits every payload below a message.
func payloads(m protoreflect.Message, visit func(*common.Payload)) {
	if p, ok := m.Interface().(*common.Payload); ok {
		visit(p)
		return
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap() && f.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				payloads(v.Message(), visit)
				return true
			})
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				payloads(v.List().Get(i).Message(), visit)
			}
		case !f.IsMap() && !f.IsList() && f.Message() != nil:
			payloads(v.Message(), visit)
		}
		return true
	})
}

// scale weighs what passes between the workflows of a world.
type scale struct {
	converter.DataConverter
	mutex sync.Mutex
	most  int
	what  string // kind of the heaviest
}

func newScale() *scale { return &scale{DataConverter: converter.GetDefaultDataConverter()} }

func (s *scale) weigh(p *common.Payload, what any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if n := proto.Size(p); n > s.most {
		s.most, s.what = n, fmt.Sprintf("%T", what)
	}
}

func (s *scale) ToPayload(v any) (*common.Payload, error) {
	p, err := s.DataConverter.ToPayload(v)
	if err == nil {
		s.weigh(p, v)
	}
	return p, err
}

func (s *scale) ToPayloads(values ...any) (*common.Payloads, error) {
	all, err := s.DataConverter.ToPayloads(values...)
	if err == nil {
		for i, p := range all.GetPayloads() {
			s.weigh(p, values[i])
		}
	}
	return all, err
}

// The reference study is the largest that this program ships.
func TestNoPayloadOfTheReferenceStudyIsLarge(t *testing.T) {
	w := newWorld(t, reference(t, "reference.yaml"))
	weighed := newScale()
	w.SetDataConverter(weighed)
	if status := w.run(); status.Outcome != run.Done {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
	t.Logf("the largest payload has %d bytes: %s", weighed.most, weighed.what)
	if weighed.most > largestPayload || weighed.most == 0 {
		t.Errorf("a %s has %d bytes, want at most %d", weighed.what, weighed.most, largestPayload)
	}
}
