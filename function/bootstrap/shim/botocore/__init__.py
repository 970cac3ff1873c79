"""The part of botocore that goes with Salamander's own boto3."""
__version__ = '0+salamander'
