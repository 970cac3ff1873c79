package stack

import "strings"

// redshiftKinds are the types of Amazon Redshift. A cluster is an embedded
// warehouse of its own.
func redshiftKinds() catalog {
	const clusterProps = "ClusterIdentifier ClusterType NodeType NumberOfNodes DBName MasterUsername MasterUserPassword ManageMasterPassword Port IamRoles DefaultIamRoleArn " +
		"ClusterParameterGroupName ClusterSubnetGroupName VpcSecurityGroupIds ClusterSecurityGroups PubliclyAccessible AvailabilityZone Encrypted KmsKeyId " +
		"AutomatedSnapshotRetentionPeriod ManualSnapshotRetentionPeriod PreferredMaintenanceWindow AllowVersionUpgrade ClusterVersion EnhancedVpcRouting MaintenanceTrackName Tags"
	return catalog{
		"AWS::Redshift::Cluster": {
			props: clusterProps, replace: "ClusterIdentifier DBName MasterUsername ClusterSubnetGroupName Port AvailabilityZone", named: "ClusterIdentifier", tagged: true,
			note:   "an embedded warehouse; network and roles are recorded",
			create: createCluster, update: updateCluster,
			remove: func(c *call) error {
				_, err := c.do("redshift", "DeleteCluster", map[string]any{"ClusterIdentifier": c.physical, "SkipFinalClusterSnapshot": true})
				if err != nil {
					return gone(err)
				}
				return c.wait(func() (bool, error) {
					_, err := c.do("redshift", "DescribeClusters", map[string]any{"ClusterIdentifier": c.physical})
					return err != nil, gone(err)
				})
			},
			needs: []string{"redshift:CreateCluster", "redshift:DescribeClusters", "redshift:DeleteCluster"},
		},
		"AWS::Redshift::ClusterParameterGroup": {
			props: "ParameterGroupName ParameterGroupFamily Description Parameters Tags", replace: "ParameterGroupName ParameterGroupFamily Description", named: "ParameterGroupName",
			note:   recordedNote,
			create: func(c *call) error { return c.createGroup("ParameterGroupName") },
			update: func(*call) error { return nil },
		},
		"AWS::Redshift::ClusterSubnetGroup": {
			props: "ClusterSubnetGroupName Description SubnetIds Tags", replace: "ClusterSubnetGroupName", named: "ClusterSubnetGroupName",
			note:   recordedNote,
			create: func(c *call) error { return c.createGroup("ClusterSubnetGroupName") },
			update: func(*call) error { return nil },
		},
	}
}

// createGroup records a group: a warehouse has no nodes to apply it to.
func (c *call) createGroup(prop string) error {
	name, _ := c.name(prop, naming{max: 255, lower: true})
	c.physical = strings.ToLower(name)
	c.attrs = map[string]any{prop: c.physical}
	return nil
}

func createCluster(c *call) error {
	name, generated := c.name("ClusterIdentifier", naming{max: 63, lower: true})
	in, err := c.input("redshift", "CreateCluster", map[string]string{"ManageMasterPassword": "ManageMasterPassword"})
	if err != nil {
		return err
	}
	in["ClusterIdentifier"] = name
	if _, err := c.do("redshift", "CreateCluster", in); c.made(err, generated) != nil {
		return err
	}
	c.physical = name
	return c.awaitCluster()
}

// awaitCluster waits until the cluster is available, and keeps its endpoint.
func (c *call) awaitCluster() error {
	return c.wait(func() (bool, error) {
		out, err := c.do("redshift", "DescribeClusters", map[string]any{"ClusterIdentifier": c.physical})
		if err != nil {
			return false, err
		}
		clusters := list(out, "Clusters")
		if len(clusters) == 0 || get(clusters[0], "ClusterStatus") != "available" {
			return false, nil
		}
		c.attrs = map[string]any{
			"Id":                  c.physical,
			"Endpoint.Address":    get(clusters[0], "Endpoint", "Address"),
			"Endpoint.Port":       get(clusters[0], "Endpoint", "Port"),
			"ClusterNamespaceArn": get(clusters[0], "ClusterNamespaceArn"),
		}
		return true, nil
	})
}

func updateCluster(c *call) error {
	in, err := inputOf("redshift", "ModifyCluster", only(c.props, changedProperties(c.old, c.props)...), map[string]string{"Tags": "", "IamRoles": "", "DefaultIamRoleArn": ""})
	if err != nil {
		return err
	}
	if len(in) > 0 {
		in["ClusterIdentifier"] = c.physical
		if _, err := c.do("redshift", "ModifyCluster", in); err != nil {
			return err
		}
	}
	if c.changed("IamRoles") {
		roles := map[string]any{"ClusterIdentifier": c.physical,
			"AddIamRoles": without(list(c.props, "IamRoles"), list(c.old, "IamRoles")), "RemoveIamRoles": without(list(c.old, "IamRoles"), list(c.props, "IamRoles"))}
		if _, err := c.do("redshift", "ModifyClusterIamRoles", roles); err != nil {
			return err
		}
	}
	return c.awaitCluster()
}
