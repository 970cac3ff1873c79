# Runs the Data API with boto3, over the endpoint of the environment.
import time

import boto3

c = boto3.client("redshift-data")
where = dict(ClusterIdentifier="salamander", Database="dev")


def wait(id):
    for _ in range(600):
        d = c.describe_statement(Id=id)
        if d["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return d
        time.sleep(0.05)
    raise SystemExit("does not end")


d = wait(c.execute_statement(Sql="create table n as select 1::bigint as i, 2.5::float8 as f, true as b, 'it''s'::varchar(9) as s, null::int as z", DbUser="awsuser", **where)["Id"])
assert d["Status"] == "FINISHED", d
first = c.execute_statement(Sql="select * from n where i = :i and s = :s", Parameters=[{"name": "i", "value": "1"}, {"name": "s", "value": "it's"}],
                            ClientToken="once", StatementName="read", **where)
again = c.execute_statement(Sql="select * from n where i = :i and s = :s", Parameters=[{"name": "i", "value": "1"}, {"name": "s", "value": "it's"}],
                            ClientToken="once", StatementName="read", **where)
assert first["Id"] == again["Id"], (first, again)
d = wait(first["Id"])
assert d["Status"] == "FINISHED" and d["HasResultSet"] and d["ResultRows"] == 1 and d["Duration"] > 0, d
assert d["QueryParameters"] == [{"name": "i", "value": "1"}, {"name": "s", "value": "it's"}], d
r = c.get_statement_result(Id=first["Id"])
assert r["Records"] == [[{"longValue": 1}, {"doubleValue": 2.5}, {"booleanValue": True}, {"stringValue": "it's"}, {"isNull": True}]], r
assert [m["typeName"] for m in r["ColumnMetadata"]] == ["int8", "float8", "bool", "varchar", "int4"], r

# More than a page.
d = wait(c.execute_statement(Sql="select a.i * 1000 + b.i as n, repeat('x', 200) as pad from generate_series(0, 9) a(i), generate_series(0, 999) b(i)", **where)["Id"])
assert d["Status"] == "FINISHED" and d["ResultRows"] == 10000, d
pages = list(c.get_paginator("get_statement_result").paginate(Id=d["Id"]))
assert len(pages) > 1 and sorted(row[0]["longValue"] for p in pages for row in p["Records"]) == list(range(10000)), len(pages)

d = wait(c.execute_statement(Sql="select 1 as a, 'x,\"y' as b, null as c", ResultFormat="CSV", **where)["Id"])
r = c.get_statement_result_v2(Id=d["Id"])
assert r["Records"] == [{"CSVRecords": '1,"x,""y",\r\n'}], r

d = wait(c.batch_execute_statement(Sqls=["insert into n values (2)", "select broken"], StatementName="two", **where)["Id"])
assert d["Status"] == "FAILED" and d["Error"].startswith("Query #"), d
assert [s["Id"] for s in d["SubStatements"]] == [d["Id"] + ":1", d["Id"] + ":2"], d

listed = c.list_statements(StatementName="re")["Statements"]
assert [s["Id"] for s in listed] == [first["Id"]], listed
assert len(c.list_statements(Status="ALL")["Statements"]) == 5
token = c.list_statements(Status="ALL", MaxResults=4)["NextToken"]
assert len(c.list_statements(Status="ALL", MaxResults=4, NextToken=token)["Statements"]) == 1

assert c.list_databases(**where)["Databases"] == ["dev"]
assert "public" in c.list_schemas(**where)["Schemas"]
assert c.list_schemas(SchemaPattern="pub%", **where)["Schemas"] == ["public"]
assert c.list_tables(TablePattern="n", **where)["Tables"] == [{"name": "n", "type": "TABLE", "schema": "public"}]
cols = c.describe_table(Table="n", Schema="public", **where)["ColumnList"]
assert [(m["name"], m["typeName"]) for m in cols] == [("i", "int8"), ("f", "float8"), ("b", "bool"), ("s", "varchar"), ("z", "int4")], cols

for call, code in (
    (lambda: c.describe_statement(Id="00000000-0000-0000-0000-000000000000"), c.exceptions.ResourceNotFoundException),
    (lambda: c.cancel_statement(Id=d["Id"]), c.exceptions.ValidationException),
    (lambda: c.list_tables(ClusterIdentifier="other", Database="dev"), c.exceptions.ValidationException),
):
    try:
        call()
    except code as e:
        pass
    else:
        raise SystemExit("no error")
print("done")
