package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"secretome/internal/account"
	"secretome/internal/api"
	"secretome/internal/cli"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
)

// up serves everything on this machine until it is interrupted.
func up(ctx context.Context, o cli.UpOptions, io cli.IO) error {
	h, err := open(ctx, o.Servers, io, nil)
	if err != nil {
		return err
	}
	defer h.close()
	h.slots = o.Slots
	l := h.lab()
	if err := h.begin(ctx, o.Servers, io); err != nil {
		return err
	}
	if _, err := l.Heal(ctx); err != nil {
		return err
	}
	if err := h.accounts(ctx, l, account.Settings{Idle: o.Idle, Absolute: o.Limit}, io.Err); err != nil {
		return err
	}
	address, err := h.serve(l, o.Listen, o.Proxy)
	if err != nil {
		return err
	}
	go h.follow(ctx)
	go h.recordAccounts(ctx, l)
	go h.lookOutside(ctx, l)
	if err := o.Ready(h.where(address)); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-h.failed:
		return err
	}
}

// listenOn opens the address that the API is served on, and returns with it the
// address for this machine. What is not loopback needs the name of a proxy.
func listenOn(listen, proxy string) (net.Listener, string, error) {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, "", fault.Wrap(err, fault.Unavailable, "port %s is in use", listen)
		}
		return nil, "", fault.Wrap(err, fault.Usage, "cannot listen on %q", listen)
	}
	at, ok := listener.Addr().(*net.TCPAddr)
	if !ok || (proxy == "" && !at.IP.IsLoopback()) {
		return nil, "", errors.Join(fault.New(fault.Refused, "%s is not a loopback address, and tokens would go over the network in clear", listen).Try("listen on 127.0.0.1, or put a proxy with TLS before it and give its name: --behind-proxy"), listener.Close())
	}
	near := *at
	if near.IP.IsUnspecified() {
		near.IP = net.IPv4(127, 0, 0, 1)
	}
	return listener, "http://" + near.String(), nil
}

// serve answers the API on an address and returns it; the server stops with
// the house.
func (h *house) serve(l *lab.Lab, listen, proxy string) (string, error) {
	listener, address, err := listenOn(listen, proxy)
	if err != nil {
		return "", err
	}
	o := api.Options{Log: h.log, Version: Version}
	if proxy != "" {
		o.Hosts = []string{proxy}
	}
	server := api.Server(h.doors(l, o), h.log)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			h.log.Error().Err(err).Msg("API stopped")
		}
	}()
	if err := h.where(address).Write(h.data); err != nil {
		return "", err
	}
	h.later(func() {
		h.forget()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			h.log.Warn().Err(err).Msg("API did not stop in time")
		}
		<-served
	})
	return address, nil
}

// forget takes away what leads others to this process.
func (h *house) forget() {
	if err := os.Remove(filepath.Join(h.data, client.ServerFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.log.Warn().Err(err).Msg("server file left behind")
	}
}

func (h *house) where(address string) client.Server {
	return client.Server{
		Web: address, API: address + "/api/v1", UI: h.at.UI, Temporal: h.at.Temporal, Namespace: h.at.Namespace,
		S3: h.at.S3, Bucket: h.at.Bucket, Credentials: filepath.Join(h.data, client.CredentialsFile),
	}
}

// runWorker works on a task queue until it is interrupted.
func runWorker(ctx context.Context, o cli.WorkerOptions, io cli.IO) error {
	if o.Temporal == "" {
		return fault.New(fault.Usage, "a worker needs servers to work for").Try("give --temporal and --s3, or use: secretome up")
	}
	h, err := open(ctx, o.Servers, io, nil)
	if err != nil {
		return err
	}
	defer h.close()
	h.slots = o.Slots
	if err := h.begin(ctx, o.Servers, io); err != nil {
		return err
	}
	fmt.Fprintf(io.Err, "working for %s\n", h.at.Temporal)
	h.follow(ctx)
	return nil
}
