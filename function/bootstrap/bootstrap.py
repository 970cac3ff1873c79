"""Runs a Python function: fetches invocations from the Runtime API, calls the
handler, and posts what it returns or raises, as AWS's own runtime does.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""
import base64
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback
from decimal import Decimal

ROOT = os.environ['LAMBDA_TASK_ROOT']
API = '/2018-06-01/runtime'
RUNTIME = os.environ.get('AWS_EXECUTION_ENV', '').removeprefix('AWS_Lambda_')
# From Python 3.12 on answers are not escaped to ASCII.
ASCII = RUNTIME in ('python3.6', 'python3.7', 'python3.8', 'python3.9', 'python3.10', 'python3.11')

connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])


def request(method, path, body=None, kind=None):
    headers = {'Content-Type': 'application/json'}
    if kind:
        headers['Lambda-Runtime-Function-Error-Type'] = kind
    connection.request(method, API + path, body, headers)
    response = connection.getresponse()
    return response, response.read()


class Fault(Exception):
    """An error that is told without the runtime's own frames."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind, self.message, self.stack = kind, message, list(stack)


def shown(filename):
    """The place of a file as functions see it on AWS."""
    if filename.startswith(ROOT + os.sep):
        return '/var/task' + filename[len(ROOT):]
    return filename


def stack_of(error):
    frames = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in (__file__, importlib.__file__) or frame.filename.startswith('<frozen importlib'):
            continue  # AWS shows importlib's; they differ from one Python to the next
        line = frame.line  # read before the name changes
        frames.append(traceback.FrameSummary(shown(frame.filename), frame.lineno, frame.name, lookup_line=False, line=line))
    return [f'  File "{f.filename}", line {f.lineno}, in {f.name}\n' + (f'    {f.line}\n' if f.line else '') for f in frames]


def described(error):
    if isinstance(error, Fault):
        return error.kind, error.message, error.stack
    return type(error).__name__, str(error), stack_of(error)


def told(error, request_id):
    """Logs an error and returns it as the document that is posted."""
    kind, message, stack = described(error)
    lines = [f'[ERROR] {kind}: {message}' if message else f'[ERROR] {kind}']
    if stack:
        lines.append('Traceback (most recent call last):')
        lines += ''.join(stack).rstrip('\n').split('\n')
    print('\r'.join(line.replace('\n', '\r') for line in lines), flush=True)
    document = {'errorMessage': message, 'errorType': kind, 'requestId': request_id, 'stackTrace': stack}
    return kind, json.dumps(document, ensure_ascii=False).encode()


def find_handler(name):
    try:
        module_name, function_name = name.rsplit('.', 1)
    except ValueError as error:
        raise Fault('Runtime.MalformedHandlerName', f"Bad handler '{name}': {error}")
    try:
        module = importlib.import_module(module_name.replace('/', '.'))
    except ImportError as error:
        raise Fault('Runtime.ImportModuleError', f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        text = (error.text or '').rstrip('\n')
        raise Fault('Runtime.UserCodeSyntaxError', f"Syntax error in module '{module_name}': {error}".replace(ROOT, '/var/task'),
                    [f'  File "{shown(error.filename or "")}" Line {error.lineno}\n    {text}\n'])
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault('Runtime.HandlerNotFound', f"Handler '{function_name}' missing on module '{module_name}'")


class Context:
    """What the handler gets as its second argument."""

    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers['Lambda-Runtime-Aws-Request-Id']
        self.invoked_function_arn = headers['Lambda-Runtime-Invoked-Function-Arn']
        self.function_name = env['AWS_LAMBDA_FUNCTION_NAME']
        self.function_version = env['AWS_LAMBDA_FUNCTION_VERSION']
        self.memory_limit_in_mb = env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
        self.log_group_name = env['AWS_LAMBDA_LOG_GROUP_NAME']
        self.log_stream_name = env['AWS_LAMBDA_LOG_STREAM_NAME']
        self.identity = None
        self.client_context = None
        client = headers.get('Lambda-Runtime-Client-Context')
        if client:
            self.client_context = ClientContext(json.loads(base64.b64decode(client)))
        self._deadline = int(headers['Lambda-Runtime-Deadline-Ms'])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        print(message)


class ClientContext:
    def __init__(self, document):
        self.custom = document.get('custom')
        self.env = document.get('env')
        self.client = document.get('client')


class Formatter(logging.Formatter):
    converter = time.gmtime


class RequestID(logging.Filter):
    current = ''

    def filter(self, record):
        record.aws_request_id = RequestID.current
        return True


def set_up_logging():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter('[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s', '%Y-%m-%dT%H:%M:%S'))
    handler.addFilter(RequestID())
    logging.getLogger().addHandler(handler)


def set_up_boto3():
    """Puts our own boto3 first where none is, or one that is too old to know
    AWS_ENDPOINT_URL (before botocore 1.31) and would call AWS itself, or where
    the function asks for it: SALAMANDER_BOTO3=own."""
    if 'AWS_ENDPOINT_URL' not in os.environ:
        return
    import importlib.util
    own = os.environ.get('SALAMANDER_BOTO3') == 'own'
    if not own and importlib.util.find_spec('boto3') and importlib.util.find_spec('botocore'):
        from importlib.metadata import PackageNotFoundError, version
        try:
            major, minor = version('botocore').split('.')[:2]
            if (int(major), int(minor)) >= (1, 31):
                return
        except (PackageNotFoundError, ValueError):
            pass
    sys.path.insert(0, os.path.join(os.environ['LAMBDA_RUNTIME_DIR'], 'shim'))


def encoded(value):
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f'Object of type {type(value).__name__} is not JSON serializable')


def serve(handler):
    headers, body = request('GET', '/invocation/next')
    request_id = headers.headers['Lambda-Runtime-Aws-Request-Id']
    RequestID.current = request_id
    path = f'/invocation/{request_id}/'
    try:
        try:
            event = json.loads(body)
        except ValueError as error:
            raise Fault('Runtime.UnmarshalError', f'Unable to unmarshal input: {error}')
        result = handler(event, Context(headers.headers))
        try:
            answer = json.dumps(result, ensure_ascii=ASCII, default=encoded).encode()
        except (TypeError, ValueError) as error:
            raise Fault('Runtime.MarshalError', f'Unable to marshal response: {error}')
    except Exception as error:
        kind, document = told(error, request_id)
        sys.stdout.flush()
        sys.stderr.flush()
        request('POST', path + 'error', document, kind)
    else:
        sys.stdout.flush()
        sys.stderr.flush()
        request('POST', path + 'response', answer)


def main():
    sys.path[0] = ROOT
    set_up_boto3()
    set_up_logging()
    try:
        handler = find_handler(os.environ['_HANDLER'])
    except Exception as error:
        kind, document = told(error, '')
        sys.stderr.flush()
        request('POST', '/init/error', document, kind)
        sys.exit(1)
    try:
        while True:
            serve(handler)
    except (OSError, http.client.HTTPException):
        sys.exit(1)  # Salamander has ended


if __name__ == '__main__':
    main()
