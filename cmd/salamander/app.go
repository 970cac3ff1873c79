package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"salamander/batch"
	"salamander/batch/process"
	web "salamander/console"
	"salamander/engine"
	"salamander/engine/integration"
	"salamander/event"
	"salamander/function"
	"salamander/identity"
	"salamander/logs"
	"salamander/notify"
	"salamander/object"
	"salamander/operation"
	"salamander/queue"
	"salamander/secret"
	"salamander/service/states"
	"salamander/stack"
	"salamander/store"
	"salamander/warehouse"
	"salamander/warehouse/cluster"
	"salamander/warehouse/dataapi"
)

// The warehouse's user and database.
const (
	warehouseUser     = "awsuser"
	warehouseDatabase = "dev"
)

// An address tells how to connect to the warehouse.
type address struct {
	host     string
	port     uint16
	user     string
	password string
	database string
}

// An app is the whole stack in this process, over one data directory.
type app struct {
	config    config
	log       *slog.Logger
	server    serverRecord
	warehouse address

	registry    *operation.Registry
	db          *store.DB
	identity    *identity.Identity
	logs        *logs.Logs
	queues      *queue.Queues
	notify      *notify.Notify
	notifying   sync.WaitGroup // what delivers messages
	box         *secret.Box
	objects     *object.Objects
	batch       *batch.Batch
	executor    *process.Executor
	functions   *function.Functions
	events      *event.Events
	engine      *engine.Engine
	engineStore engine.Store
	runner      *integration.Runner

	stacks   *stack.Stacks
	clusters *cluster.Clusters

	statements *dataapi.Statements

	awsListener       net.Listener
	warehouseListener net.Listener
	http              *http.Server
	supervisor        cluster.Server // the warehouse's

	ops    ops
	health *consoleHealth

	live            *web.Hub // tells the console what changes
	console         *web.Console
	backfills       *consoleBackfills // nil without the console
	consoleListener net.Listener
	consoleHTTP     *http.Server
	life            context.Context // ends when the console closes
	endLife         context.CancelFunc

	failed chan error // a part that ended by itself
	stop   context.CancelFunc
}

// openApp takes the data directory and the listeners, and connects the rooms.
// Nothing runs before start. The caller closes the app, even after an error
// of start.
func openApp(cfg config, log *slog.Logger, listen func(flag, addr string) (net.Listener, error)) (*app, error) {
	a := &app{config: cfg, log: log, failed: make(chan error, 4), stop: func() {}, live: &web.Hub{}}
	a.life, a.endLife = context.WithCancel(context.Background())
	err := a.open(listen)
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *app) open(listen func(flag, addr string) (net.Listener, error)) (err error) {
	a.health = &consoleHealth{app: a}
	if err = a.openOps(listen); err != nil {
		return err
	}
	a.db, err = store.Open(a.config.Data, store.Options{OnError: func(err error) { a.log.Error("store", "err", err) }, OnCommit: a.ops.store.committed})
	if err != nil {
		return err
	}
	if a.awsListener, err = listen("aws-addr", a.config.AWSAddr); err != nil {
		return err
	}
	if err = a.listenWarehouse(listen); err != nil {
		return err
	}
	if err = a.listenConsole(listen); err != nil {
		return err
	}
	a.server = serverRecord{PID: os.Getpid(), AWS: a.awsListener.Addr().String(), Warehouse: a.warehouseListener.Addr().String(),
		Region: a.config.Region, Auth: a.config.Auth}
	if a.ops.listener != nil {
		a.server.Ops = a.ops.listener.Addr().String()
	}
	if a.consoleListener != nil {
		a.server.Console = a.consoleListener.Addr().String()
	}
	if err := a.server.write(a.config.Data); err != nil {
		return err
	}
	if err := a.openIdentity(); err != nil {
		return err
	}
	a.logs = logs.New(watchedLogs{store.NewLogs(a.db), a.live}, logs.Options{OnError: func(err error) { a.log.Error("logs", "err", err) }})
	if a.objects, err = object.New(filepath.Join(a.config.Data, "objects"), store.NewObjects(a.db), object.Options{Log: a.log}); err != nil {
		return err
	}
	a.queues = queue.New(queue.Options{Store: store.NewQueues(a.db), OnError: func(err error) { a.log.Error("queues", "err", err) }})
	a.registry = &operation.Registry{}
	a.registry.Use(a.ops.calls.count)
	a.registry.Use(web.Watch(a.live))
	a.registry.Use(throttle(a.config.StartRate, time.Now))
	a.registry.Use(operation.Replay(store.NewReplays(a.db)))
	if a.box, err = secret.LoadBox(a.config.Data); err != nil {
		return err
	}
	if err := a.openNotify(); err != nil {
		return err
	}
	if err := a.openJobs(); err != nil {
		return err
	}
	a.runner = integration.New(integration.Options{Registry: a.registry, Log: a.log})
	if a.engineStore, err = store.OpenEngine(context.Background(), a.db); err != nil {
		return err
	}
	a.engine = engine.New(engine.Options{Store: watchedExecutions{a.ops.observed(a.engineStore), a.live}, TimerFired: a.ops.meter.TimerFired, Runner: a.runner, Recorder: executionLogs{a.logs}, Objects: a.mapObjects, Log: a.log, NoLimits: a.config.NoLimits})
	if err := a.openStacks(a.registry); err != nil {
		return err
	}
	if err := a.openEvents(); err != nil {
		return err
	}
	a.openStatements()
	all := a.services(a.registry)
	register(a.registry, all)
	states.RegisterOwn(a.registry, all.states)
	a.http = a.awsServer()
	return a.openConsole()
}

// openIdentity reads the keys and the warehouse's password, or makes them.
func (a *app) openIdentity() error {
	keys, err := identity.LoadKeys(a.config.Data)
	if err != nil {
		return err
	}
	a.identity = identity.New(keys, identity.Options{Account: defaultAccount, Region: a.config.Region, Dev: a.config.Auth == "dev"})
	password, err := warehousePassword(a.config.Data)
	if errors.Is(err, fs.ErrNotExist) {
		password, err = newWarehousePassword(a.config.Data)
	}
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(a.server.Warehouse)
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	a.warehouse = address{host: host, port: uint16(n), user: warehouseUser, password: password, database: warehouseDatabase}
	return err
}

// start takes up what an earlier process left, and serves.
func (a *app) start(ctx context.Context) (err error) {
	ctx, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	a.startOps()
	a.supervisor, err = a.startWarehouse(warehouse.Options{
		Dir: filepath.Join(a.config.Data, "warehouse"), Listener: a.warehouseListener,
		User: a.warehouse.user, Password: a.warehouse.password, Database: a.warehouse.database,
		Account: defaultAccount, Region: a.config.Region,
		Objects: a.warehouseObjects(), Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("start the warehouse: %w", err)
	}
	go a.logs.Sweep(ctx)
	go a.queues.Sweep(ctx)
	if err := a.keepHouse(ctx); err != nil {
		return err
	}
	a.startConsole()
	notify := func(_ context.Context, m store.Message) error {
		a.runner.Notify(m.Key)
		return nil
	}
	a.db.Subscribe("batch.job", notify)
	a.db.Subscribe("states.execution", notify)
	a.db.Subscribe("states.journal", func(ctx context.Context, m store.Message) error { return a.engine.Record(ctx, m.Payload) })
	a.db.Subscribe("states.cancel", func(ctx context.Context, m store.Message) error { return a.engine.Cancel(ctx, m.Payload) })
	a.startNotify(ctx)
	if err := a.batch.Start(ctx); err != nil {
		return fmt.Errorf("take up the jobs: %w", err)
	}
	go func() {
		if err := a.http.Serve(a.awsListener); !errors.Is(err, http.ErrServerClosed) {
			a.failed <- fmt.Errorf("AWS endpoint: %w", err)
		}
	}()
	if err := a.engine.Recover(ctx); err != nil {
		return fmt.Errorf("take up the executions: %w", err)
	}
	if err := a.clusters.Start(); err != nil {
		return fmt.Errorf("start the clusters: %w", err)
	}
	if err := a.stacks.Recover(ctx); err != nil {
		return fmt.Errorf("take up the stacks: %w", err)
	}
	a.startEvents(ctx)
	a.db.Deliver()
	if a.backfills != nil {
		a.backfills.resume()
	}
	a.ops.started.Store(true)
	return nil
}

// wait returns when ctx ends, with its error, or when a part fails.
func (a *app) wait(ctx context.Context) error {
	select {
	case err := <-a.failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends everything and gives the data directory free. Executions and
// jobs that run go on, or are retried, with the next start.
func (a *app) close() error {
	a.stop()
	a.endLife()
	a.closeConsole()
	if a.backfills != nil {
		a.backfills.close()
	}
	if a.stacks != nil {
		a.stacks.Close()
	}
	if a.statements != nil {
		a.statements.Close() // it tells the events
	}
	if a.events != nil {
		a.events.Close()
	}
	if a.engine != nil {
		a.engine.Close()
	}
	if a.functions != nil {
		a.functions.Close()
	}
	leave := false // whether what jobs use goes on with them
	if a.batch != nil {
		leave = a.config.outlives() && !a.config.endsJobs() && a.batch.Running() > 0
		a.batch.Close()
		a.executor.Close()
	}
	if a.http != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if a.http.Shutdown(ctx) != nil {
			a.http.Close()
		}
	}
	err := a.closeWarehouses(leave)
	for _, ln := range []net.Listener{a.awsListener, a.warehouseListener} {
		if ln != nil {
			ln.Close()
		}
	}
	a.notifying.Wait()
	if a.db != nil {
		err = errors.Join(err, a.db.Close())
	}
	err = errors.Join(err, a.ops.close())
	return err
}

func passwordFile(dir string) string { return filepath.Join(dir, "warehouse.password") }

// warehousePassword returns the password of a data directory's warehouse.
func warehousePassword(dir string) (string, error) {
	text, err := os.ReadFile(passwordFile(dir))
	return strings.TrimSpace(string(text)), err
}

func newWarehousePassword(dir string) (string, error) {
	var b [16]byte
	rand.Read(b[:])
	password := hex.EncodeToString(b[:])
	return password, replaceFile(passwordFile(dir), []byte(password+"\n"))
}

// ownKeys returns the access key of a data directory and its secret.
func ownKeys(dir string) (accessKey, secret string, err error) {
	keys, err := identity.ReadKeys(dir)
	return keys.AccessKey, keys.Secret, err
}
