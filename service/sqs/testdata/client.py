"""What boto3 sees of the queues: python3 client.py ENDPOINT"""
import sys, time, boto3

sqs = boto3.client("sqs", endpoint_url=sys.argv[1])


def fails(code, f, **args):
    try:
        f(**args)
    except sqs.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return e
    raise AssertionError(f"{code} expected")


url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "7"}, tags={"a": "b"})["QueueUrl"]
assert sqs.get_queue_url(QueueName="q")["QueueUrl"] == url
assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "b"}
fails("QueueAlreadyExists", sqs.create_queue, QueueName="q", Attributes={"VisibilityTimeout": "8"})
e = fails("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="none")
assert isinstance(e, sqs.exceptions.QueueDoesNotExist), type(e)

# boto3 checks the digest of the body itself.
sent = sqs.send_message(QueueUrl=url, MessageBody="grüße", MessageAttributes={
    "n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}})
assert sent["MD5OfMessageAttributes"], sent
m = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"], WaitTimeSeconds=1)["Messages"][0]
assert m["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
assert m["Body"] == "grüße" and m["MessageId"] == sent["MessageId"]
assert m["MessageAttributes"]["b"]["BinaryValue"] == b"\x00\x01"
assert m["Attributes"]["ApproximateReceiveCount"] == "1" and m["Attributes"]["SenderId"] == "000000000000"
a = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
assert a["ApproximateNumberOfMessagesNotVisible"] == "1" and a["VisibilityTimeout"] == "7" and a["QueueArn"].endswith(":q"), a
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"], VisibilityTimeout=0)
m = sqs.receive_message(QueueUrl=url)["Messages"][0]
sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
fails("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="x")

out = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "a"}, {"Id": "b", "MessageBody": "b", "DelaySeconds": 901}])
assert [x["Id"] for x in out["Successful"]] == ["a"] and out["Failed"][0]["Code"] == "InvalidParameterValue", out
fails("AWS.SimpleQueueService.EmptyBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[])
sqs.purge_queue(QueueUrl=url)
start = time.time()
assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
assert 0.9 < time.time() - start < 3

fifo = sqs.create_queue(QueueName="f.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
one = sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="g")
two = sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="g")
assert one["MessageId"] == two["MessageId"] and one["SequenceNumber"] == two["SequenceNumber"]
fails("MissingParameter", sqs.send_message, QueueUrl=fifo, MessageBody="x")

dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": '{"deadLetterTargetArn":"%s","maxReceiveCount":1}' % arn, "VisibilityTimeout": "0"})
assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
sqs.send_message(QueueUrl=url, MessageBody="poison")
assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "poison"
assert "Messages" not in sqs.receive_message(QueueUrl=url)
assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"

assert sqs.list_queues(QueueNamePrefix="d")["QueueUrls"] == [dead]
page = sqs.list_queues(MaxResults=2)
assert len(page["QueueUrls"]) == 2 and len(sqs.list_queues(MaxResults=2, NextToken=page["NextToken"])["QueueUrls"]) == 1
sqs.delete_queue(QueueUrl=url)
fails("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, QueueUrl=url, MessageBody="x")
print("done")
