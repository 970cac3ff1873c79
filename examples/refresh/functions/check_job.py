"""Answers the status of the Batch job that the state's jobId names."""
import boto3

batch = boto3.client('batch')


def lambda_handler(event, context):
    job_id = event['jobId']
    try:
        status = batch.describe_jobs(jobs=[job_id])['jobs'][0]['status']
    except Exception as error:
        print(error)
        raise Exception('Error getting Batch Job status')
    print(job_id + ' is ' + status)
    return status
