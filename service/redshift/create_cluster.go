package redshift

import (
	"context"
	"strings"
	"time"

	"salamander/operation"
	"salamander/warehouse/cluster"
)

// CreateClusterInput is the input of [Service.CreateCluster].
type CreateClusterInput struct {
	ClusterIdentifier         string
	DBName                    string
	ClusterType               string
	NodeType                  string
	NumberOfNodes             int
	MasterUsername            string
	MasterUserPassword        string
	Port                      int
	PubliclyAccessible        bool
	IamRoles                  []string
	DefaultIamRoleArn         string
	VpcSecurityGroupIds       []string
	ClusterSubnetGroupName    string
	ClusterParameterGroupName string
	AvailabilityZone          string
	Tags                      []Tag

	// These have no meaning here, and nothing depends on them.
	AutomatedSnapshotRetentionPeriod int
	ManualSnapshotRetentionPeriod    int
	PreferredMaintenanceWindow       string
	AllowVersionUpgrade              bool
	ClusterVersion                   string
	MaintenanceTrackName             string
	EnhancedVpcRouting               bool
}

// ClusterOutput is a cluster that was made, changed or deleted.
type ClusterOutput struct{ Cluster Cluster }

// CreateCluster makes a warehouse, which serves at once.
//
// https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCluster.html
func (s *Service) CreateCluster(ctx context.Context, in *CreateClusterInput) (*ClusterOutput, error) {
	k := key(ctx, in.ClusterIdentifier)
	nodes := max(in.NumberOfNodes, 1)
	switch {
	case !idPattern.MatchString(k.ID):
		return nil, invalid("Invalid cluster identifier: %s. It must begin with a letter and have letters, digits and single hyphens, at most 63.", in.ClusterIdentifier)
	case !userPattern.MatchString(in.MasterUsername):
		return nil, invalid("The parameter MasterUsername is not valid: %s", in.MasterUsername)
	case in.MasterUserPassword == "":
		return nil, invalid("Either MasterUserPassword or ManageMasterPassword is required")
	case in.DBName != "" && !namePattern.MatchString(strings.ToLower(in.DBName)):
		return nil, invalid("The parameter DBName is not valid: %s", in.DBName)
	case in.ClusterType == "single-node" && nodes > 1:
		return nil, fail("InvalidParameterCombination", 400, "Number of nodes cannot be specified for a single-node cluster")
	case in.ClusterType == "multi-node" && nodes < 2:
		return nil, fail("InvalidParameterCombination", 400, "Number of nodes for cluster type multi-node must be greater than or equal to 2")
	case in.Port != 0 && (in.Port < 1024 || in.Port > 65535):
		return nil, invalid("Invalid port: %d", in.Port)
	}
	if err := checkPassword(in.MasterUserPassword); err != nil {
		return nil, err
	}
	cl := cluster.Cluster{Key: k, Database: strings.ToLower(in.DBName), User: in.MasterUsername, Password: in.MasterUserPassword, Port: in.Port,
		Created: time.Now(), Creation: operation.NewID(ctx), ClusterType: in.ClusterType, NodeType: in.NodeType, Nodes: nodes,
		Public: in.PubliclyAccessible, Roles: in.IamRoles, ParameterGroup: in.ClusterParameterGroupName, SubnetGroup: in.ClusterSubnetGroupName,
		SecurityGroups: in.VpcSecurityGroupIds, Tags: map[string]string{}}
	if cl.Database == "" {
		cl.Database = "dev"
	}
	if cl.Port == 0 {
		cl.Port = 5439
	}
	for _, t := range in.Tags {
		cl.Tags[t.Key] = t.Value
	}
	made, err := s.clusters.Create(cl)
	if err != nil {
		return nil, translate(k.ID, err)
	}
	return &ClusterOutput{describe(made)}, nil
}
