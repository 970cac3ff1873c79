package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/user"
	"runtime"
	"strings"

	"salamander/batch"
)

// check refuses what the container asks for and a process cannot have, by
// name, rather than run the command without it. What asks for nothing, or
// only for more rights than a process needs, is let pass.
func check(c batch.ContainerProperties) error {
	no := func(member, hint string) error {
		return fmt.Errorf("a job that runs as a process cannot have containerProperties.%s: %s", member, hint)
	}
	if c.ReadonlyRootFilesystem != nil && *c.ReadonlyRootFilesystem {
		return no("readonlyRootFilesystem", "its file system is this machine's")
	}
	if !blank(c.Ulimits) {
		return no("ulimits", "set them for the engine")
	}
	for _, r := range c.ResourceRequirements {
		if r.Type == "GPU" {
			return no("resourceRequirements of type GPU", "devices are not assigned to processes")
		}
	}
	if c.User != "" && !isUs(c.User) {
		return no("user", "it runs as the user of the engine")
	}
	if err := checkMounts(c.Volumes, c.MountPoints); err != nil {
		return no("mountPoints", err.Error())
	}
	if err := checkLinux(c.LinuxParameters); err != nil {
		return no("linuxParameters", err.Error())
	}
	if err := checkPlatform(c.RuntimePlatform); err != nil {
		return no("runtimePlatform", err.Error())
	}
	return nil
}

func blank(raw json.RawMessage) bool {
	switch strings.TrimSpace(string(raw)) {
	case "", "null", "{}", "[]":
		return true
	}
	return false
}

// isUs reports whether name, a name or number that a group may follow, is the
// user of this process.
func isUs(name string) bool {
	name, _, _ = strings.Cut(name, ":")
	us, err := user.Current()
	return err == nil && (name == us.Username || name == us.Uid)
}

// checkMounts lets only those directories be mounted that already are where
// the container wants them.
func checkMounts(volumes, points json.RawMessage) error {
	if blank(points) {
		return nil // volumes that nobody mounts do nothing
	}
	var have []struct {
		Name string
		Host struct{ SourcePath string }
	}
	var want []struct {
		ContainerPath, SourceVolume string
		ReadOnly                    bool
	}
	if !blank(volumes) {
		if err := json.Unmarshal(volumes, &have); err != nil {
			return fmt.Errorf("volumes: %w", err)
		}
	}
	if err := json.Unmarshal(points, &want); err != nil {
		return err
	}
	sources := map[string]string{}
	for _, v := range have {
		sources[v.Name] = v.Host.SourcePath
	}
	for _, m := range want {
		if m.ReadOnly || m.ContainerPath == "" || sources[m.SourceVolume] != m.ContainerPath {
			return fmt.Errorf("nothing can be mounted at %q; only a host's sourcePath that is the containerPath, and not readOnly, does without", m.ContainerPath)
		}
	}
	return nil
}

func checkLinux(raw json.RawMessage) error {
	if blank(raw) {
		return nil
	}
	var asked map[string]json.RawMessage
	if err := json.Unmarshal(raw, &asked); err != nil {
		return err
	}
	for name, value := range asked {
		switch name {
		case "initProcessEnabled", "swappiness", "maxSwap": // nothing depends on them here
		default:
			if !blank(value) && string(value) != "0" {
				return fmt.Errorf("%s is not to be had", name)
			}
		}
	}
	return nil
}

func checkPlatform(raw json.RawMessage) error {
	if blank(raw) {
		return nil
	}
	var p struct{ CPUArchitecture, OperatingSystemFamily string }
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	ours := map[string]string{"amd64": "X86_64", "arm64": "ARM64"}[runtime.GOARCH]
	if p.CPUArchitecture != "" && p.CPUArchitecture != ours {
		return fmt.Errorf("this machine is no %s", p.CPUArchitecture)
	}
	if strings.HasPrefix(p.OperatingSystemFamily, "WINDOWS") {
		return errors.New("this machine does not run Windows")
	}
	return nil
}
