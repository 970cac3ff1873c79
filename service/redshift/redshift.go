// Package redshift is the operations of Amazon Redshift on clusters, each an
// embedded warehouse of its own.
package redshift

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"salamander/internal/arn"
	"salamander/operation"
	"salamander/warehouse/cluster"
)

const name = "redshift"

// Clusters keeps the clusters.
type Clusters interface {
	Create(cluster.Cluster) (cluster.Cluster, error)
	Get(cluster.Key) (cluster.Cluster, error)
	List(account, region string) []cluster.Cluster
	Update(cluster.Key, func(*cluster.Cluster)) (cluster.Cluster, error)
	Delete(cluster.Key) (cluster.Cluster, error)
	Pause(cluster.Key) (cluster.Cluster, error)
	Resume(cluster.Key) (cluster.Cluster, error)
	Reboot(cluster.Key) (cluster.Cluster, error)
}

// A Service is the operations of Amazon Redshift.
type Service struct{ clusters Clusters }

// New returns the operations over clusters.
func New(clusters Clusters) *Service { return &Service{clusters} }

// Register adds the operations to the registry, and refuses by name those that
// templates and scripts use and that are not implemented.
func Register(r *operation.Registry, s *Service) {
	const recorded = "an embedded warehouse of its own: database, user, password and port are real (the next free port where the wanted one is taken); nodes, network, roles and groups are recorded, not enforced"
	spec := func(op string, mutates bool, note string) operation.Spec {
		return operation.Spec{Service: name, Name: op, Mutates: mutates, Status: operation.Partial, Note: note}
	}
	operation.Register(r, spec("CreateCluster", true, recorded), s.CreateCluster)
	operation.Register(r, spec("DescribeClusters", false, "clusters that were created; not the built-in warehouse"), s.DescribeClusters)
	operation.Register(r, spec("ModifyCluster", true, "password, nodes and recorded members"), s.ModifyCluster)
	operation.Register(r, spec("ModifyClusterIamRoles", true, "roles are recorded, not enforced"), s.ModifyClusterIamRoles)
	operation.Register(r, spec("DeleteCluster", true, "no final snapshots"), s.DeleteCluster)
	operation.Register(r, spec("PauseCluster", true, "at once: nobody can connect, and the data stay"), s.PauseCluster)
	operation.Register(r, spec("ResumeCluster", true, "at once, at its port where that is free"), s.ResumeCluster)
	operation.Register(r, spec("RebootCluster", true, "its connections end and its warehouse starts anew"), s.RebootCluster)
	r.Refuse(name, "ResizeCluster", "a warehouse has the machine that it runs on")
	for _, op := range []string{"CreateClusterSnapshot", "DescribeClusterSnapshots", "DeleteClusterSnapshot", "RestoreFromClusterSnapshot"} {
		r.Refuse(name, op, "it has no snapshots")
	}
}

func fail(code string, status int, format string, args ...any) error {
	return &operation.Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...)}
}

func key(ctx context.Context, id string) cluster.Key {
	c := operation.CallerOf(ctx)
	return cluster.Key{Account: c.Account, Region: c.Region, ID: strings.ToLower(id)}
}

func translate(id string, err error) error {
	switch {
	case errors.Is(err, cluster.ErrNotFound):
		return fail("ClusterNotFound", 404, "Cluster %s not found.", id)
	case errors.Is(err, cluster.ErrExists):
		return fail("ClusterAlreadyExists", 400, "Cluster already exists")
	}
	return err
}

// A Tag is a tag of a cluster.
type Tag struct{ Key, Value string }

// An Endpoint is where a cluster is reached.
type Endpoint struct {
	Address string
	Port    int
}

// A Role is a role of a cluster.
type Role struct{ IamRoleArn, ApplyStatus string }

// A Group is a security group of a cluster.
type Group struct{ VpcSecurityGroupId, Status string }

// A ParameterGroup is the parameter group of a cluster.
type ParameterGroup struct{ ParameterGroupName, ParameterApplyStatus string }

// A Cluster is a cluster as it is described.
type Cluster struct {
	ClusterIdentifier         string
	NodeType                  string
	ClusterStatus             string
	ClusterAvailabilityStatus string
	MasterUsername            string
	DBName                    string
	Endpoint                  Endpoint
	ClusterCreateTime         *operation.Time
	VpcSecurityGroups         []Group
	ClusterParameterGroups    []ParameterGroup
	ClusterSubnetGroupName    string `json:",omitempty"`
	AvailabilityZone          string
	NumberOfNodes             int
	PubliclyAccessible        bool
	Encrypted                 bool
	IamRoles                  []Role
	Tags                      []Tag
	ClusterNamespaceArn       string
}

func describe(c cluster.Cluster) Cluster {
	out := Cluster{ClusterIdentifier: c.ID, NodeType: c.NodeType, ClusterStatus: "available", ClusterAvailabilityStatus: "Available",
		MasterUsername: c.User, DBName: c.Database, Endpoint: Endpoint{c.Host, c.Port}, ClusterCreateTime: &operation.Time{Time: c.Created},
		VpcSecurityGroups: []Group{}, ClusterParameterGroups: []ParameterGroup{}, ClusterSubnetGroupName: c.SubnetGroup,
		AvailabilityZone: c.Region + "a", NumberOfNodes: c.Nodes, PubliclyAccessible: c.Public, IamRoles: []Role{}, Tags: []Tag{},
		ClusterNamespaceArn: arn.New("redshift", c.Region, c.Account, "namespace:"+c.Creation)}
	if c.Paused {
		out.ClusterStatus, out.ClusterAvailabilityStatus = "paused", "Unavailable"
	}
	for _, g := range c.SecurityGroups {
		out.VpcSecurityGroups = append(out.VpcSecurityGroups, Group{g, "active"})
	}
	group := c.ParameterGroup
	if group == "" {
		group = "default.redshift-1.0"
	}
	out.ClusterParameterGroups = append(out.ClusterParameterGroups, ParameterGroup{group, "in-sync"})
	for _, r := range c.Roles {
		out.IamRoles = append(out.IamRoles, Role{r, "in-sync"})
	}
	for k, v := range c.Tags {
		out.Tags = append(out.Tags, Tag{k, v})
	}
	return out
}

var (
	idPattern   = regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9]){0,62}$`)
	userPattern = regexp.MustCompile(`^[a-z][a-z0-9_+.@-]{0,127}$`)
	namePattern = regexp.MustCompile(`^[a-z_][a-z0-9_$]{0,63}$`)
)

func invalid(format string, args ...any) error {
	return fail("InvalidParameterValue", 400, format, args...)
}

// checkPassword judges a password as Redshift does.
func checkPassword(p string) error {
	has := func(set string) bool { return strings.ContainsAny(p, set) }
	switch {
	case len(p) < 8 || len(p) > 64:
		return invalid("The parameter MasterUserPassword is not a valid password because it must have a length between 8 and 64 characters.")
	case !has("ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
		return invalid("The parameter MasterUserPassword must contain at least one upper case letter.")
	case !has("abcdefghijklmnopqrstuvwxyz"):
		return invalid("The parameter MasterUserPassword must contain at least one lower case letter.")
	case !has("0123456789"):
		return invalid("The parameter MasterUserPassword must contain at least one number.")
	case has(`'"\/@ `):
		return invalid("The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ', '\\', ''' may be used.")
	}
	return nil
}
