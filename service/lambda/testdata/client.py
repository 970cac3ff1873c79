"""Publishes versions, points an alias to them and keeps permissions."""
import io
import json
import sys
import zipfile

import boto3

client = boto3.client("lambda", endpoint_url=sys.argv[1])


def package(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("index.py", f"def handler(event, context):\n    return '{text} as ' + context.function_version\n")
    return out.getvalue()


def ask(**where):
    answer = client.invoke(FunctionName="f", **where)
    return json.loads(answer["Payload"].read()), answer["ExecutedVersion"]


def expect(error, call, **params):
    try:
        call(**params)
    except error as e:
        return e
    raise AssertionError(f"no {error.__name__}")


first = client.create_function(FunctionName="f", Runtime="python3.12", Handler="index.handler", Role="arn:aws:iam::000000000000:role/r",
                               Code={"ZipFile": package("one")}, Publish=True)
assert first["Version"] == "1", first
assert first["FunctionArn"].endswith(":f:1"), first
client.update_function_code(FunctionName="f", ZipFile=package("two"))
second = client.publish_version(FunctionName="f", Description="second")
assert second["Version"] == "2" and second["Description"] == "second", second
assert second["ResponseMetadata"]["HTTPStatusCode"] == 201

alias = client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
assert alias["ResponseMetadata"]["HTTPStatusCode"] == 201
assert ask(Qualifier="live") == ("one as 1", "1")
assert ask(Qualifier="2") == ("two as 2", "2")
assert ask() == ("two as $LATEST", "$LATEST")
alias = client.update_alias(FunctionName="f", Name="live", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {"1": 1.0}}, RevisionId=alias["RevisionId"])
assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 1.0}}, alias
assert ask(Qualifier="live") == ("one as 1", "1")
expect(client.exceptions.PreconditionFailedException, client.update_alias, FunctionName="f", Name="live", RevisionId="old")
expect(client.exceptions.ResourceConflictException, client.delete_function, FunctionName="f", Qualifier="1")
assert [a["Name"] for p in client.get_paginator("list_aliases").paginate(FunctionName="f") for a in p["Aliases"]] == ["live"]
versions = [v["Version"] for p in client.get_paginator("list_versions_by_function").paginate(FunctionName="f", PaginationConfig={"PageSize": 1}) for v in p["Versions"]]
assert versions == ["$LATEST", "1", "2"], versions

said = client.add_permission(FunctionName="f", StatementId="events", Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
                             SourceArn="arn:aws:events:us-east-1:000000000000:rule/r", Qualifier="live")
statement = json.loads(said["Statement"])
assert statement["Resource"].endswith(":f:live"), statement
assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/r"}}, statement
assert json.loads(client.get_policy(FunctionName="f", Qualifier="live")["Policy"])["Statement"] == [statement]
expect(client.exceptions.ResourceNotFoundException, client.get_policy, FunctionName="f")
client.remove_permission(FunctionName="f", StatementId="events", Qualifier="live")
client.delete_alias(FunctionName="f", Name="live")
expect(client.exceptions.ResourceNotFoundException, client.get_alias, FunctionName="f", Name="live")
client.delete_function(FunctionName="f", Qualifier="1")
expect(client.exceptions.ResourceNotFoundException, client.invoke, FunctionName="f", Qualifier="1")
client.delete_function(FunctionName="f")
print("done")
