"""Calls sts and logs as boto3's users do. Usage: battery.py URL"""

import sys
import time

import boto3
from botocore.exceptions import ClientError

url = sys.argv[1]


def client(name, key="test", secret="test", token=None, region="us-east-1"):
    return boto3.client(name, endpoint_url=url, region_name=region, aws_access_key_id=key,
                        aws_secret_access_key=secret, aws_session_token=token)


def refused(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response
        return e.response
    raise AssertionError("not refused: want " + code)


# Who calls.
sts = client("sts")
me = sts.get_caller_identity()
assert me["Account"] == "000000000000" and me["Arn"] == "arn:aws:iam::000000000000:root", me
assert me["ResponseMetadata"]["RequestId"]
assert client("sts", key="111122223333").get_caller_identity()["Account"] == "111122223333"
refused("SignatureDoesNotMatch", client("sts", secret="wrong").get_caller_identity)
refused("InvalidClientTokenId", client("sts", key="AKIAIOSFODNN7EXAMPLE").get_caller_identity)

role = sts.assume_role(RoleArn="arn:aws:iam::111122223333:role/etl", RoleSessionName="me", DurationSeconds=900)
c = role["Credentials"]
assert 880 < c["Expiration"].timestamp() - time.time() < 920, c
assumed = dict(key=c["AccessKeyId"], secret=c["SecretAccessKey"], token=c["SessionToken"])
assert client("sts", **assumed).get_caller_identity()["Arn"] == "arn:aws:sts::111122223333:assumed-role/etl/me"
refused("InvalidClientTokenId", client("sts", **{**assumed, "token": "x" + c["SessionToken"]}).get_caller_identity)
e = refused("ValidationError", sts.assume_role, RoleArn="arn:aws:iam::111122223333:role/etl", RoleSessionName="a b")
assert "at 'roleSessionName' failed to satisfy constraint" in e["Error"]["Message"], e
refused("NotImplementedException", sts.assume_role, RoleArn="arn:aws:iam::111122223333:role/etl", RoleSessionName="me", Policy="{}")
refused("NotImplementedException", sts.get_access_key_info, AccessKeyId="AKIAIOSFODNN7EXAMPLE")

# Groups, streams, events.
logs = client("logs")
logs.create_log_group(logGroupName="/aws/batch/job", tags={"team": "etl"})
e = refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="/aws/batch/job")
assert e["Error"]["Message"] == "The specified log group already exists", e
assert e["ResponseMetadata"]["HTTPStatusCode"] == 400
refused("InvalidParameterException", logs.create_log_group, logGroupName="a b")
logs.create_log_stream(logGroupName="/aws/batch/job", logStreamName="fetch/default/1")
now = int(time.time() * 1000)
events = [{"timestamp": now + i, "message": "line %d \u00e4 <&>" % i} for i in range(25)]
assert logs.put_log_events(logGroupName="/aws/batch/job", logStreamName="fetch/default/1", logEvents=events)["nextSequenceToken"]

group = logs.describe_log_groups(logGroupNamePrefix="/aws")["logGroups"][0]
assert group["arn"] == "arn:aws:logs:us-east-1:000000000000:log-group:/aws/batch/job:*", group
assert group["storedBytes"] > 0 and "retentionInDays" not in group
stream = logs.describe_log_streams(logGroupName="/aws/batch/job", orderBy="LastEventTime")["logStreams"][0]
assert stream["firstEventTimestamp"] == now and stream["lastEventTimestamp"] == now + 24, stream

token, got = None, []
while True:
    args = {"nextToken": token} if token else {}
    page = logs.get_log_events(logGroupName="/aws/batch/job", logStreamName="fetch/default/1", startFromHead=True, limit=10, **args)
    got += [e["message"] for e in page["events"]]
    if page["nextForwardToken"] == token:
        break
    token = page["nextForwardToken"]
assert got == [e["message"] for e in events], got
found = [e for page in logs.get_paginator("filter_log_events").paginate(
    logGroupName="/aws/batch/job", filterPattern='"line 1"', PaginationConfig={"PageSize": 4}) for e in page["events"]]
assert len(found) == 11 and found[0]["logStreamName"] == "fetch/default/1", found
refused("NotImplementedException", logs.filter_log_events, logGroupName="/aws/batch/job", filterPattern="{ $.a = 1 }")

# Accounts and regions do not see each other.
assert not client("logs", key="111122223333").describe_log_groups()["logGroups"]
assert not client("logs", region="eu-west-1").describe_log_groups()["logGroups"]

logs.put_retention_policy(logGroupName="/aws/batch/job", retentionInDays=7)
assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"team": "etl"}
logs.delete_log_stream(logGroupName="/aws/batch/job", logStreamName="fetch/default/1")
refused("ResourceNotFoundException", logs.get_log_events, logGroupName="/aws/batch/job", logStreamName="fetch/default/1")
logs.delete_log_group(logGroupName="/aws/batch/job")
assert not logs.describe_log_groups()["logGroups"]
refused("NotImplementedException", logs.describe_metric_filters)
