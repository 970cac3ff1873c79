package redshift

import (
	"context"
	"errors"

	"salamander/warehouse/cluster"
)

// ClusterInput names a cluster.
type ClusterInput struct{ ClusterIdentifier string }

// PauseCluster ends a cluster's warehouse and keeps its data. It is paused
// when the answer comes.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_PauseCluster.html
func (s *Service) PauseCluster(ctx context.Context, in *ClusterInput) (*ClusterOutput, error) {
	return s.act(ctx, in, s.clusters.Pause)
}

// ResumeCluster has a paused cluster serve again.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_ResumeCluster.html
func (s *Service) ResumeCluster(ctx context.Context, in *ClusterInput) (*ClusterOutput, error) {
	return s.act(ctx, in, s.clusters.Resume)
}

// RebootCluster ends a cluster's connections and starts its warehouse anew.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_RebootCluster.html
func (s *Service) RebootCluster(ctx context.Context, in *ClusterInput) (*ClusterOutput, error) {
	return s.act(ctx, in, s.clusters.Reboot)
}

func (s *Service) act(ctx context.Context, in *ClusterInput, do func(cluster.Key) (cluster.Cluster, error)) (*ClusterOutput, error) {
	k := key(ctx, in.ClusterIdentifier)
	c, err := do(k)
	if errors.Is(err, cluster.ErrState) {
		return nil, s.state(k)
	} else if err != nil {
		return nil, translate(in.ClusterIdentifier, err)
	}
	return &ClusterOutput{describe(c)}, nil
}

// state tells in which state a cluster is that has to be in another one.
func (s *Service) state(k cluster.Key) error {
	status := "available"
	if c, err := s.clusters.Get(k); err == nil && c.Paused {
		status = "paused"
	}
	return fail("InvalidClusterState", 400, "You cannot do this while the cluster %s is %s.", k.ID, status)
}
