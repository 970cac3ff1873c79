"""What boto3 sees of the parameters: python3 client.py ENDPOINT make|take"""
import sys, boto3

ssm = boto3.client("ssm", endpoint_url=sys.argv[1])


def fails(code, f, **args):
    try:
        f(**args)
    except ssm.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return e
    raise AssertionError(f"{code} expected")


def make():
    assert ssm.put_parameter(Name="/app/a", Value="1", Type="String", Tags=[{"Key": "k", "Value": "v"}])["Version"] == 1
    fails("ParameterAlreadyExists", ssm.put_parameter, Name="/app/a", Value="2", Type="String")
    assert ssm.put_parameter(Name="/app/a", Value="2", Overwrite=True)["Version"] == 2
    ssm.put_parameter(Name="/app/deep/secret", Value="open sesame", Type="SecureString")
    ssm.put_parameter(Name="list", Value="a,b", Type="StringList", AllowedPattern="^[a-c]$")
    fails("ParameterPatternMismatchException", ssm.put_parameter, Name="list", Value="a,z", Type="StringList", Overwrite=True, AllowedPattern="^[a-c]$")
    fails("ValidationException", ssm.put_parameter, Name="aws-x", Value="2", Type="String")
    fails("ValidationException", ssm.put_parameter, Name="x", Value="2" * 4097, Type="String")
    ssm.label_parameter_version(Name="/app/a", ParameterVersion=1, Labels=["old"])


def take():
    got = ssm.get_parameter(Name="/app/a")["Parameter"]
    assert got["Value"] == "2" and got["Version"] == 2 and got["ARN"] == "arn:aws:ssm:us-east-1:000000000000:parameter/app/a", got
    assert ssm.get_parameter(Name="/app/a:1")["Parameter"]["Value"] == "1"
    assert ssm.get_parameter(Name="/app/a:old")["Parameter"]["Selector"] == ":old"
    assert ssm.get_parameter(Name=got["ARN"])["Parameter"]["Value"] == "2"
    fails("ParameterNotFound", ssm.get_parameter, Name="none")
    fails("ParameterVersionNotFound", ssm.get_parameter, Name="/app/a:9")
    assert ssm.get_parameter(Name="/app/deep/secret", WithDecryption=True)["Parameter"]["Value"] == "open sesame"
    assert "sesame" not in ssm.get_parameter(Name="/app/deep/secret")["Parameter"]["Value"]
    many = ssm.get_parameters(Names=["/app/a", "none", "list"])
    assert [p["Name"] for p in many["Parameters"]] == ["/app/a", "list"] and many["InvalidParameters"] == ["none"], many
    assert [p["Name"] for p in ssm.get_parameters_by_path(Path="/app")["Parameters"]] == ["/app/a"]
    assert [p["Name"] for p in ssm.get_parameters_by_path(Path="/app", Recursive=True)["Parameters"]] == ["/app/a", "/app/deep/secret"]
    page = ssm.get_parameters_by_path(Path="/", Recursive=True, MaxResults=1)
    assert [p["Name"] for p in ssm.get_parameters_by_path(Path="/", Recursive=True, MaxResults=1, NextToken=page["NextToken"])["Parameters"]] == ["/app/deep/secret"]
    assert [p["Value"] for p in ssm.get_parameter_history(Name="/app/a")["Parameters"]] == ["1", "2"]
    assert [p["Name"] for p in ssm.describe_parameters(ParameterFilters=[{"Key": "tag:k", "Values": ["v"]}])["Parameters"]] == ["/app/a"]
    assert [p["Name"] for p in ssm.describe_parameters(ParameterFilters=[{"Key": "Type", "Values": ["SecureString"]}])["Parameters"]] == ["/app/deep/secret"]
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/app/a")["TagList"] == [{"Key": "k", "Value": "v"}]
    ssm.delete_parameter(Name="list")
    assert ssm.delete_parameters(Names=["/app/a", "none"])["InvalidParameters"] == ["none"]
    assert [p["Name"] for p in ssm.describe_parameters()["Parameters"]] == ["/app/deep/secret"]


{"make": make, "take": take}[sys.argv[2]]()
print("done")
