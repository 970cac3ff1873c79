package main

import (
	"context"
	"io"
	"net/http"
	"time"

	"salamander/api"
	"salamander/api/s3rest"
	"salamander/function"
	"salamander/operation"
	"salamander/service/batch"
	"salamander/service/cloudformation"
	"salamander/service/events"
	"salamander/service/iam"
	"salamander/service/lambda"
	"salamander/service/logs"
	"salamander/service/redshift"
	"salamander/service/redshiftdata"
	"salamander/service/s3"
	"salamander/service/scheduler"
	"salamander/service/secretsmanager"
	"salamander/service/sns"
	"salamander/service/sqs"
	"salamander/service/ssm"
	"salamander/service/states"
	"salamander/service/sts"
	"salamander/store"
)

// services are the operations of each service.
type services struct {
	batch    *batch.Service
	cfn      *cloudformation.Service
	events   *events.Service
	redshift *redshift.Service
	lambda   *lambda.Service
	ssm      *ssm.Service
	secrets  *secretsmanager.Service
	iam      *iam.Service
	logs     *logs.Service
	s3       *s3.Service
	schedule *scheduler.Service
	sns      *sns.Service
	sqs      *sqs.Service
	states   *states.Service
	sts      *sts.Service
	data     *redshiftdata.Service
}

// services connects the services with the domains of the app.
func (a *app) services(reg *operation.Registry) services {
	return services{
		batch:    batch.New(a.batch),
		cfn:      cloudformation.New(a.stacks),
		events:   events.New(a.events),
		redshift: redshift.New(a.clusters),
		lambda:   lambda.New(a.functions, reg),
		ssm:      ssm.New(store.NewSecrets(a.db), a.box),
		secrets:  secretsmanager.New(store.NewSecrets(a.db), a.box),
		iam:      iam.New(store.NewIdentity(a.db)),
		logs:     logs.New(a.logs),
		s3:       s3.New(a.objects),
		schedule: scheduler.New(a.events),
		sns:      sns.New(a.notify),
		sqs:      sqs.New(a.queues, a.endpoint),
		states:   states.New(a.engine, a.engineStore, logGroups{a.logs}),
		sts:      sts.New(a.identity).WithRoles(store.NewIdentity(a.db)),
		data:     redshiftdata.New(a.statements, warehouses{a}, reg),
	}
}

// register puts every operation into the registry.
func register(r *operation.Registry, s services) {
	batch.Register(r, s.batch)
	cloudformation.Register(r, s.cfn)
	redshift.Register(r, s.redshift)
	redshiftdata.Register(r, s.data)
	lambda.Register(r, s.lambda)
	ssm.Register(r, s.ssm)
	secretsmanager.Register(r, s.secrets)
	iam.Register(r, s.iam)
	logs.Register(r, s.logs)
	events.Register(r, s.events)
	s.s3.Register(r)
	scheduler.Register(r, s.schedule)
	sns.Register(r, s.sns)
	sqs.Register(r, s.sqs)
	states.Register(r, s.states)
	sts.Register(r, s.sts)
}

// parity returns what the registry holds, without a running stack.
func parity() []operation.Spec {
	r := &operation.Registry{}
	register(r, (&app{}).services(r))
	return r.Specs()
}

// endpoint returns the URL of the AWS endpoint.
func (a *app) endpoint() string { return "http://" + a.server.AWS }

// awsServer returns the server of the AWS endpoint.
func (a *app) awsServer() *http.Server {
	handler := api.New(a.registry, a.identity, api.Options{
		Log:    a.log,
		Hosts:  []string{a.server.AWS},
		Lifted: a.config.NoLimits,
		Mounts: map[string]http.Handler{"s3": s3rest.New(a.registry, a.identity, s3rest.Options{Log: a.log}), ownService: a.ownHandler()},
	})
	return &http.Server{Handler: withSignals(a.stacks, withLinks(a.notify, handler)), ReadHeaderTimeout: 30 * time.Second}
}

// openFunctions connects the functions with endpoint, sessions and logs.
func (a *app) openFunctions(dir string, kept function.Store) (err error) {
	a.functions, err = function.New(context.Background(), kept, function.Options{
		Dir:      dir,
		Endpoint: func() string { return "http://" + a.server.AWS },
		Issue: func(account, region, principal string) (function.Session, error) {
			s := a.identity.Issue(sessionOf(account, region, principal))
			return function.Session{AccessKey: s.AccessKey, Secret: s.Secret, Token: s.Token, Serve: s.Serve, End: s.End}, nil
		},
		Logs: func(account, region, group, stream string) io.WriteCloser {
			return a.logs.Writer(account, region, group, stream)
		},
		OnError: func(err error) { a.log.Error("functions", "err", err) },
	})
	return err
}
