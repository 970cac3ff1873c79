"""Tells the topic how a step of the refresh went: by e-mail to who subscribes."""
import json
import os

import boto3

sns = boto3.client('sns')


def lambda_handler(event, context):
    subject = '{date}: {step} {status}'.format(**event)
    lines = ['Refresh of ' + event['date'], event['step'] + ': ' + event['status'],
             'Execution: ' + event['execution']]
    if 'error' in event:
        lines += ['', 'Error: ' + event['error'].get('Error', ''), cause(event['error'].get('Cause', ''))]
    sns.publish(TopicArn=os.environ['TOPIC_ARN'], Subject=subject[:100], Message='\n'.join(lines))
    print(subject)
    return subject


def cause(text):
    """The cause of a failed job is the job; its reason and log stream help."""
    try:
        job = json.loads(text)
        return 'Job {}: {}\nLog stream: {}'.format(
            job['JobId'], job.get('StatusReason', job.get('Status')), job.get('Container', {}).get('LogStreamName', '-'))
    except (ValueError, KeyError, TypeError):
        return text
