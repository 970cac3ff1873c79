package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	web "salamander/console"
	"salamander/store"
)

const defaultConsoleAddr = "127.0.0.1:4567"

// noConsole as --console-addr serves no console.
const noConsole = "off"

// How long links to the console can be used.
const (
	greetedLink = 24 * time.Hour   // that `up` prints
	askedLink   = 10 * time.Minute // that `salamander console` prints
)

// checkConsole reports what is wrong with the console's settings. Its password
// and cookies go over the wire as they are.
func (c *config) checkConsole() error {
	if c.ConsoleAddr == noConsole {
		return nil
	}
	host, _, err := net.SplitHostPort(c.ConsoleAddr)
	if err != nil {
		return fmt.Errorf("--console-addr: got %q; need host:port, or off", c.ConsoleAddr)
	}
	if !isLoopback(host) && c.ConsolePassword == "" {
		return fmt.Errorf("--console-addr: %s can be reached from other machines: set console-password, and have a proxy with TLS before it", c.ConsoleAddr)
	}
	if c.ConsolePassword != "" && len(c.ConsolePassword) < 8 {
		return errors.New("--console-password: need 8 characters or more")
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// listenConsole opens the console's address; where nobody asked for the usual
// one and it is taken, a free one.
func (a *app) listenConsole(listen func(flag, addr string) (net.Listener, error)) (err error) {
	switch a.config.ConsoleAddr {
	case noConsole, "":
		return nil
	case defaultConsoleAddr:
		if before, _ := readServer(a.config.Data); before != nil && before.Console == defaultConsoleAddr { // a server that was killed
			if a.consoleListener, err = listenPatiently(defaultConsoleAddr, lingers); err == nil {
				return nil
			}
		}
		a.consoleListener, err = listenUsual(defaultConsoleAddr)
	default:
		a.consoleListener, err = listen("console-addr", a.config.ConsoleAddr)
	}
	return err
}

// openConsole connects the console with the rooms. The registry is complete by
// then.
func (a *app) openConsole() error {
	if a.consoleListener == nil {
		return nil
	}
	dir := filepath.Join(a.config.Data, "console")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	opt := web.Options{
		Registry: a.registry, Caller: a.owner(), Dir: dir, Password: a.config.ConsolePassword, Version: versionText(), Live: a.live, Log: a.log,
		About: web.About{AWSEndpoint: a.endpoint(), DataDir: a.config.Data,
			Warehouse: web.Warehouse{Host: a.warehouse.host, Port: int(a.warehouse.port), Database: a.warehouse.database, User: a.warehouse.user}},
	}
	if host, _, err := net.SplitHostPort(a.config.ConsoleAddr); err == nil && !isLoopback(host) {
		opt.Hosts = []string{host}
		addr, err := netip.ParseAddr(host)
		opt.AnyAddr = host == "" || err == nil && addr.IsUnspecified()
	}
	a.consoleSources(&opt)
	var err error
	if a.console, err = web.New(opt); err != nil {
		return fmt.Errorf("open the console: %w", err)
	}
	a.consoleHTTP = &http.Server{Handler: a.console, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	a.consoleHTTP.RegisterOnShutdown(a.console.Close)
	return nil
}

// startConsole tells the console what changes, and serves it. It comes before
// the outbox delivers, and before the other subscribers, so that none holds its
// news up.
func (a *app) startConsole() {
	if a.console == nil {
		return
	}
	for topic, read := range consoleTopics {
		a.db.Subscribe(topic, func(_ context.Context, m store.Message) error {
			a.live.Publish(read(m))
			return nil
		})
	}
	go func() {
		if err := a.consoleHTTP.Serve(a.consoleListener); !errors.Is(err, http.ErrServerClosed) {
			a.failed <- fmt.Errorf("console: %w", err)
		}
	}()
}

func (a *app) closeConsole() {
	if a.console != nil {
		a.console.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if a.consoleHTTP.Shutdown(ctx) != nil {
			a.consoleHTTP.Close()
		}
	}
	if a.consoleListener != nil {
		a.consoleListener.Close()
	}
}

// consoleLink is the address of a page that logs its first visitor in.
func (a *app) consoleLink(lasts time.Duration) string {
	return "http://" + reachable(a.server.Console) + a.console.Link(lasts)
}

// reachable is an address that a browser on this machine can open.
func reachable(hostport string) string {
	host, port, err := net.SplitHostPort(hostport)
	if addr, parsed := netip.ParseAddr(host); err == nil && parsed == nil && addr.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return hostport
}

// greetConsole tells where the console is.
func (a *app) greetConsole(w io.Writer) {
	if a.console == nil {
		return
	}
	fmt.Fprintf(w, "Console       %s\n", a.consoleLink(greetedLink))
}

// consolePath asks for a new link.
const consolePath = "/_salamander/console"

func newConsoleCommand(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "console",
		Short: "Print a link that opens the web console, once",
		Long: `console prints a link to the console of the server that runs on the data
directory. It logs the first browser that opens it in, within ten minutes; who
has it can do what the server's owner can.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			server, err := dial(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			var out struct{ Link string }
			if err := server.post(cmd.Context(), consolePath, struct{}{}, &out); err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.out, out.Link)
			return err
		},
	}
	cfg.flags(cmd.Flags(), "data")
	return cmd
}
