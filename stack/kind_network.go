package stack

import (
	"salamander/internal/arn"
)

// networkKinds are the types of networks. There is no network: their
// resources are recorded, have identifiers and attributes, and are enforced
// by nobody.
func networkKinds() catalog {
	one := func(prefix, props, replace string, attrs func(*call, map[string]any)) *kind {
		return &kind{props: props, replace: replace, note: recordedNote,
			create: func(c *call) error {
				c.physical = c.identifier(prefix)
				c.attrs = map[string]any{}
				if attrs != nil {
					attrs(c, c.attrs)
				}
				return nil
			},
			update: func(c *call) error {
				if attrs != nil {
					attrs(c, c.attrs)
				}
				return nil
			},
		}
	}
	id := func(name string) func(*call, map[string]any) {
		return func(c *call, a map[string]any) { a[name] = c.physical }
	}
	inVPC := func(name string) func(*call, map[string]any) {
		return func(c *call, a map[string]any) { a[name], a["VpcId"] = c.physical, c.text("VpcId") }
	}
	// A link has no identifier of its own but what it links.
	link := func(props, replace string, physical func(*call) string) *kind {
		return &kind{props: props, replace: replace, note: recordedNote,
			create: func(c *call) error { c.physical = physical(c); return nil },
			update: func(*call) error { return nil },
		}
	}
	const tags = " Tags"
	return catalog{
		"AWS::EC2::VPC": one("vpc", "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Ipv4IpamPoolId Ipv4NetmaskLength"+tags, "CidrBlock",
			func(c *call, a map[string]any) {
				a["VpcId"], a["CidrBlock"] = c.physical, c.text("CidrBlock")
				a["CidrBlockAssociations"] = []any{c.identifier("vpc-cidr-assoc")}
				a["DefaultNetworkAcl"], a["DefaultSecurityGroup"] = c.identifier("acl"), c.identifier("sg")
				a["Ipv6CidrBlocks"] = []any{}
			}),
		"AWS::EC2::Subnet": one("subnet", "VpcId CidrBlock AvailabilityZone AvailabilityZoneId MapPublicIpOnLaunch AssignIpv6AddressOnCreation Ipv6CidrBlock EnableDns64 PrivateDnsNameOptionsOnLaunch"+tags,
			"VpcId CidrBlock AvailabilityZone AvailabilityZoneId",
			func(c *call, a map[string]any) {
				a["SubnetId"], a["VpcId"], a["CidrBlock"] = c.physical, c.text("VpcId"), c.text("CidrBlock")
				zone := c.text("AvailabilityZone")
				if zone == "" {
					zone = c.stack.Region + "a"
				}
				a["AvailabilityZone"], a["AvailabilityZoneId"] = zone, "use1-az1"
				a["NetworkAclAssociationId"], a["Ipv6CidrBlocks"] = c.identifier("aclassoc"), []any{}
			}),
		"AWS::EC2::SecurityGroup": one("sg", "GroupDescription GroupName VpcId SecurityGroupIngress SecurityGroupEgress"+tags, "GroupDescription GroupName VpcId",
			func(c *call, a map[string]any) {
				a["GroupId"], a["Id"], a["VpcId"] = c.physical, c.physical, c.text("VpcId")
				a["GroupName"], _ = c.name("GroupName", naming{max: 255})
			}),
		"AWS::EC2::SecurityGroupIngress": one("sgr", "GroupId GroupName IpProtocol FromPort ToPort CidrIp CidrIpv6 Description SourceSecurityGroupId SourceSecurityGroupName SourceSecurityGroupOwnerId SourcePrefixListId",
			"GroupId GroupName IpProtocol FromPort ToPort CidrIp CidrIpv6 SourceSecurityGroupId SourceSecurityGroupName SourceSecurityGroupOwnerId SourcePrefixListId", id("Id")),
		"AWS::EC2::SecurityGroupEgress": one("sgr", "GroupId IpProtocol FromPort ToPort CidrIp CidrIpv6 Description DestinationSecurityGroupId DestinationPrefixListId",
			"GroupId IpProtocol FromPort ToPort CidrIp CidrIpv6 DestinationSecurityGroupId DestinationPrefixListId", id("Id")),
		"AWS::EC2::InternetGateway": one("igw", "Tags", "", id("InternetGatewayId")),
		"AWS::EC2::RouteTable":      one("rtb", "VpcId"+tags, "VpcId", inVPC("RouteTableId")),
		"AWS::EC2::NetworkAcl":      one("acl", "VpcId"+tags, "VpcId", inVPC("Id")),
		"AWS::EC2::NatGateway":      one("nat", "SubnetId AllocationId ConnectivityType PrivateIpAddress"+tags, "SubnetId AllocationId ConnectivityType PrivateIpAddress", id("NatGatewayId")),
		"AWS::EC2::VPCEndpoint": one("vpce", "VpcId ServiceName VpcEndpointType RouteTableIds SubnetIds SecurityGroupIds PolicyDocument PrivateDnsEnabled"+tags, "VpcId ServiceName VpcEndpointType",
			func(c *call, a map[string]any) {
				a["Id"], a["CreationTimestamp"] = c.physical, c.stack.Created.UTC().Format("2006-01-02T15:04:05Z")
				a["DnsEntries"], a["NetworkInterfaceIds"] = []any{}, []any{}
			}),
		"AWS::EC2::EIP": {props: "Domain InstanceId Tags", replace: "Domain", note: recordedNote,
			create: func(c *call) error {
				c.physical = "192.0.2.1" // of RFC 5737: it leads nowhere
				c.attrs = map[string]any{"AllocationId": c.identifier("eipalloc"), "PublicIp": c.physical}
				return nil
			},
			update: func(*call) error { return nil },
		},
		"AWS::EC2::VPCGatewayAttachment": link("VpcId InternetGatewayId VpnGatewayId", "VpcId",
			func(c *call) string { return "IGW|" + c.text("VpcId") }),
		"AWS::EC2::Route": link("RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock GatewayId NatGatewayId InstanceId NetworkInterfaceId VpcPeeringConnectionId TransitGatewayId",
			"RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock",
			func(c *call) string {
				return c.text("RouteTableId") + "|" + c.text("DestinationCidrBlock") + c.text("DestinationIpv6CidrBlock")
			}),
		"AWS::EC2::SubnetRouteTableAssociation": one("rtbassoc", "SubnetId RouteTableId", "SubnetId", id("Id")),
		"AWS::EC2::SubnetNetworkAclAssociation": one("aclassoc", "SubnetId NetworkAclId", "SubnetId NetworkAclId", id("AssociationId")),
	}
}

// arnOf returns an ARN in the stack's scope.
func (c *call) arnOf(service, resource string) string {
	return arn.New(service, c.stack.Region, c.stack.Account, resource)
}
