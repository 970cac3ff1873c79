"""Signed requests.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""
import datetime
import hashlib
import hmac
import http.client
import random
import socket
import time
from urllib.parse import quote, urlsplit

from botocore.exceptions import EndpointConnectionError, NoCredentialsError, NoRegionError, ReadTimeoutError

ATTEMPTS = 5
TRANSIENT = (500, 502, 503, 504)
THROTTLED = ('Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'SlowDown', 'ThrottledException')


def encoded(text, safe=''):
    return quote(text, safe=safe + '-_.~')


def query_of(params):
    return '&'.join(f'{encoded(k)}={encoded(v)}' for k, v in sorted(params.items()))


class Endpoint:
    """One service at one address."""

    def __init__(self, url, region, service, keys, config):
        parts = urlsplit(url)
        self.url, self.host, self.secure = url, parts.netloc, parts.scheme == 'https'
        self.base = parts.path.rstrip('/')
        self.region, self.service, self.keys = region, service, keys
        self.timeout = getattr(config, 'read_timeout', None) or 60
        if not region:
            raise NoRegionError()

    def sign(self, method, path, query, headers, body):
        access, secret, token = self.keys
        if not access or not secret:
            raise NoCredentialsError()
        now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y%m%dT%H%M%SZ')
        digest = hashlib.sha256(body).hexdigest()
        headers = dict(headers, **{'Host': self.host, 'X-Amz-Date': now})
        if token:
            headers['X-Amz-Security-Token'] = token
        canonical_path = path
        if self.service == 's3':
            headers['X-Amz-Content-Sha256'] = digest
        else:
            canonical_path = encoded(path, '/')
        lines = {k.lower(): ' '.join(v.split()) for k, v in headers.items()}
        names = ';'.join(sorted(lines))
        canonical = '\n'.join([method, canonical_path, query, *(f'{k}:{lines[k]}' for k in sorted(lines)), '', names, digest])
        scope = f'{now[:8]}/{self.region}/{self.service}/aws4_request'
        text = '\n'.join(['AWS4-HMAC-SHA256', now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ('AWS4' + secret).encode()
        for part in scope.split('/'):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers['Authorization'] = f'AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, Signature={signature}'
        return headers

    def once(self, method, path, query, headers, body):
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        connection = kind(self.host, timeout=self.timeout)
        try:
            target = path + ('?' + query if query else '')
            connection.request(method, target, body, self.sign(method, path, query, headers, body))
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def request(self, method, path, query=None, headers=None, body=b'', code_of=lambda status, headers, body: ''):
        """Sends a request, up to five times where the error may pass."""
        path, query = self.base + path, query_of(query or {})
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                status, answer, content = self.once(method, path, query, headers or {}, body)
            except socket.timeout:
                if last:
                    raise ReadTimeoutError(endpoint_url=self.url)
            except (OSError, http.client.HTTPException):
                if last:
                    raise EndpointConnectionError(endpoint_url=self.url)
            else:
                passing = status in TRANSIENT or status >= 400 and code_of(status, answer, content) in THROTTLED
                if last or not passing:
                    return status, answer, content, attempt - 1
            time.sleep(min(random.random() * 2 ** (attempt - 1), 20) / 4)
