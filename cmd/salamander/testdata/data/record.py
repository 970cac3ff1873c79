#!/usr/bin/env python3
"""Record a data directory of a release, for TestRecordedDirectories to open.

    record.py BINARY NAME    writes NAME.tar.bz2 beside this script

It runs the binary, makes a little of everything by AWS's own client and psql,
kills it in the middle, and packs the directory with recorded.json, which says
what the test has to find. Each release adds one; none is ever changed.
"""
import json, os, signal, socket, subprocess, sys, tarfile, tempfile, time

import boto3
from botocore.config import Config

HERE = os.path.dirname(os.path.abspath(__file__))
ROLE = "arn:aws:iam::000000000000:role/r"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(what, ready, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        got = ready()
        if got:
            return got
        time.sleep(0.05)
    sys.exit(f"{what} does not come")


def main(binary, name):
    root = tempfile.mkdtemp()
    data = os.path.join(root, "data")
    with open(os.path.join(root, "salamander.yaml"), "w") as f:
        f.write("images:\n  shell: [/bin/sh, -c]\n")
    aws, warehouse = free_port(), free_port()
    server = subprocess.Popen(
        [binary, "up", "--data", data, "--config", os.path.join(root, "salamander.yaml"), "--auth", "dev",
         "--aws-addr", f"127.0.0.1:{aws}", "--warehouse-addr", f"127.0.0.1:{warehouse}"],
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        recorded = fill(data, aws, warehouse)
    finally:
        server.send_signal(signal.SIGKILL)  # as it is in the middle
        server.wait()
    time.sleep(1)  # what it started ends with it
    with open(os.path.join(data, "recorded.json"), "w") as f:
        json.dump(recorded, f, indent=1, default=str)
    def keep(member):
        base = os.path.basename(member.name)
        if base in ("lock", "server.json", "state.db-shm", "bootstrap"):
            return None
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member
    with tarfile.open(os.path.join(HERE, name + ".tar.bz2"), "w:bz2", compresslevel=9) as tar:
        tar.add(data, "data", filter=keep)


def fill(data, aws, warehouse):
    def client(service):
        return boto3.client(service, endpoint_url=f"http://127.0.0.1:{aws}", region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test", config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}))
    wait("the server", lambda: not socket.socket().connect_ex(("127.0.0.1", aws)))
    states, batch, s3, sqs, ssm, events = (client(s) for s in ("stepfunctions", "batch", "s3", "sqs", "ssm", "events"))
    recorded = {"executions": [], "resume": [], "objects": {}, "jobs": [], "parameters": {}, "queues": [], "rules": [], "machines": {}}

    s3.create_bucket(Bucket="kept")
    for key, text in (("a/one.txt", "one\n"), ("a/é two", "two\n" * 1000)):
        s3.put_object(Bucket="kept", Key=key, Body=text.encode())
        recorded["objects"]["kept/" + key] = text
    ssm.put_parameter(Name="/kept", Type="SecureString", Value="the parameter")
    recorded["parameters"]["/kept"] = "the parameter"
    recorded["queues"].append(sqs.create_queue(QueueName="kept")["QueueUrl"].rsplit("/", 1)[1])
    events.put_rule(Name="kept", ScheduleExpression="rate(1 day)", State="DISABLED")
    recorded["rules"].append("kept")

    batch.create_compute_environment(computeEnvironmentName="e", type="MANAGED", state="ENABLED", computeResources={
        "type": "EC2", "minvCpus": 0, "maxvCpus": 4, "instanceTypes": ["optimal"], "subnets": [], "securityGroupIds": [], "instanceRole": "r"})
    batch.create_job_queue(jobQueueName="q", state="ENABLED", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "e"}])
    batch.register_job_definition(jobDefinitionName="d", type="container", containerProperties={
        "image": "shell", "vcpus": 1, "memory": 64, "command": ["echo it ran; exit $CODE"]})
    for code, status in ((0, "SUCCEEDED"), (3, "FAILED")):
        job = batch.submit_job(jobName=f"j{code}", jobQueue="q", jobDefinition="d", containerOverrides={
            "environment": [{"name": "CODE", "value": str(code)}]})["jobId"]
        wait(f"the job {code}", lambda: batch.describe_jobs(jobs=[job])["jobs"][0]["status"] == status)
        recorded["jobs"].append({"id": job, "status": status, "exitCode": code})

    worker = states.create_activity(name="worker")["activityArn"]
    definitions = {
        "closed": {"StartAt": "A", "States": {
            "A": {"Type": "Parallel", "Next": "B", "Branches": [
                {"StartAt": "C", "States": {"C": {"Type": "Pass", "Result": 1, "End": True}}},
                {"StartAt": "D", "States": {"D": {"Type": "Wait", "Seconds": 1, "End": True}}}]},
            "B": {"Type": "Choice", "Choices": [{"Variable": "$[1].fail", "IsPresent": True, "Next": "F"}], "Default": "S"},
            "F": {"Type": "Fail", "Error": "Asked", "Cause": "the input says so"}, "S": {"Type": "Succeed"}}},
        "open": {"StartAt": "A", "States": {
            "A": {"Type": "Parallel", "Next": "M", "Branches": [
                {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": worker, "End": True}}},
                {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 20, "Next": "P"}, "P": {"Type": "Pass", "Result": "waited", "End": True}}}]},
            "M": {"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}}}},
    }
    machine = {}
    for name, definition in definitions.items():
        text = json.dumps(definition)
        machine[name] = states.create_state_machine(name=name, definition=text, roleArn=ROLE)["stateMachineArn"]
        recorded["machines"][machine[name]] = text
    for name, given in (("good", {}), ("bad", {"fail": 1})):
        arn = states.start_execution(stateMachineArn=machine["closed"], name=name, input=json.dumps(given))["executionArn"]
        out = wait(name, lambda: (lambda d: d if d["status"] != "RUNNING" else None)(states.describe_execution(executionArn=arn)))
        history = states.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        recorded["executions"].append({"arn": arn, "status": out["status"], "output": out.get("output"), "error": out.get("error"),
                                       "types": [e["type"] for e in history]})
    mapped(states, recorded)
    redriven(states, recorded)
    table(data, warehouse, recorded)
    # What is open when the server is killed, in two stages: what is in the
    # tables, and what was only told a moment before.
    for i in range(20):
        arn = states.start_execution(stateMachineArn=machine["open"], name=f"open{i}", input=json.dumps({"i": i}))["executionArn"]
        token = states.get_activity_task(activityArn=worker)["taskToken"]
        if i % 2:
            states.send_task_success(taskToken=token, output=json.dumps({"by": "the first"}))
            token, by = "", "the first"
        else:
            by = "the second"
        recorded["resume"].append({"arn": arn, "token": token, "output": json.dumps([{"by": by}, "waited"], separators=(",", ":"))})
        if i == 14:
            time.sleep(2)
    return recorded


def mapped(states, recorded):
    """A distributed Map of 50 items, of which 3 fail and are tolerated."""
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "End": True, "ToleratedFailureCount": 5, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 3, "Next": "F"}], "Default": "P"},
            "F": {"Type": "Fail", "Error": "Small"}, "P": {"Type": "Pass", "End": True}}}}}}
    machine = states.create_state_machine(name="mapped", definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, name="mapped", input=json.dumps(list(range(50))))["executionArn"]
    wait("the map run", lambda: states.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    run = states.list_map_runs(executionArn=arn)["mapRuns"][0]["mapRunArn"]
    recorded["mapRuns"] = [{"arn": run, "succeeded": 47, "failed": 3}]


def redriven(states, recorded):
    """An execution that was redriven, and fails again."""
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "F"}, "F": {"Type": "Fail", "Error": "Again"}}}
    machine = states.create_state_machine(name="redriven", definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, name="redriven")["executionArn"]
    for n in range(3):
        out = wait("the end", lambda: (lambda d: d if d["status"] == "FAILED" and d["redriveCount"] == n else None)(states.describe_execution(executionArn=arn)))
        if n < 2:
            states.redrive_execution(executionArn=arn)
    history = states.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    recorded["executions"].append({"arn": arn, "status": "FAILED", "error": out["error"], "redrives": 2, "types": [e["type"] for e in history]})


def table(data, port, recorded):
    with open(os.path.join(data, "warehouse.password")) as f:
        env = dict(os.environ, PGHOST="127.0.0.1", PGPORT=str(port), PGUSER="awsuser", PGDATABASE="dev", PGPASSWORD=f.read().strip())
    def psql(sql):
        return subprocess.run(["psql", "-X", "-At", "-c", sql], env=env, capture_output=True, text=True)
    wait("the warehouse", lambda: psql("select 1").returncode == 0)
    sql = ("create table kept (id int not null, name varchar(20) encode zstd, day timestamp) distkey (id) sortkey (id);"
           "insert into kept values " + ",".join(f"({i}, 'name {i}', '2026-01-01 00:00:00')" for i in range(1000)) + ";"
           "create view kept_view as select count(*) n, max(name) most from kept;")
    for statement in filter(None, sql.split(";")):
        got = psql(statement)
        if got.returncode:
            sys.exit(f"{statement}: {got.stderr}")
    recorded["query"] = {"sql": "select n, most from kept_view", "row": psql("select n, most from kept_view").stdout.strip()}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(os.path.abspath(sys.argv[1]), sys.argv[2])
