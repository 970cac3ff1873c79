"""What boto3 sees of the topics: python3 client.py ENDPOINT"""
import json, sys, boto3

sns, sqs = (boto3.client(s, endpoint_url=sys.argv[1]) for s in ("sns", "sqs"))


def fails(code, f, **args):
    try:
        f(**args)
    except sns.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return e
    raise AssertionError(f"{code} expected")


topic = sns.create_topic(Name="t", Attributes={"DisplayName": "T"}, Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
assert topic == "arn:aws:sns:us-east-1:000000000000:t"
assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "b"}]
assert [t["TopicArn"] for t in sns.list_topics()["Topics"]] == [topic]
e = fails("NotFound", sns.publish, TopicArn=topic + "x", Message="m")
assert isinstance(e, sns.exceptions.NotFoundException)
fails("InvalidParameter", sns.publish, TopicArn=topic, Message="x" * 262145)
fails("InvalidParameter", sns.create_topic, Name="bad name")

url = sqs.create_queue(QueueName="q")["QueueUrl"]
arn = "arn:aws:sqs:us-east-1:000000000000:q"
sub = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": json.dumps({"kind": ["a", {"prefix": "b"}]})})["SubscriptionArn"]
assert sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"] == sub
got = sns.get_subscription_attributes(SubscriptionArn=sub)["Attributes"]
assert got["Protocol"] == "sqs" and got["FilterPolicyScope"] == "MessageAttributes" and got["PendingConfirmation"] == "false", got
fails("InvalidParameter", sns.set_subscription_attributes, SubscriptionArn=sub, AttributeName="FilterPolicy", AttributeValue='{"a":[{"nonsense":1}]}')
kind = lambda k: {"kind": {"DataType": "String", "StringValue": k}}
sns.publish(TopicArn=topic, Message="no", MessageAttributes=kind("c"))
sns.publish(TopicArn=topic, Message=json.dumps({"default": "d", "sqs": "for queues"}), MessageStructure="json", MessageAttributes=kind("bc"))
m = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
assert len(m) == 1 and json.loads(m[0]["Body"])["Message"] == "for queues", m
sqs.delete_message(QueueUrl=url, ReceiptHandle=m[0]["ReceiptHandle"])
sns.set_subscription_attributes(SubscriptionArn=sub, AttributeName="RawMessageDelivery", AttributeValue="true")
out = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
    {"Id": "1", "Message": "raw", "MessageAttributes": kind("a")}, {"Id": "2", "Message": "x", "MessageStructure": "json"}])
assert out["Successful"][0]["Id"] == "1" and out["Failed"][0]["Id"] == "2", out
m = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, MessageAttributeNames=["All"])["Messages"][0]
assert m["Body"] == "raw" and m["MessageAttributes"]["kind"]["StringValue"] == "a", m
a = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
assert a["SubscriptionsConfirmed"] == "1" and a["DisplayName"] == "T", a
mail = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")["SubscriptionArn"]
assert mail == "pending confirmation"
fails("InvalidParameter", sns.confirm_subscription, TopicArn=topic, Token="x")
sns.unsubscribe(SubscriptionArn=sub)
assert [s["SubscriptionArn"] for s in sns.list_subscriptions()["Subscriptions"]] == ["PendingConfirmation"]
sns.delete_topic(TopicArn=topic)
assert sns.list_subscriptions()["Subscriptions"] == []
print("done")
