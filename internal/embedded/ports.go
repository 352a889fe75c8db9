package embedded

import "secretome/internal/embedded/port"

// ports are those that the servers need. All are held at once, so that no two
// get the same.
type ports struct{ s3, temporal, history, matching, worker, ui *port.Port }

func (p *ports) release() {
	for _, each := range []*port.Port{p.s3, p.temporal, p.history, p.matching, p.worker, p.ui} {
		each.Release()
	}
}

// claimPorts takes the ports that the options name, and free ones for the rest.
func claimPorts(o Options, all bool) (*ports, error) {
	p := &ports{}
	for _, wanted := range []struct {
		to     **port.Port
		number int
		flag   string
		needed bool
	}{
		{&p.s3, o.S3Port, "--s3-port", true},
		{&p.temporal, o.TemporalPort, "--temporal-port", all},
		{&p.ui, o.UIPort, "--ui-port", all && o.UI},
		{&p.history, 0, "", all},
		{&p.matching, 0, "", all},
		{&p.worker, 0, "", all},
	} {
		if !wanted.needed {
			continue
		}
		var err error
		if *wanted.to, err = port.Claim(wanted.number, wanted.flag); err != nil {
			p.release()
			return nil, err
		}
	}
	return p, nil
}
