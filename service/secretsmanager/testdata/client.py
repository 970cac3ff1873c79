"""What boto3 sees of the secrets: python3 client.py ENDPOINT make|take"""
import sys, boto3

sm = boto3.client("secretsmanager", endpoint_url=sys.argv[1])


def fails(code, f, **args):
    try:
        f(**args)
    except sm.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return e
    raise AssertionError(f"{code} expected")


def make():
    made = sm.create_secret(Name="db/password", SecretString="open sesame", Description="d", Tags=[{"Key": "k", "Value": "v"}])
    assert made["ARN"].startswith("arn:aws:secretsmanager:us-east-1:000000000000:secret:db/password-") and len(made["ARN"].rsplit("-")[-1]) == 6, made
    fails("ResourceExistsException", sm.create_secret, Name="db/password", SecretString="x")
    fails("ValidationException", sm.create_secret, Name="bad name", SecretString="x")
    fails("ResourceNotFoundException", sm.get_secret_value, SecretId="none")
    put = sm.put_secret_value(SecretId="db/password", SecretString="open sesame 2")
    assert put["VersionStages"] == ["AWSCURRENT"]
    token = "12345678901234567890123456789012"
    sm.put_secret_value(SecretId=made["ARN"], SecretBinary=b"\x00open sesame 3", ClientRequestToken=token)
    sm.put_secret_value(SecretId=made["ARN"], SecretBinary=b"\x00open sesame 3", ClientRequestToken=token)
    fails("ResourceExistsException", sm.put_secret_value, SecretId=made["ARN"], SecretString="x", ClientRequestToken=token)
    sm.create_secret(Name="a-b-c-abcdef")


def take():
    got = sm.get_secret_value(SecretId="db/password")
    assert got["SecretBinary"] == b"\x00open sesame 3" and got["VersionStages"] == ["AWSCURRENT"] and "SecretString" not in got, got
    assert sm.get_secret_value(SecretId=got["ARN"][:-7], VersionStage="AWSPREVIOUS")["SecretString"] == "open sesame 2"
    assert len(sm.list_secret_version_ids(SecretId="db/password", IncludeDeprecated=True)["Versions"]) == 3
    d = sm.describe_secret(SecretId="db/password")
    assert d["Description"] == "d" and len(d["VersionIdsToStages"]) == 2 and d["Tags"] == [{"Key": "k", "Value": "v"}], d
    assert sm.describe_secret(SecretId="arn:aws:secretsmanager:us-east-1:000000000000:secret:a-b-c-abcdef")["Name"] == "a-b-c-abcdef"
    fails("ResourceNotFoundException", sm.get_secret_value, SecretId="a-b-c-abcdef")
    assert [s["Name"] for s in sm.list_secrets(Filters=[{"Key": "name", "Values": ["db"]}])["SecretList"]] == ["db/password"]
    sm.update_secret(SecretId="db/password", SecretString="open sesame 4", Description="e")
    assert sm.get_secret_value(SecretId="db/password")["SecretString"] == "open sesame 4"
    versions = {s: v["VersionId"] for v in sm.list_secret_version_ids(SecretId="db/password")["Versions"] for s in v["VersionStages"]}
    sm.update_secret_version_stage(SecretId="db/password", VersionStage="AWSCURRENT", RemoveFromVersionId=versions["AWSCURRENT"], MoveToVersionId=versions["AWSPREVIOUS"])
    assert sm.get_secret_value(SecretId="db/password")["SecretBinary"] == b"\x00open sesame 3"
    sm.delete_secret(SecretId="db/password", RecoveryWindowInDays=7)
    fails("InvalidRequestException", sm.get_secret_value, SecretId="db/password")
    fails("InvalidRequestException", sm.create_secret, Name="db/password", SecretString="x")
    assert [s["Name"] for s in sm.list_secrets()["SecretList"]] == ["a-b-c-abcdef"]
    sm.restore_secret(SecretId="db/password")
    assert sm.get_secret_value(SecretId="db/password")
    sm.delete_secret(SecretId="db/password", ForceDeleteWithoutRecovery=True)
    fails("ResourceNotFoundException", sm.describe_secret, SecretId="db/password")
    p = sm.get_random_password(PasswordLength=40, ExcludePunctuation=True)["RandomPassword"]
    assert len(p) == 40 and p.isalnum() and p.lower() != p, p


{"make": make, "take": take}[sys.argv[2]]()
print("done")
