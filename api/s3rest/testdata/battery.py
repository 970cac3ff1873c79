"""Asks an S3 endpoint what boto3 users ask, and prints one line a failure."""

import datetime
import hashlib
import io
import os
import sys
import threading
import traceback
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]


def client(**kw):
    config = Config(retries={"max_attempts": 1}, **kw.pop("config", {}))
    return boto3.client("s3", endpoint_url=ENDPOINT, region_name=kw.pop("region", "us-east-1"),
                        aws_access_key_id=kw.pop("key", "test"), aws_secret_access_key=kw.pop("secret", "test"), config=config, **kw)


s3 = client()
B = "battery"
probes = []


def probe(f):
    probes.append(f)
    return f


def fails(code, f, *args, status=None, **kw):
    try:
        f(*args, **kw)
    except ClientError as e:
        got = e.response["Error"]["Code"]
        assert got == code, f"got {got}; want {code}: {e}"
        if status:
            assert e.response["ResponseMetadata"]["HTTPStatusCode"] == status, e.response
        return e.response["Error"]
    raise AssertionError(f"no error; want {code}")


def fetch(url, method="GET", data=None, headers=None):
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as r:
            return r.status, r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


@probe
def buckets():
    s3.create_bucket(Bucket=B)
    s3.create_bucket(Bucket=B)
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == [B]
    assert s3.head_bucket(Bucket=B)["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=B)["LocationConstraint"] is None
    fails("404", s3.head_bucket, Bucket="no-such-bucket")
    fails("NoSuchBucket", s3.list_objects_v2, Bucket="no-such-bucket")
    fails("InvalidBucketName", s3.create_bucket, Bucket="ab.")


@probe
def bucket_elsewhere():
    west = client(region="eu-west-1")
    west.create_bucket(Bucket="west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert west.get_bucket_location(Bucket="west")["LocationConstraint"] == "eu-west-1"
    fails("BucketAlreadyOwnedByYou", west.create_bucket, Bucket="west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    fails("IllegalLocationConstraintException", west.create_bucket, Bucket="west2")
    west.delete_bucket(Bucket="west")


@probe
def put_get():
    put = s3.put_object(Bucket=B, Key="a b/ü+&<>'\".txt", Body=b"hello", ContentType="text/plain", Metadata={"Who": "me", "x": "a  b"},
                        CacheControl="no-cache", ContentDisposition="inline", ContentLanguage="de", Expires=datetime.datetime(2030, 1, 2))
    assert put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"', put
    assert put["ChecksumCRC32"] == "NhCmhg==" and put["ChecksumType"] == "FULL_OBJECT", put
    got = s3.get_object(Bucket=B, Key="a b/ü+&<>'\".txt")
    assert got["Body"].read() == b"hello"
    assert got["Metadata"] == {"who": "me", "x": "a  b"}, got["Metadata"]
    assert (got["ContentType"], got["CacheControl"], got["ContentDisposition"], got["ContentLanguage"]) == ("text/plain", "no-cache", "inline", "de")
    assert got["ChecksumCRC32"] == "NhCmhg==" and got["ContentLength"] == 5
    head = s3.head_object(Bucket=B, Key="a b/ü+&<>'\".txt", ChecksumMode="ENABLED")
    assert head["ChecksumCRC32"] == "NhCmhg==" and head["LastModified"].tzinfo
    fails("NoSuchKey", s3.get_object, Bucket=B, Key="none", status=404)
    fails("404", s3.head_object, Bucket=B, Key="none")
    fails("KeyTooLongError", s3.put_object, Bucket=B, Key="k" * 1025)


@probe
def empty_and_binary():
    s3.put_object(Bucket=B, Key="empty")
    assert s3.get_object(Bucket=B, Key="empty")["Body"].read() == b""
    data = bytes(range(256)) * 1000
    s3.put_object(Bucket=B, Key="binary", Body=data)
    assert s3.get_object(Bucket=B, Key="binary")["Body"].read() == data
    assert s3.head_object(Bucket=B, Key="binary")["ContentType"] == "binary/octet-stream"


@probe
def algorithms():
    for name in ("CRC32", "SHA1", "SHA256"):
        put = s3.put_object(Bucket=B, Key="sum", Body=b"data", ChecksumAlgorithm=name)
        assert put["Checksum" + name], put
        got = s3.get_object(Bucket=B, Key="sum", ChecksumMode="ENABLED")
        assert got["Checksum" + name] == put["Checksum" + name]
        assert got["Body"].read() == b"data"
    fails("BadDigest", s3.put_object, Bucket=B, Key="sum", Body=b"data", ChecksumSHA256="A" * 43 + "=")
    fails("InvalidRequest", s3.put_object, Bucket=B, Key="sum", Body=b"data", ChecksumSHA256="xyz")


@probe
def stream_without_seek():
    class Pipe:
        def __init__(self, data):
            self.data = io.BytesIO(data)

        def read(self, n=-1):
            return self.data.read(n)

    s3.upload_fileobj(Pipe(b"x" * 100000), B, "piped")
    assert s3.head_object(Bucket=B, Key="piped")["ContentLength"] == 100000


@probe
def ranges():
    s3.put_object(Bucket=B, Key="range", Body=b"0123456789")
    got = s3.get_object(Bucket=B, Key="range", Range="bytes=2-4")
    assert got["Body"].read() == b"234" and got["ContentRange"] == "bytes 2-4/10"
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    fails("InvalidRange", s3.get_object, Bucket=B, Key="range", Range="bytes=20-", status=416)


@probe
def conditions():
    etag = s3.put_object(Bucket=B, Key="cond", Body=b"1")["ETag"]
    fails("PreconditionFailed", s3.put_object, Bucket=B, Key="cond", Body=b"2", IfNoneMatch="*", status=412)
    s3.put_object(Bucket=B, Key="cond", Body=b"1", IfMatch=etag)
    fails("PreconditionFailed", s3.get_object, Bucket=B, Key="cond", IfMatch='"0"')
    fails("304", s3.get_object, Bucket=B, Key="cond", IfNoneMatch=etag)
    fails("304", s3.head_object, Bucket=B, Key="cond", IfModifiedSince=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1))


@probe
def listing():
    names = ["l/a", "l/a b", "l/b/1", "l/b/2", "l/c", "l/ü", "l/x+y", "l/x%20y"]
    for name in names:
        s3.put_object(Bucket=B, Key=name)
    got = s3.list_objects_v2(Bucket=B, Prefix="l/", Delimiter="/")
    assert [o["Key"] for o in got["Contents"]] == sorted((n for n in names if "b/" not in n), key=lambda n: n.encode()), got["Contents"]
    assert got["CommonPrefixes"] == [{"Prefix": "l/b/"}] and got["KeyCount"] == 7
    for size in (1, 2, 3, 100):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=B, Prefix="l/", PaginationConfig={"PageSize": size})
        assert [o["Key"] for p in pages for o in p.get("Contents", [])] == sorted(names, key=lambda n: n.encode()), size
        pages = s3.get_paginator("list_objects").paginate(Bucket=B, Prefix="l/", Delimiter="/", PaginationConfig={"PageSize": size})
        assert sum(len(p.get("Contents", [])) + len(p.get("CommonPrefixes", [])) for p in pages) == 7, size
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=B, Prefix="l/", StartAfter="l/b/2")["Contents"]][0] == "l/c"
    assert "Owner" in s3.list_objects_v2(Bucket=B, Prefix="l/a", FetchOwner=True)["Contents"][0]
    fails("InvalidArgument", s3.list_objects_v2, Bucket=B, ContinuationToken="nonsense")
    assert s3.list_objects_v2(Bucket=B, MaxKeys=0)["KeyCount"] == 0


@probe
def versions():
    assert "Status" not in s3.get_bucket_versioning(Bucket=B)
    for size in (1, 3, 100):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=B, Prefix="l/", Delimiter="/", PaginationConfig={"PageSize": size})
        found = [v for p in pages for v in p.get("Versions", []) + p.get("CommonPrefixes", [])]
        assert len(found) == 7 and all(v["VersionId"] == "null" and v["IsLatest"] for v in found if "Key" in v), found
    s3.put_object(Bucket=B, Key="v/1")
    s3.put_object(Bucket=B, Key="v/2")
    boto3.resource("s3", endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id="test",
                   aws_secret_access_key="test").Bucket(B).object_versions.filter(Prefix="v/").delete()
    assert s3.list_objects_v2(Bucket=B, Prefix="v/")["KeyCount"] == 0
    fails("InvalidArgument", s3.get_object, Bucket=B, Key="l/a", VersionId="xyz")


@probe
def deleting():
    for i in range(20):
        s3.put_object(Bucket=B, Key=f"d/{i}")
    got = s3.delete_objects(Bucket=B, Delete={"Objects": [{"Key": f"d/{i}"} for i in range(25)]})
    assert len(got["Deleted"]) == 25 and "Errors" not in got
    assert s3.list_objects_v2(Bucket=B, Prefix="d/")["KeyCount"] == 0
    s3.delete_object(Bucket=B, Key="never there")


@probe
def copying():
    s3.put_object(Bucket=B, Key="src é+", Body=b"content", Metadata={"a": "1"}, ContentType="text/x")
    got = s3.copy_object(Bucket=B, Key="dst", CopySource={"Bucket": B, "Key": "src é+"})
    assert got["CopyObjectResult"]["ETag"] == '"9a0364b9e99bb480dd25e1f0284c8555"', got
    assert s3.head_object(Bucket=B, Key="dst")["Metadata"] == {"a": "1"}
    s3.copy_object(Bucket=B, Key="dst", CopySource=f"{B}/dst", MetadataDirective="REPLACE", Metadata={"b": "2"}, ContentType="text/y")
    head = s3.head_object(Bucket=B, Key="dst")
    assert head["Metadata"] == {"b": "2"} and head["ContentType"] == "text/y"
    fails("InvalidRequest", s3.copy_object, Bucket=B, Key="dst", CopySource=f"{B}/dst")
    fails("NoSuchKey", s3.copy_object, Bucket=B, Key="dst", CopySource=f"{B}/none")
    fails("PreconditionFailed", s3.copy_object, Bucket=B, Key="dst", CopySource=f"{B}/dst", CopySourceIfMatch='"0"', MetadataDirective="REPLACE")


@probe
def multipart():
    five = b"5" * (5 << 20)
    for kw in ({}, {"ChecksumAlgorithm": "SHA256"}, {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}):
        u = s3.create_multipart_upload(Bucket=B, Key="multi", ContentType="a/b", **kw)
        ref = {"Bucket": B, "Key": "multi", "UploadId": u["UploadId"]}
        assert [x["Key"] for x in s3.list_multipart_uploads(Bucket=B)["Uploads"]] == ["multi"]
        parts = []
        for n, data in ((1, five), (2, b"tail")):
            extra = {"ChecksumAlgorithm": kw["ChecksumAlgorithm"]} if kw else {}
            p = s3.upload_part(PartNumber=n, Body=data, **ref, **extra)
            part = {"PartNumber": n, "ETag": p["ETag"]}
            if kw:
                part["Checksum" + kw["ChecksumAlgorithm"]] = p["Checksum" + kw["ChecksumAlgorithm"]]
            parts.append(part)
        listed = s3.list_parts(**ref)
        assert [(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(1, 5 << 20), (2, 4)], listed
        fails("InvalidPart", s3.complete_multipart_upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"00"'}]}, **ref)
        fails("InvalidPartOrder", s3.complete_multipart_upload, MultipartUpload={"Parts": parts[::-1]}, **ref)
        done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **ref)
        md5 = hashlib.md5(hashlib.md5(five).digest() + hashlib.md5(b"tail").digest()).hexdigest()
        assert done["ETag"] == f'"{md5}-2"', done
        got = s3.get_object(Bucket=B, Key="multi")
        assert got["Body"].read() == five + b"tail" and got["ContentType"] == "a/b"
        head = s3.head_object(Bucket=B, Key="multi", PartNumber=2)
        assert head["ContentLength"] == 4 and head["PartsCount"] == 2, head
        fails("NoSuchUpload", s3.list_parts, **ref)
    u = s3.create_multipart_upload(Bucket=B, Key="gone")
    s3.abort_multipart_upload(Bucket=B, Key="gone", UploadId=u["UploadId"])
    fails("NoSuchUpload", s3.upload_part, Bucket=B, Key="gone", UploadId=u["UploadId"], PartNumber=1, Body=b"")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=B)


@probe
def small_parts():
    u = s3.create_multipart_upload(Bucket=B, Key="small")
    ref = {"Bucket": B, "Key": "small", "UploadId": u["UploadId"]}
    parts = [{"PartNumber": n, "ETag": s3.upload_part(PartNumber=n, Body=b"x", **ref)["ETag"]} for n in (1, 2)]
    fails("EntityTooSmall", s3.complete_multipart_upload, MultipartUpload={"Parts": parts}, **ref)
    s3.abort_multipart_upload(**ref)


@probe
def part_copy():
    s3.put_object(Bucket=B, Key="whole", Body=b"a" * (5 << 20) + b"bcd")
    u = s3.create_multipart_upload(Bucket=B, Key="pieces")
    ref = {"Bucket": B, "Key": "pieces", "UploadId": u["UploadId"]}
    one = s3.upload_part_copy(PartNumber=1, CopySource=f"{B}/whole", CopySourceRange=f"bytes=0-{(5 << 20) - 1}", **ref)
    two = s3.upload_part_copy(PartNumber=2, CopySource=f"{B}/whole", CopySourceRange=f"bytes={5 << 20}-{(5 << 20) + 2}", **ref)
    fails("InvalidArgument", s3.upload_part_copy, PartNumber=3, CopySource=f"{B}/whole", CopySourceRange="bytes=0-99999999", **ref)
    s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": one["CopyPartResult"]["ETag"]},
                                                            {"PartNumber": 2, "ETag": two["CopyPartResult"]["ETag"]}]}, **ref)
    assert s3.get_object(Bucket=B, Key="pieces")["Body"].read()[-4:] == b"abcd"


@probe
def transfer_manager():
    data = os.urandom(20 << 20)
    s3.upload_fileobj(io.BytesIO(data), B, "transfer")
    back = io.BytesIO()
    s3.download_fileobj(B, "transfer", back)
    assert back.getvalue() == data
    s3.copy({"Bucket": B, "Key": "transfer"}, B, "transfer2")
    assert s3.head_object(Bucket=B, Key="transfer2")["ContentLength"] == len(data)


@probe
def presigned():
    for version in ("s3", "s3v4"):
        signer = client(config={"signature_version": version})
        url = signer.generate_presigned_url("put_object", Params={"Bucket": B, "Key": "pre ü+", "ContentType": "text/z"})
        assert fetch(url, "PUT", b"presigned", {"Content-Type": "text/z"})[0] == 200, version
        url = signer.generate_presigned_url("get_object", Params={"Bucket": B, "Key": "pre ü+", "ResponseContentType": "x/y"})
        assert fetch(url) == (200, b"presigned"), version
        assert fetch(url.replace("pre", "pra"))[0] == 403, version
        url = signer.generate_presigned_url("get_object", Params={"Bucket": B, "Key": "pre ü+"}, ExpiresIn=-10 if version == "s3" else 0)
        if version == "s3":
            assert fetch(url)[0] == 403
    url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": B, "Prefix": "l/"})
    assert b"<Key>l/c</Key>" in fetch(url)[1]


@probe
def presigned_post():
    for version in ("s3", "s3v4"):
        signer = client(config={"signature_version": version})
        form = signer.generate_presigned_post(B, "posted/${filename}", Fields={"Content-Type": "text/p", "x-amz-meta-a": "1"},
                                              Conditions=[["starts-with", "$key", "posted/"], {"Content-Type": "text/p"}, {"x-amz-meta-a": "1"}, ["content-length-range", 1, 100]])
        status, body = post(form, b"posted body")
        assert status == 204, (version, status, body)
        got = s3.get_object(Bucket=B, Key="posted/file.txt")
        assert got["Body"].read() == b"posted body" and got["ContentType"] == "text/p" and got["Metadata"] == {"a": "1"}
        status, body = post(form, b"x" * 101)
        assert status == 400 and b"EntityTooLarge" in body, (status, body)
        form["fields"]["Content-Type"] = "text/other"
        status, body = post(form, b"posted body")
        assert status == 403 and b"Policy Condition failed" in body, (status, body)


def post(form, data):
    edge = "edge1234"
    body = b""
    for k, v in form["fields"].items():
        body += f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
    body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="file.txt"\r\n\r\n'.encode() + data + f"\r\n--{edge}--\r\n".encode()
    return fetch(form["url"], "POST", body, {"Content-Type": f"multipart/form-data; boundary={edge}"})


@probe
def secrets():
    fails("SignatureDoesNotMatch", client(secret="wrong").list_buckets, status=403)
    fails("InvalidAccessKeyId", client(key="nobody").list_buckets, status=403)
    fails("AccessDenied", client(key="111111111111").list_objects_v2, Bucket=B)


@probe
def not_implemented():
    fails("NotImplemented", s3.put_bucket_versioning, Bucket=B, VersioningConfiguration={"Status": "Enabled"}, status=501)
    fails("NotImplemented", s3.put_object, Bucket=B, Key="k", ServerSideEncryption="aws:kms", status=501)
    fails("NotImplemented", s3.put_object, Bucket=B, Key="k", Tagging="a=b", status=501)


@probe
def many_at_once():
    errors = []

    def work(n):
        try:
            mine = client()
            for i in range(20):
                mine.put_object(Bucket=B, Key=f"many/{n}/{i}", Body=str(i).encode())
                assert mine.get_object(Bucket=B, Key=f"many/{n}/{i}")["Body"].read() == str(i).encode()
        except Exception as e:
            errors.append(e)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not errors, errors[0]
    assert s3.list_objects_v2(Bucket=B, Prefix="many/")["KeyCount"] == 80


@probe
def emptied():
    fails("BucketNotEmpty", s3.delete_bucket, Bucket=B, status=409)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=B):
        s3.delete_objects(Bucket=B, Delete={"Objects": [{"Key": o["Key"]} for o in page["Contents"]], "Quiet": True})
    s3.delete_bucket(Bucket=B)
    assert s3.list_buckets()["Buckets"] == []


bad = 0
for f in probes:
    try:
        f()
    except Exception as e:
        bad += 1
        where = traceback.extract_tb(e.__traceback__)
        line = [t.lineno for t in where if t.filename == __file__][-1]
        print(f"{f.__name__}, line {line}: {type(e).__name__}: {e}")
print(f"{len(probes) - bad} of {len(probes)} probes passed")
sys.exit(bad > 0)
