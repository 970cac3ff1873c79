"""Submits the Batch job of one step of the workflow.

The state's stepId names the key of the execution's input that describes the
job. The function returns the whole state with the job's id in it, so that the
next states find it.
"""
import json

import boto3

batch = boto3.client('batch')


def lambda_handler(event, context):
    print('submit ' + json.dumps(event))
    step = event[event['stepId']]
    request = {
        'jobName': step['jobName'],
        'jobQueue': step['jobQueue'],
        'jobDefinition': step['jobDefinition'],
        'containerOverrides': step.get('containerOverrides', {}),
        'parameters': step.get('parameters', {}),
    }
    try:
        job = batch.submit_job(**request)
    except Exception as error:
        print(error)
        raise Exception('Error submitting Batch Job')
    print('submitted ' + job['jobId'])
    event['jobId'] = job['jobId']
    return event
