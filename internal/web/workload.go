package web

import (
	"secretome/internal/index"
)

// workloadPage is who has how much to do.
type workloadPage struct {
	People []index.Load // who holds tasks
	Free   []index.Load // what nobody holds, by role
	Sum    index.Load
	Most   int // of one row, for the bars
}

func (p *page) workload() error {
	loads, err := p.lab.Loads(p.r.Context(), p.Who, p.Zone)
	if err != nil {
		return err
	}
	var in workloadPage
	for _, l := range loads.Rows {
		in.Most = max(in.Most, l.Total)
		in.Sum.Missed += l.Missed
		in.Sum.Now += l.Now
		in.Sum.Free += l.Free
		in.Sum.Today += l.Today
		in.Sum.Tomorrow += l.Tomorrow
		in.Sum.Later += l.Later
		in.Sum.Total += l.Total
		if l.Holder == "" {
			in.Free = append(in.Free, l)
		} else {
			in.People = append(in.People, l)
		}
	}
	return p.show("workload", "people", "Workload", in)
}
