package redshift

import (
	"context"
	"errors"
	"slices"

	"salamander/operation"
	"salamander/warehouse/cluster"
)

// DescribeClustersInput is the input of [Service.DescribeClusters].
type DescribeClustersInput struct {
	ClusterIdentifier string
	MaxRecords        int
	Marker            string
}

// DescribeClustersOutput is the output of [Service.DescribeClusters].
type DescribeClustersOutput struct{ Clusters []Cluster }

// DescribeClusters describes one cluster or all.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeClusters.html
func (s *Service) DescribeClusters(ctx context.Context, in *DescribeClustersInput) (*DescribeClustersOutput, error) {
	out := &DescribeClustersOutput{Clusters: []Cluster{}}
	if in.ClusterIdentifier != "" {
		c, err := s.clusters.Get(key(ctx, in.ClusterIdentifier))
		if err != nil {
			return nil, translate(in.ClusterIdentifier, err)
		}
		out.Clusters = append(out.Clusters, describe(c))
		return out, nil
	}
	caller := operation.CallerOf(ctx)
	for _, c := range s.clusters.List(caller.Account, caller.Region) {
		out.Clusters = append(out.Clusters, describe(c))
	}
	return out, nil
}

// ModifyClusterInput is the input of [Service.ModifyCluster].
type ModifyClusterInput struct {
	ClusterIdentifier         string
	ClusterType               string
	NodeType                  string
	NumberOfNodes             int
	MasterUserPassword        string
	PubliclyAccessible        *bool
	VpcSecurityGroupIds       []string
	ClusterParameterGroupName string

	// These have no meaning here, and nothing depends on them.
	AutomatedSnapshotRetentionPeriod *int
	ManualSnapshotRetentionPeriod    *int
	PreferredMaintenanceWindow       string
	AllowVersionUpgrade              *bool
	ClusterVersion                   string
	MaintenanceTrackName             string
	EnhancedVpcRouting               *bool
}

// ModifyCluster changes a cluster.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_ModifyCluster.html
func (s *Service) ModifyCluster(ctx context.Context, in *ModifyClusterInput) (*ClusterOutput, error) {
	if in.MasterUserPassword != "" {
		if err := checkPassword(in.MasterUserPassword); err != nil {
			return nil, err
		}
	}
	c, err := s.clusters.Update(key(ctx, in.ClusterIdentifier), func(c *cluster.Cluster) {
		set(&c.ClusterType, in.ClusterType)
		set(&c.NodeType, in.NodeType)
		set(&c.Password, in.MasterUserPassword)
		set(&c.ParameterGroup, in.ClusterParameterGroupName)
		if in.NumberOfNodes > 0 {
			c.Nodes = in.NumberOfNodes
		}
		if in.PubliclyAccessible != nil {
			c.Public = *in.PubliclyAccessible
		}
		if in.VpcSecurityGroupIds != nil {
			c.SecurityGroups = in.VpcSecurityGroupIds
		}
	})
	if errors.Is(err, cluster.ErrState) {
		return nil, s.state(key(ctx, in.ClusterIdentifier))
	} else if err != nil {
		return nil, translate(in.ClusterIdentifier, err)
	}
	return &ClusterOutput{describe(c)}, nil
}

func set(to *string, from string) {
	if from != "" {
		*to = from
	}
}

// ModifyClusterIamRolesInput is the input of [Service.ModifyClusterIamRoles].
type ModifyClusterIamRolesInput struct {
	ClusterIdentifier string
	AddIamRoles       []string
	RemoveIamRoles    []string
	DefaultIamRoleArn string
}

// ModifyClusterIamRoles changes the roles of a cluster.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_ModifyClusterIamRoles.html
func (s *Service) ModifyClusterIamRoles(ctx context.Context, in *ModifyClusterIamRolesInput) (*ClusterOutput, error) {
	c, err := s.clusters.Update(key(ctx, in.ClusterIdentifier), func(c *cluster.Cluster) {
		var roles []string
		for _, r := range append(slices.Clone(c.Roles), in.AddIamRoles...) {
			if !slices.Contains(in.RemoveIamRoles, r) && !slices.Contains(roles, r) {
				roles = append(roles, r)
			}
		}
		c.Roles = roles
	})
	if err != nil {
		return nil, translate(in.ClusterIdentifier, err)
	}
	return &ClusterOutput{describe(c)}, nil
}

// DeleteClusterInput is the input of [Service.DeleteCluster].
type DeleteClusterInput struct {
	ClusterIdentifier                   string
	SkipFinalClusterSnapshot            bool
	FinalClusterSnapshotIdentifier      string
	FinalClusterSnapshotRetentionPeriod int
}

// DeleteCluster ends a cluster and removes its data. There are no snapshots,
// so that one must be told to skip the final one.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_DeleteCluster.html
func (s *Service) DeleteCluster(ctx context.Context, in *DeleteClusterInput) (*ClusterOutput, error) {
	switch {
	case in.FinalClusterSnapshotIdentifier != "" && !in.SkipFinalClusterSnapshot:
		return nil, operation.NotImplemented(name, "DeleteCluster", "the member FinalClusterSnapshotIdentifier: it has no snapshots; give SkipFinalClusterSnapshot")
	case !in.SkipFinalClusterSnapshot:
		return nil, fail("InvalidParameterCombination", 400, "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.")
	}
	c, err := s.clusters.Delete(key(ctx, in.ClusterIdentifier))
	if err != nil {
		return nil, translate(in.ClusterIdentifier, err)
	}
	out := describe(c)
	out.ClusterStatus, out.ClusterAvailabilityStatus = "deleting", "Unavailable"
	return &ClusterOutput{out}, nil
}
