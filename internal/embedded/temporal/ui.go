package temporal

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// UI is the running Web UI of a Temporal server.
type UI struct {
	server *server.Server
	url    string
}

// StartUI serves the Web UI of the Temporal server at address on a port of
// 127.0.0.1, and returns when it answers. It shows and changes nothing: whatever
// is done to a run goes through this program, which records it. The port must
// be free: where it is not, the library ends the process.
func StartUI(ctx context.Context, address string, port int) (*UI, error) {
	u := &UI{url: "http://" + host(port)}
	u.server = server.NewServer(server_options.WithConfigProvider(&uiconfig.Config{
		TemporalGRPCAddress: address, DefaultNamespace: Namespace,
		Host: loopback, Port: port, EnableUI: true, HideLogs: true,
		DisableWriteActions: true,
		DisableNewsFetch:    true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain HTTP, on loopback
	}))
	go func() { _ = u.server.Start() }() // answers only after Stop, with nil
	if err := u.await(ctx); err != nil {
		u.Stop()
		return nil, fmt.Errorf("start web ui: %w", err)
	}
	return u, nil
}

// URL is where a browser finds the UI.
func (u *UI) URL() string { return u.url }

// Stop ends the UI.
func (u *UI) Stop() { u.server.Stop() }

func (u *UI) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := healthy(ctx, u.url+"/healthz")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(probeEvery):
		}
	}
}

func healthy(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
