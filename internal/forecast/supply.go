package forecast

import (
	"cmp"
	"slices"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

// Supply is what a run needs of one material.
type Supply struct {
	Material string            `json:"material"`
	Title    string            `json:"title"`
	Amount   quantity.Quantity `json:"amount"` // in all
	Tasks    int               `json:"tasks"`  // that use it
	First    time.Time         `json:"first"`  // use
	Last     time.Time         `json:"last"`
	OrderBy  string            `json:"order_by,omitempty"` // date; empty where the protocol does not say how long it takes to come
	Late     bool              `json:"late,omitempty"`     // that date is before the start
}

// supplies sums up what the tasks need, by first use. Tasks are sorted by begin.
func supplies(p protocol.Protocol, tasks []Task) ([]Supply, error) {
	all := []Supply{}
	for _, m := range p.Materials {
		s := Supply{Material: m.ID, Title: named(m.Title, m.ID)}
		for _, t := range tasks {
			if err := s.use(t); err != nil {
				return nil, err
			}
		}
		if s.Tasks == 0 {
			continue
		}
		if lead, err := m.Lead.Duration(); err == nil && !m.Lead.IsZero() {
			by := s.First.Add(-lead)
			s.OrderBy, s.Late = by.Format(day), by.Before(tasks[0].Begins)
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b Supply) int { return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Material, b.Material)) })
	return all, nil
}

func (s *Supply) use(t Task) error {
	for _, n := range t.asks.Needs {
		if n.Material != s.Material {
			continue
		}
		if s.Tasks == 0 {
			s.Amount, s.First = n.Amount, t.Begins
		} else {
			sum, err := s.Amount.Add(n.Amount)
			if err != nil {
				return fault.New(fault.Invalid, "the needs of %s cannot be summed: %s", s.Material, fault.Of(err).Message).Try("give all of them in units of one kind")
			}
			s.Amount = sum
		}
		s.Tasks, s.Last = s.Tasks+1, t.Begins
	}
	return nil
}
