"""Salamander's own boto3, of the standard library alone: client() for the
operations that Salamander has. It stands in where no boto3 is installed, or
one that is too old to know AWS_ENDPOINT_URL. Anything else raises by name.
"""
import os

__version__ = '0+salamander'


def client(service_name, region_name=None, api_version=None, use_ssl=True, verify=None, endpoint_url=None,
           aws_access_key_id=None, aws_secret_access_key=None, aws_session_token=None, config=None):
    from .clients import make
    env = os.environ
    if not aws_access_key_id:
        aws_access_key_id, aws_secret_access_key, aws_session_token = (
            env.get('AWS_ACCESS_KEY_ID'), env.get('AWS_SECRET_ACCESS_KEY'), env.get('AWS_SESSION_TOKEN'))
    region = region_name or getattr(config, 'region_name', None) or env.get('AWS_REGION') or env.get('AWS_DEFAULT_REGION')
    return make(service_name, endpoint_url or env['AWS_ENDPOINT_URL'], region,
                (aws_access_key_id, aws_secret_access_key, aws_session_token), config)


class Session:
    """A session that makes clients."""

    def __init__(self, region_name=None, aws_access_key_id=None, aws_secret_access_key=None, aws_session_token=None):
        self.region_name = region_name or os.environ.get('AWS_REGION')
        self._options = {'region_name': region_name, 'aws_access_key_id': aws_access_key_id,
                         'aws_secret_access_key': aws_secret_access_key, 'aws_session_token': aws_session_token}

    def client(self, service_name, **options):
        return client(service_name, **{**self._options, **options})


def __getattr__(name):
    if name in ('resource', 'setup_default_session', 'DEFAULT_SESSION', 'set_stream_logger'):
        raise NotImplementedError(f"Salamander's own boto3 has no {name}, only client(): install boto3 1.28 or newer for the whole of it")
    raise AttributeError(f"module 'boto3' has no attribute {name!r}")
