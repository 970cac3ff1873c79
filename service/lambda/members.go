package lambda

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"salamander/function"
)

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// An Other is a member that we do not have; it is refused when it says
// something.
type Other struct{ json.RawMessage }

// UnmarshalJSON keeps the member.
func (o *Other) UnmarshalJSON(b []byte) error {
	o.RawMessage = bytes.Clone(b)
	return nil
}

// given reports whether the member says something: not null, false, nothing
// or lists of nothing.
func (o Other) given() bool {
	if len(o.RawMessage) == 0 {
		return false
	}
	var v any
	return json.Unmarshal(o.RawMessage, &v) != nil || says(v)
}

func says(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return slices.ContainsFunc(v, says)
	case map[string]any:
		for _, x := range v {
			if says(x) {
				return true
			}
		}
		return false
	}
	return true
}

// Code is where a function's package comes from.
type Code struct {
	ZipFile         []byte
	S3Bucket        string
	S3Key           string
	S3ObjectVersion string
	ImageUri        string
	SourceKMSKeyArn string
}

// Environment is a function's own variables.
type Environment struct {
	Variables map[string]string `json:",omitempty"`
}

// Tracing tells whether requests are traced.
type Tracing struct{ Mode string }

// Ephemeral is the size of a function's /tmp in MB.
type Ephemeral struct{ Size int }

// Logging tells where a function's logs go.
type Logging struct {
	LogFormat           string `json:",omitempty"`
	LogGroup            string `json:",omitempty"`
	ApplicationLogLevel string `json:",omitempty"`
	SystemLogLevel      string `json:",omitempty"`
}

// SnapStart tells whether environments start from snapshots.
type SnapStart struct {
	ApplyOn            string
	OptimizationStatus string `json:",omitempty"`
}

// Configuration is a function as operations answer it.
type Configuration struct {
	FunctionName     string
	FunctionArn      string
	Runtime          string
	Role             string
	Handler          string
	CodeSize         int64
	Description      string
	Timeout          int
	MemorySize       int
	LastModified     string
	CodeSha256       string
	Version          string
	Environment      *Environment `json:",omitempty"`
	TracingConfig    Tracing
	RevisionId       string
	State            string
	LastUpdateStatus string
	PackageType      string
	Architectures    []string
	EphemeralStorage Ephemeral
	SnapStart        SnapStart
	LoggingConfig    Logging
}

// configuration returns a function as operations answer it that name it with
// a qualifier, or without one.
func configuration(f function.Function, qualifier string) *Configuration {
	c := &Configuration{
		FunctionName: f.Name, FunctionArn: f.ARN() + suffix(qualifier), Runtime: f.Runtime, Role: f.Role, Handler: f.Handler, CodeSize: f.CodeSize,
		Description: f.Description, Timeout: f.Timeout, MemorySize: f.MemorySize, LastModified: f.Modified.UTC().Format("2006-01-02T15:04:05.000-0700"),
		CodeSha256: codeHash(f.CodeSHA256), Version: f.VersionName(), TracingConfig: Tracing{"PassThrough"}, RevisionId: f.Revision,
		State: "Active", LastUpdateStatus: "Successful", PackageType: "Zip", Architectures: []string{f.Machine},
		EphemeralStorage: Ephemeral{512}, SnapStart: SnapStart{ApplyOn: "None", OptimizationStatus: "Off"},
		LoggingConfig: Logging{LogFormat: "Text", LogGroup: f.LogGroup()},
	}
	if len(f.Environment) > 0 {
		c.Environment = &Environment{f.Environment}
	}
	return c
}

// codeHash returns a hash in base64 that is given in hexadecimal.
func codeHash(sum string) string {
	b, err := hex.DecodeString(sum)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(b)
}

// Settings are the members that CreateFunction and
// UpdateFunctionConfiguration share. Those that are nil stay as they are.
type Settings struct {
	Runtime          *string
	Role             *string
	Handler          *string
	Description      *string
	Timeout          *int
	MemorySize       *int
	Environment      *Environment
	TracingConfig    *Tracing
	EphemeralStorage *Ephemeral
	SnapStart        *SnapStart
	LoggingConfig    *Logging

	VpcConfig, DeadLetterConfig, KMSKeyArn, Layers, FileSystemConfigs, ImageConfig, CapacityProviderConfig, DurableConfig Other
}

// check refuses what we do not have, and what AWS does not take.
func (s Settings) check(op string, f function.Function) error {
	if err := refused(op, map[string]bool{
		"VpcConfig": s.VpcConfig.given(), "DeadLetterConfig": s.DeadLetterConfig.given(), "KMSKeyArn": s.KMSKeyArn.given(),
		"Layers": s.Layers.given(), "FileSystemConfigs": s.FileSystemConfigs.given(), "ImageConfig": s.ImageConfig.given(),
		"CapacityProviderConfig": s.CapacityProviderConfig.given(), "DurableConfig": s.DurableConfig.given(),
		"TracingConfig.Mode Active": s.TracingConfig != nil && s.TracingConfig.Mode == "Active",
		"EphemeralStorage":          s.EphemeralStorage != nil && s.EphemeralStorage.Size != 512,
		"SnapStart":                 s.SnapStart != nil && s.SnapStart.ApplyOn != "None" && s.SnapStart.ApplyOn != "",
		"LoggingConfig": s.LoggingConfig != nil && (s.LoggingConfig.LogFormat == "JSON" || s.LoggingConfig.ApplicationLogLevel != "" || s.LoggingConfig.SystemLogLevel != "" ||
			s.LoggingConfig.LogGroup != "" && s.LoggingConfig.LogGroup != f.LogGroup()),
	}); err != nil {
		return err
	}
	const limit = "1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value %s than or equal to %d"
	for _, n := range []struct {
		name     string
		value    *int
		min, max int
	}{{"timeout", s.Timeout, 1, 900}, {"memorySize", s.MemorySize, 128, 10240}} {
		switch {
		case n.value == nil:
		case *n.value < n.min:
			return fail("ValidationException", 400, limit, *n.value, n.name, "greater", n.min)
		case *n.value > n.max:
			return fail("ValidationException", 400, limit, *n.value, n.name, "less", n.max)
		}
	}
	if s.Environment == nil {
		return nil
	}
	var taken []string
	size := 0
	for name, value := range s.Environment.Variables {
		size += len(name) + len(value)
		if reserved[name] {
			taken = append(taken, name)
		}
	}
	if len(taken) > 0 {
		return invalid("Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s", strings.Join(sorted(taken), ", "))
	}
	if size > 4096 {
		return invalid("Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.")
	}
	return nil
}

// apply changes f as the settings say.
func (s Settings) apply(f *function.Function) {
	set(&f.Runtime, s.Runtime)
	set(&f.Role, s.Role)
	set(&f.Handler, s.Handler)
	set(&f.Description, s.Description)
	set(&f.Timeout, s.Timeout)
	set(&f.MemorySize, s.MemorySize)
	if s.Environment != nil {
		f.Environment = s.Environment.Variables
	}
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
