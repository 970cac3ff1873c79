"""Goes through the operations of Batch as boto3 users do. argv[1] is the endpoint."""
import sys
import time

import boto3
from botocore.exceptions import ClientError

batch = boto3.client('batch', endpoint_url=sys.argv[1])


def wait(job_id, *statuses):
    for _ in range(200):
        job = batch.describe_jobs(jobs=[job_id])['jobs'][0]
        if job['status'] in statuses:
            return job
        time.sleep(0.02)
    raise AssertionError(job)


def refused(call, text):
    try:
        call()
    except ClientError as error:
        assert error.response['Error']['Code'] == 'ClientException', error.response
        assert text in error.response['Error']['Message'], error.response
        return
    raise AssertionError('not refused: ' + text)


environment = batch.create_compute_environment(
    computeEnvironmentName='ce', type='MANAGED', state='ENABLED',
    computeResources={'type': 'EC2', 'minvCpus': 0, 'maxvCpus': 2, 'instanceTypes': ['optimal'], 'subnets': ['subnet-1'],
                      'securityGroupIds': ['sg-1'], 'instanceRole': 'role'})['computeEnvironmentArn']
queue = batch.create_job_queue(jobQueueName='q', priority=1, computeEnvironmentOrder=[
    {'order': 1, 'computeEnvironment': environment}], tags={'team': 'etl'})['jobQueueArn']
assert batch.describe_job_queues(jobQueues=['q'])['jobQueues'][0]['status'] == 'VALID'
definition = batch.register_job_definition(
    jobDefinitionName='d', type='container', containerProperties={
        'image': 'i', 'vcpus': 2, 'memory': 128, 'command': ['myjob.sh', 'Ref::day'],
        'environment': [{'name': 'A', 'value': '1'}]}, parameters={'day': 'monday'})
assert definition['revision'] == 1

# As the function of the example submits and checks.
job = batch.submit_job(jobName='first', jobQueue=queue, jobDefinition=definition['jobDefinitionArn'], parameters={},
                       containerOverrides={'environment': [{'name': 'A', 'value': '2'}]})
running = wait(job['jobId'], 'RUNNING')
assert running['container']['environment'] == [{'name': 'A', 'value': '2'}], running
assert running['container']['command'] == ['myjob.sh', 'monday'], running
assert isinstance(running['startedAt'], int), running

second = batch.submit_job(jobName='second', jobQueue='q', jobDefinition='d')
waiting = wait(second['jobId'], 'RUNNABLE')
assert '2 of 2 vCPUs' in waiting['statusReason'], waiting
batch.terminate_job(jobId=job['jobId'], reason='enough')
ended = wait(job['jobId'], 'FAILED')
assert ended['statusReason'] == 'enough' and ended['container']['exitCode'] == 143, ended
assert len(ended['attempts']) == 1, ended
wait(second['jobId'], 'RUNNING')
third = batch.submit_job(jobName='third', jobQueue='q', jobDefinition='d', dependsOn=[{'jobId': second['jobId']}])
wait(third['jobId'], 'PENDING')
batch.cancel_job(jobId=third['jobId'], reason='never mind')
assert wait(third['jobId'], 'FAILED')['isCancelled']

pages = batch.get_paginator('list_jobs').paginate(
    jobQueue='q', filters=[{'name': 'JOB_NAME', 'values': ['*']}], PaginationConfig={'PageSize': 2})
assert [j['jobName'] for page in pages for j in page['jobSummaryList']] == ['third', 'second', 'first']
assert [j['jobName'] for j in batch.list_jobs(jobQueue='q')['jobSummaryList']] == ['second']

batch.tag_resource(resourceArn=queue, tags={'a': 'b c/d', 'x': 'y'})
batch.untag_resource(resourceArn=queue, tagKeys=['x', 'team'])
assert batch.list_tags_for_resource(resourceArn=queue)['tags'] == {'a': 'b c/d'}

refused(lambda: batch.submit_job(jobName='a', jobQueue='none', jobDefinition='d'), 'none')
refused(lambda: batch.delete_job_queue(jobQueue='q'), 'DISABLED')
try:
    batch.submit_job(jobName='a', jobQueue='q', jobDefinition='d', arrayProperties={'size': 2})
    raise AssertionError('an array job was taken')
except ClientError as error:
    assert 'arrayProperties' in error.response['Error']['Message'], error.response

batch.deregister_job_definition(jobDefinition='d:1')
assert batch.describe_job_definitions(jobDefinitionName='d')['jobDefinitions'][0]['status'] == 'INACTIVE'
batch.update_job_queue(jobQueue='q', state='DISABLED')
batch.delete_job_queue(jobQueue='q')
wait(second['jobId'], 'FAILED')
batch.update_compute_environment(computeEnvironment='ce', state='DISABLED')
batch.delete_compute_environment(computeEnvironment='ce')
assert batch.describe_compute_environments()['computeEnvironments'] == []
print('done')
