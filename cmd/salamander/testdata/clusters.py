# Makes, pauses, resumes, reboots and deletes a cluster with boto3, and runs
# statements on it.
import time

import boto3
from botocore.exceptions import ClientError

r = boto3.client("redshift")
d = boto3.client("redshift-data")


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as e:
        return e.response["Error"]["Code"]
    return ""


def run(sql, user="boss"):
    id = d.execute_statement(ClusterIdentifier="dw", Database="sales", DbUser=user, Sql=sql)["Id"]
    for _ in range(600):
        s = d.describe_statement(Id=id)
        if s["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return s
        time.sleep(0.05)
    raise SystemExit("does not end")


def status():
    c = r.describe_clusters(ClusterIdentifier="dw")["Clusters"][0]
    return c["ClusterStatus"], c["ClusterAvailabilityStatus"]


made = r.create_cluster(ClusterIdentifier="dw", NodeType="ra3.large", ClusterType="single-node", MasterUsername="boss", MasterUserPassword="Secret123", DBName="sales")["Cluster"]
assert run("create table t as select 1 as a")["Status"] == "FINISHED"
assert code(r.resume_cluster, ClusterIdentifier="dw") == "InvalidClusterState"
c = r.pause_cluster(ClusterIdentifier="dw")["Cluster"]
assert c["ClusterStatus"] == "paused", c
assert status() == ("paused", "Unavailable"), status()
assert run("select 1")["Status"] == "FAILED"
assert code(r.pause_cluster, ClusterIdentifier="dw") == "InvalidClusterState"
assert code(r.reboot_cluster, ClusterIdentifier="dw") == "InvalidClusterState"
assert code(r.modify_cluster, ClusterIdentifier="dw", MasterUserPassword="Secret456") == "InvalidClusterState"
c = r.resume_cluster(ClusterIdentifier="dw")["Cluster"]
assert c["Endpoint"]["Port"] == made["Endpoint"]["Port"], c
assert status() == ("available", "Available"), status()
assert run("insert into t values (2)")["Status"] == "FINISHED"
r.modify_cluster(ClusterIdentifier="dw", MasterUserPassword="Secret456")
assert run("insert into t values (3)")["Status"] == "FINISHED"
r.reboot_cluster(ClusterIdentifier="dw")
s = run("select count(*) from t")
assert d.get_statement_result(Id=s["Id"])["Records"] == [[{"longValue": 3}]], s
assert code(r.resize_cluster, ClusterIdentifier="dw", NumberOfNodes=2) == "NotImplementedException"
assert code(r.pause_cluster, ClusterIdentifier="none") == "ClusterNotFound"

# A repeated token is the same statement; another statement with it is refused or the first one.
first = d.execute_statement(ClusterIdentifier="dw", Database="sales", DbUser="boss", Sql="insert into t values (4)", ClientToken="token-1")["Id"]
assert d.execute_statement(ClusterIdentifier="dw", Database="sales", DbUser="boss", Sql="insert into t values (4)", ClientToken="token-1")["Id"] == first

# A statement that runs is cancelled.
id = d.execute_statement(ClusterIdentifier="dw", Database="sales", DbUser="boss", Sql="select count(*) from generate_series(1, 100000) a, generate_series(1, 10000000) b where a + b = 3")["Id"]
for _ in range(600):
    if d.describe_statement(Id=id)["Status"] == "STARTED":
        break
    time.sleep(0.05)
assert d.cancel_statement(Id=id)["Status"] is True
for _ in range(600):
    if d.describe_statement(Id=id)["Status"] == "ABORTED":
        break
    time.sleep(0.05)
assert d.describe_statement(Id=id)["Status"] == "ABORTED", d.describe_statement(Id=id)

where = dict(ClusterIdentifier="dw", DbUser="boss", Database="sales")
assert d.list_databases(**where)["Databases"] == ["sales"], d.list_databases(**where)
assert "public" in d.list_schemas(**where)["Schemas"]
assert [t["name"] for t in d.list_tables(SchemaPattern="public", **where)["Tables"]] == ["t"]
assert [c["name"] for c in d.describe_table(Schema="public", Table="t", **where)["ColumnList"]] == ["a"]

r.pause_cluster(ClusterIdentifier="dw")
assert r.delete_cluster(ClusterIdentifier="dw", SkipFinalClusterSnapshot=True)["Cluster"]["ClusterStatus"] == "deleting"
assert code(r.describe_clusters, ClusterIdentifier="dw") == "ClusterNotFound"
print("done")
