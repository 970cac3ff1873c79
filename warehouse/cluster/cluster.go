// Package cluster keeps clusters: embedded warehouses, each with a directory,
// a port, a user and a password of its own. A cluster survives the process:
// its record and its data are files.
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"salamander/warehouse"
)

// A Key names a cluster. Identifiers are in lower case.
type Key struct{ Account, Region, ID string }

// A Cluster is a cluster as it is kept. The members after Paused are
// recorded and have no effect.
type Cluster struct {
	Key
	Database string
	User     string
	Password string
	Host     string // where it listens
	Port     int
	Created  time.Time
	Creation string // identifier of the creating call
	Paused   bool   // it does not serve

	ClusterType    string
	NodeType       string
	Nodes          int
	Public         bool
	Roles          []string
	ParameterGroup string
	SubnetGroup    string
	SecurityGroups []string
	Tags           map[string]string
}

// Errors of [Clusters].
var (
	ErrExists   = errors.New("cluster: it exists already")
	ErrNotFound = errors.New("cluster: there is none")
)

// Options configures [Open].
type Options struct {
	Dir     string            // for the clusters; made when missing
	Host    string            // to listen on; "127.0.0.1" where empty
	Objects warehouse.Objects // what COPY reads
	Log     *slog.Logger      // nil is nowhere

	// Start starts a warehouse; warehouse.Start where nil.
	Start func(warehouse.Options) (Server, error)
}

// A Server is a warehouse that serves its address.
type Server interface {
	Stop(ctx context.Context) error
}

// Clusters are the clusters of a data directory. Goroutines share it.
type Clusters struct {
	opt Options

	mu   sync.Mutex // guards all; held while a cluster is made or ends
	all  map[Key]*Cluster
	live map[Key]Server
}

// Open reads the clusters of a directory. None serves before [Clusters.Start].
func Open(opt Options) (*Clusters, error) {
	if opt.Host == "" {
		opt.Host = "127.0.0.1"
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Start == nil {
		opt.Start = func(o warehouse.Options) (Server, error) { return warehouse.Start(o) }
	}
	c := &Clusters{opt: opt, all: map[Key]*Cluster{}, live: map[Key]Server{}}
	files, err := filepath.Glob(filepath.Join(opt.Dir, "*", "cluster.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var cl Cluster
		if err := json.Unmarshal(text, &cl); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		c.all[cl.Key] = &cl
	}
	return c, nil
}

// Start has all clusters serve, at the ports they had. One whose port is
// taken gets another, and the log says so.
func (c *Clusters) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, cl := range c.all {
		if cl.Paused {
			continue
		}
		port := cl.Port
		if err := c.serve(cl); err != nil {
			return fmt.Errorf("cluster %s: %w", key.ID, err)
		}
		if cl.Port != port {
			c.opt.Log.Warn("the port of a cluster is taken: it has another", "cluster", key.ID, "was", port, "is", cl.Port)
			if err := c.keep(cl); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close ends the servers.
func (c *Clusters) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var all []error
	for key, s := range c.live {
		all = append(all, s.Stop(ctx))
		delete(c.live, key)
	}
	return errors.Join(all...)
}

// Leave lets the servers' processes run on, those that outlive this one, and
// ends the others; see [warehouse.Options].
func (c *Clusters) Leave() error {
	c.mu.Lock()
	for key, s := range c.live {
		if s, ok := s.(interface{ Leave() }); ok {
			s.Leave()
			delete(c.live, key)
		}
	}
	c.mu.Unlock()
	return c.Close()
}

// dir is where a cluster's files are.
func (c *Clusters) dir(k Key) string {
	return filepath.Join(c.opt.Dir, k.Account+"_"+k.Region+"_"+k.ID)
}

// Dir is where the database of a cluster is.
func (c *Clusters) Dir(k Key) string { return filepath.Join(c.dir(k), "warehouse") }

// ports is how many ports are tried from the wanted one on.
const ports = 200

// serve starts the warehouse of a cluster. c.mu is held.
func (c *Clusters) serve(cl *Cluster) error {
	ln, err := warehouse.Inherited(c.Dir(cl.Key)), error(nil)
	if ln == nil {
		ln, err = listen(c.opt.Host, cl.Port)
	}
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(ln.Addr().String())
	if err == nil {
		cl.Port, err = strconv.Atoi(port)
	}
	if err != nil {
		ln.Close()
		return err
	}
	cl.Host = host
	s, err := c.opt.Start(warehouse.Options{Dir: c.Dir(cl.Key), Listener: ln, User: cl.User, Password: cl.Password,
		Database: cl.Database, Account: cl.Account, Region: cl.Region, Objects: c.opt.Objects, Log: c.opt.Log.With("cluster", cl.ID)})
	if err != nil {
		ln.Close()
		return err
	}
	c.live[cl.Key] = s
	return nil
}

// listen takes the first free port from port on.
func listen(host string, port int) (net.Listener, error) {
	var first error
	for p := port; p < port+ports && p < 65536; p++ {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(p)))
		if err == nil {
			return ln, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// keep writes the record of a cluster, durably. c.mu is held.
func (c *Clusters) keep(cl *Cluster) error {
	text, err := json.Marshal(cl)
	if err != nil {
		return err
	}
	dir := c.dir(cl.Key)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, "cluster.json"))
}

// Create makes a cluster that serves when Create returns. Port is the one
// wanted; the next free one is taken. A repeat of the call that made a cluster
// finds it; any other with its key is [ErrExists].
func (c *Clusters) Create(cl Cluster) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.all[cl.Key]; ok {
		if old.Creation == cl.Creation && cl.Creation != "" {
			return *old, nil
		}
		return Cluster{}, ErrExists
	}
	if err := c.serve(&cl); err != nil {
		return Cluster{}, err
	}
	if err := c.keep(&cl); err != nil {
		return Cluster{}, errors.Join(err, c.end(cl.Key))
	}
	c.all[cl.Key] = &cl
	return cl, nil
}

// end stops a cluster's server. c.mu is held.
func (c *Clusters) end(k Key) error {
	s, ok := c.live[k]
	if !ok {
		return nil
	}
	delete(c.live, k)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return s.Stop(ctx)
}

// Get returns a cluster, or [ErrNotFound].
func (c *Clusters) Get(k Key) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cl, ok := c.all[k]
	if !ok {
		return Cluster{}, ErrNotFound
	}
	return *cl, nil
}

// List returns the clusters of an account and a region, by identifier.
func (c *Clusters) List(account, region string) []Cluster {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Cluster
	for _, cl := range c.all {
		if cl.Account == account && cl.Region == region {
			out = append(out, *cl)
		}
	}
	slices.SortFunc(out, func(a, b Cluster) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Update changes a cluster. A new password counts for the next connections;
// those that are open end. That of a paused cluster cannot be changed.
func (c *Clusters) Update(k Key, change func(*Cluster)) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.all[k]
	if !ok {
		return Cluster{}, ErrNotFound
	}
	cl := *old
	change(&cl)
	if cl.Password != old.Password && cl.Paused {
		return Cluster{}, ErrState
	}
	if cl.Password != old.Password {
		if err := c.end(k); err != nil {
			c.opt.Log.Warn("end a cluster's warehouse", "cluster", k.ID, "err", err)
		}
		if err := c.serve(&cl); err != nil {
			return Cluster{}, err
		}
	}
	if err := c.keep(&cl); err != nil {
		return Cluster{}, err
	}
	c.all[k] = &cl
	return cl, nil
}

// Delete ends a cluster and removes its data.
func (c *Clusters) Delete(k Key) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cl, ok := c.all[k]
	if !ok {
		return Cluster{}, ErrNotFound
	}
	if err := c.end(k); err != nil {
		c.opt.Log.Warn("end a cluster's warehouse", "cluster", k.ID, "err", err)
	}
	// The record goes first: what is left of the data then belongs to nobody.
	if err := os.Remove(filepath.Join(c.dir(k), "cluster.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return Cluster{}, err
	}
	delete(c.all, k)
	return *cl, os.RemoveAll(c.dir(k))
}
