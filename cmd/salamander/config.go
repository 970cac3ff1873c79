package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"salamander/warehouse/proxy"
)

// Usual addresses.
const (
	defaultAWSAddr       = "127.0.0.1:4566"
	defaultWarehouseAddr = "127.0.0.1:5439"
)

// A config is the configuration of the whole program. Each value comes from,
// in this order: the flag, the variable SALAMANDER_<FLAG>, the file
// salamander.yaml, the default.
type config struct {
	Data              string             `yaml:"data"`                  // data directory
	AWSAddr           string             `yaml:"aws-addr"`              // AWS endpoint, host:port
	WarehouseAddr     string             `yaml:"warehouse-addr"`        // warehouse, host:port
	Warehouse         string             `yaml:"warehouse"`             // URL of a server behind it; "" is the embedded one
	WarehouseMemory   string             `yaml:"warehouse-memory"`      // size that each embedded warehouse may have in memory; "" is half of the machine's
	WarehouseTemp     string             `yaml:"warehouse-temp"`        // size of its temporary files; "" is nine tenths of what is free
	WarehouseCert     string             `yaml:"warehouse-cert"`        // certificate, a PEM file; "" does not encrypt
	WarehouseKey      string             `yaml:"warehouse-key"`         // its key, a PEM file
	WarehouseAuth     string             `yaml:"warehouse-auth"`        // "scram", or "password" as it is
	WarehouseTempDir  string             `yaml:"warehouse-temp-dir"`    // their directory; "" is the warehouse's own
	WarehouseS3       string             `yaml:"warehouse-s3-endpoint"` // URL of another S3 whose buckets COPY and UNLOAD reach; "" is none
	WarehouseS3Region string             `yaml:"warehouse-s3-region"`   // of statements that name none; "" is Region
	ConsoleAddr       string             `yaml:"console-addr"`          // web console, host:port, or "off"
	OpsAddr           string             `yaml:"ops-addr"`              // metrics and health, host:port, or "off"
	Pprof             bool               `yaml:"pprof"`                 // profiles there too
	OTLPEndpoint      string             `yaml:"otlp-endpoint"`         // URL of a collector of traces; "" sends none
	Auth              string             `yaml:"auth"`                  // "keys" or "dev"
	Region            string             `yaml:"region"`                // region of calls that name none
	LogFormat         string             `yaml:"log-format"`            // "text" or "json"
	LogLevel          string             `yaml:"log-level"`             // "debug", "info", "warn" or "error"
	NoLimits          bool               `yaml:"no-limits"`             // lift the limits of Step Functions
	Images            map[string]command `yaml:"images"`                // container image pattern to command line
	StopJobs          bool               `yaml:"stop-jobs"`             // jobs and the warehouse end with the server
	Retention         string             `yaml:"retention"`             // how long closed executions are kept
	StartRate         float64            `yaml:"start-rate"`            // StartExecution calls a second; 0 means without limit

	Temporary bool `yaml:"-"` // the data directory goes with the server, and all that runs
	Demo      bool `yaml:"-"` // jobs that run end when the server is stopped, though not when it is killed

	ConsolePassword string `yaml:"console-password"` // of the web console, beside its links; none when empty

	Schedules map[string]policyConfig  `yaml:"schedules"` // what becomes of missed and overlapping occurrences
	Triggers  map[string]triggerConfig `yaml:"triggers"`  // starts when the files of a date are complete
	SMTP      *smtpConfig              `yaml:"smtp"`      // mail server
	Alerts    []alertConfig            `yaml:"alerts"`    // who is told about executions
}

// A command is a command line: one text, split at blanks, or a list of
// arguments.
type command []string

// UnmarshalYAML reads either form.
func (c *command) UnmarshalYAML(unmarshal func(any) error) error {
	var list []string
	if unmarshal(&list) == nil {
		*c = list
		return nil
	}
	var text string
	if err := unmarshal(&text); err != nil {
		return errors.New("need a command line, or a list of arguments")
	}
	*c = strings.Fields(text)
	return nil
}

func defaultConfig() config {
	return config{
		Data:          defaultDataDir(),
		AWSAddr:       defaultAWSAddr,
		WarehouseAddr: defaultWarehouseAddr,
		ConsoleAddr:   defaultConsoleAddr,
		OpsAddr:       noOps,
		Auth:          "keys",
		Region:        "us-east-1",
		Retention:     "90d",
		LogFormat:     "text",
		LogLevel:      "info",
	}
}

// defaultDataDir follows the XDG base directory specification.
//
// https://specifications.freedesktop.org/basedir-spec/latest/
func defaultDataDir() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "salamander")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".salamander"
	}
	return filepath.Join(home, ".local", "share", "salamander")
}

// options names the settings that are flags, with where they are kept.
func (c *config) options() map[string]struct {
	value *string
	usage string
} {
	type option = struct {
		value *string
		usage string
	}
	return map[string]option{
		"data":                  {&c.Data, "data directory"},
		"aws-addr":              {&c.AWSAddr, "address of the AWS endpoint"},
		"warehouse-addr":        {&c.WarehouseAddr, "address of the warehouse (PostgreSQL protocol)"},
		"warehouse":             {&c.Warehouse, "server behind the warehouse's address: postgres://user:password@host:5432/database or redshift://… (default an embedded one)"},
		"console-addr":          {&c.ConsoleAddr, `address of the web console, or "off"`},
		"warehouse-memory":      {&c.WarehouseMemory, "memory of an embedded warehouse, such as 4GB; half of the machine's where empty"},
		"warehouse-temp":        {&c.WarehouseTemp, "limit of its temporary files, such as 50GB; nine tenths of what is free where empty"},
		"warehouse-cert":        {&c.WarehouseCert, "certificate of the warehouse, a PEM file; clients may then encrypt their connections"},
		"warehouse-key":         {&c.WarehouseKey, "its private key, a PEM file"},
		"warehouse-auth":        {&c.WarehouseAuth, `"scram", or "password": clients send the password as it is, over TLS or from this machine`},
		"warehouse-temp-dir":    {&c.WarehouseTempDir, "directory of its temporary files"},
		"warehouse-s3-endpoint": {&c.WarehouseS3, "URL of another S3, such as https://s3.{region}.amazonaws.com: COPY and UNLOAD reach its buckets where this server has none of that name"},
		"warehouse-s3-region":   {&c.WarehouseS3Region, "its region, for statements that name none (default --region)"},
		"ops-addr":              {&c.OpsAddr, `address of metrics and health, such as 127.0.0.1:4568, or "off"`},
		"otlp-endpoint":         {&c.OTLPEndpoint, "URL of an OpenTelemetry collector that takes traces by HTTP, such as http://localhost:4318"},
		"auth":                  {&c.Auth, `"keys": the generated access key; "dev": also test or a 12-digit account, secret test`},
		"region":                {&c.Region, "region of callers that name none"},
		"log-format":            {&c.LogFormat, `"text" or "json"`},
		"log-level":             {&c.LogLevel, `"debug", "info", "warn" or "error"`},
	}
}

// switches names the settings that are flags and either on or off.
func (c *config) switches() map[string]struct {
	value *bool
	usage string
} {
	type option = struct {
		value *bool
		usage string
	}
	return map[string]option{
		"no-limits": {&c.NoLimits, "lift the limits of Step Functions: 256 KiB of data, 25,000 events, 5 minutes of an express execution"},
		"stop-jobs": {&c.StopJobs, "end jobs that run, and the warehouse, with the server, however it ends; otherwise they go on and the next server takes over"},
		"pprof":     {&c.Pprof, "serve profiles at /debug/pprof/ of --ops-addr"},
	}
}

// variable is the environment variable of a setting.
func variable(name string) string {
	return "SALAMANDER_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// flags adds the named settings to set, bound to c. Without names, all.
func (c *config) flags(set *pflag.FlagSet, names ...string) {
	options := c.options()
	if len(names) == 0 {
		for name := range options {
			names = append(names, name)
		}
		for name, s := range c.switches() {
			set.BoolVar(s.value, name, *s.value, s.usage)
		}
	}
	set.String("config", "", "configuration file (default ./salamander.yaml if there)")
	for _, name := range names {
		o := options[name]
		set.StringVar(o.value, name, *o.value, o.usage)
	}
}

// load fills c from the file and the environment wherever set has no flag,
// and checks the result.
func (c *config) load(set *pflag.FlagSet, getenv func(string) string) error {
	given := map[string]string{}
	set.Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })

	if err := c.loadFile(given["config"]); err != nil {
		return err
	}
	for name, o := range c.options() {
		if v := getenv(variable(name)); v != "" {
			*o.value = v
		}
		if v, ok := given[name]; ok {
			*o.value = v
		}
	}
	if v := getenv("SALAMANDER_CONSOLE_PASSWORD"); v != "" {
		c.ConsolePassword = v // no flag: others would see it
	}
	for name, o := range c.switches() {
		for _, v := range []string{getenv(variable(name)), given[name]} {
			if v == "" {
				continue
			}
			on, err := strconv.ParseBool(v)
			if err != nil {
				return exitf(exitUsage, "--%s: got %q; need true or false", name, v)
			}
			*o.value = on
		}
	}
	return c.validate()
}

func (c *config) loadFile(file string) error {
	required := file != ""
	if !required {
		file = "salamander.yaml"
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return nil
	} else if err != nil {
		return exitf(exitUsage, "--config: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(text, c, yaml.DisallowUnknownField()); err != nil {
		return exitf(exitUsage, "%s: %s", file, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	return nil
}

var region = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

func (c *config) validate() error {
	var problems []error
	choice := func(name, value string, allowed ...string) {
		for _, a := range allowed {
			if value == a {
				return
			}
		}
		problems = append(problems, fmt.Errorf("--%s: got %q; need one of %s", name, value, strings.Join(allowed, ", ")))
	}
	choice("auth", c.Auth, "keys", "dev")
	choice("log-format", c.LogFormat, "text", "json")
	choice("log-level", c.LogLevel, "debug", "info", "warn", "error")
	if err := c.checkWire(); err != nil {
		problems = append(problems, err)
	}
	if err := c.checkS3(); err != nil {
		problems = append(problems, err)
	}
	if _, err := c.warehouseLimits(); err != nil {
		problems = append(problems, err)
	}
	if _, err := alertRules(c.Alerts); err != nil {
		problems = append(problems, err)
	}
	if err := c.checkConsole(); err != nil {
		problems = append(problems, err)
	}
	if c.Warehouse != "" {
		if _, err := proxy.ParseTarget(c.Warehouse); err != nil {
			problems = append(problems, fmt.Errorf("--warehouse: %w", err))
		}
	}
	problems = append(problems, c.checkOps()...)
	if c.Data == "" {
		problems = append(problems, errors.New("--data: need a directory"))
	}
	if !region.MatchString(c.Region) {
		problems = append(problems, fmt.Errorf("--region: got %q; need a region such as us-east-1", c.Region))
	}
	if info, err := os.Stat(c.Data); err == nil && !info.IsDir() {
		problems = append(problems, fmt.Errorf("--data: %s is a file; need a directory", c.Data))
	}
	if err := errors.Join(problems...); err != nil {
		return &exitError{exitUsage, err}
	}
	abs, err := filepath.Abs(c.Data)
	c.Data = abs
	return err
}

func (c *config) level() slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(c.LogLevel)) // validated
	return l
}
