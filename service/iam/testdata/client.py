"""What boto3 sees of the roles: python3 client.py ENDPOINT make|take"""
import json, sys, boto3

iam = boto3.client("iam", endpoint_url=sys.argv[1])
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
doc = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
managed = "arn:aws:iam::aws:policy/service-role/AWSBatchServiceRole"


def fails(code, f, **args):
    try:
        f(**args)
    except iam.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return e
    raise AssertionError(f"{code} expected")


def make():
    role = iam.create_role(RoleName="R", Path="/a/", AssumeRolePolicyDocument=json.dumps(trust), Tags=[{"Key": "k", "Value": "v"}])["Role"]
    assert role["Arn"] == "arn:aws:iam::000000000000:role/a/R" and role["AssumeRolePolicyDocument"] == trust, role
    assert role["RoleId"].startswith("AROA") and role["MaxSessionDuration"] == 3600
    fails("EntityAlreadyExists", iam.create_role, RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
    fails("MalformedPolicyDocument", iam.create_role, RoleName="s", AssumeRolePolicyDocument="{")
    e = fails("NoSuchEntity", iam.get_role, RoleName="none")
    assert isinstance(e, iam.exceptions.NoSuchEntityException) and e.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    iam.put_role_policy(RoleName="R", PolicyName="inline", PolicyDocument=json.dumps(doc))
    assert iam.get_role_policy(RoleName="R", PolicyName="inline")["PolicyDocument"] == doc
    policy = iam.create_policy(PolicyName="P", PolicyDocument=json.dumps(doc), Description="d")["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="R", PolicyArn=policy)
    iam.attach_role_policy(RoleName="R", PolicyArn=managed)
    fails("NoSuchEntity", iam.attach_role_policy, RoleName="R", PolicyArn=policy + "x")
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=json.dumps({**doc, "Id": "2"}), SetAsDefault=True)
    iam.create_instance_profile(InstanceProfileName="I")
    iam.add_role_to_instance_profile(InstanceProfileName="I", RoleName="R")
    fails("LimitExceeded", iam.add_role_to_instance_profile, InstanceProfileName="I", RoleName="R")


def take():
    policy = "arn:aws:iam::000000000000:policy/P"
    assert [r["RoleName"] for r in iam.list_roles(PathPrefix="/a/")["Roles"]] == ["R"]
    assert iam.get_role(RoleName="R")["Role"]["Tags"] == [{"Key": "k", "Value": "v"}]
    assert [p["PolicyName"] for p in iam.list_attached_role_policies(RoleName="R")["AttachedPolicies"]] == ["AWSBatchServiceRole", "P"]
    got = iam.get_policy(PolicyArn=policy)["Policy"]
    assert got["DefaultVersionId"] == "v2" and got["AttachmentCount"] == 1, got
    assert iam.get_policy_version(PolicyArn=policy, VersionId="v2")["PolicyVersion"]["Document"]["Id"] == "2"
    assert [p["PolicyName"] for p in iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]] == ["P"]
    assert [r["RoleName"] for r in iam.list_entities_for_policy(PolicyArn=policy)["PolicyRoles"]] == ["R"]
    assert iam.get_instance_profile(InstanceProfileName="I")["InstanceProfile"]["Roles"][0]["RoleName"] == "R"
    fails("DeleteConflict", iam.delete_role, RoleName="R")
    iam.remove_role_from_instance_profile(InstanceProfileName="I", RoleName="R")
    iam.delete_instance_profile(InstanceProfileName="I")
    fails("DeleteConflict", iam.delete_policy, PolicyArn=policy)
    for p in (policy, managed):
        iam.detach_role_policy(RoleName="R", PolicyArn=p)
    fails("DeleteConflict", iam.delete_role, RoleName="R")
    iam.delete_role_policy(RoleName="R", PolicyName="inline")
    iam.delete_role(RoleName="R")
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
    iam.delete_policy(PolicyArn=policy)
    assert iam.list_roles()["Roles"] == [] and iam.list_policies(Scope="Local")["Policies"] == []


{"make": make, "take": take}[sys.argv[2]]()
print("done")
