"""The services and operations that Salamander has."""
import base64
import datetime
import http.client
import io
import json
import xml.etree.ElementTree as ElementTree

from botocore.exceptions import ClientError, ParamValidationError, UnknownServiceError

from .http import Endpoint, encoded

OPERATIONS = {
    'batch': '''CancelJob CreateComputeEnvironment CreateJobQueue DeleteComputeEnvironment DeleteJobQueue
        DeregisterJobDefinition DescribeComputeEnvironments DescribeJobDefinitions DescribeJobQueues DescribeJobs ListJobs
        RegisterJobDefinition SubmitJob TerminateJob UpdateComputeEnvironment UpdateJobQueue''',
    'stepfunctions': '''CreateStateMachine DeleteStateMachine DescribeExecution DescribeStateMachine
        DescribeStateMachineForExecution GetExecutionHistory ListExecutions ListStateMachines SendTaskFailure
        SendTaskHeartbeat SendTaskSuccess StartExecution StopExecution UpdateStateMachine''',
    'logs': '''CreateLogGroup CreateLogStream DeleteLogGroup DeleteLogStream DescribeLogGroups DescribeLogStreams
        FilterLogEvents GetLogEvents PutLogEvents''',
    'lambda': '''CreateFunction DeleteFunction GetFunction GetFunctionConfiguration Invoke ListFunctions
        UpdateFunctionCode UpdateFunctionConfiguration''',
    'sts': 'GetCallerIdentity',
    's3': '''CreateBucket DeleteBucket DeleteObject GetObject HeadBucket HeadObject ListBuckets ListObjectsV2 PutObject''',
}
# The errors of each service's model, which clients have classes for.
ERRORS = {
    'batch': '''ClientException ServerException''',
    'stepfunctions': '''ActivityAlreadyExists ActivityDoesNotExist ActivityLimitExceeded ActivityWorkerLimitExceeded ConflictException
        ExecutionAlreadyExists ExecutionDoesNotExist ExecutionLimitExceeded ExecutionNotRedrivable InvalidArn
        InvalidDefinition InvalidEncryptionConfiguration InvalidExecutionInput InvalidLoggingConfiguration InvalidName
        InvalidOutput InvalidToken InvalidTracingConfiguration KmsAccessDeniedException KmsInvalidStateException
        KmsThrottlingException MissingRequiredParameter ResourceNotFound ServiceQuotaExceededException
        StateMachineAlreadyExists StateMachineDeleting StateMachineDoesNotExist StateMachineLimitExceeded
        StateMachineTypeNotSupported TaskDoesNotExist TaskTimedOut TooManyTags ValidationException''',
    'logs': '''AccessDeniedException ConflictException DataAlreadyAcceptedException InternalServerException
        InternalStreamingException InvalidOperationException InvalidParameterException InvalidSequenceTokenException
        LimitExceededException MalformedQueryException OperationAbortedException ResourceAlreadyExistsException
        ResourceNotFoundException ServiceQuotaExceededException ServiceUnavailableException SessionStreamingException
        SessionTimeoutException ThrottlingException TooManyTagsException UnrecognizedClientException ValidationException''',
    'lambda': '''CallbackTimeoutException CapacityProviderLimitExceededException CodeSigningConfigNotFoundException
        CodeStorageExceededException CodeVerificationFailedException DurableExecutionAlreadyStartedException
        EC2AccessDeniedException EC2ThrottledException EC2UnexpectedException EFSIOException EFSMountConnectivityException
        EFSMountFailureException EFSMountTimeoutException ENILimitReachedException
        FunctionVersionsPerCapacityProviderLimitExceededException InvalidCodeSignatureException InvalidParameterValueException
        InvalidRequestContentException InvalidRuntimeException InvalidSecurityGroupIDException InvalidSubnetIDException
        InvalidZipFileException KMSAccessDeniedException KMSDisabledException KMSInvalidStateException KMSNotFoundException
        NoPublishedVersionException PolicyLengthExceededException PreconditionFailedException
        ProvisionedConcurrencyConfigNotFoundException RecursiveInvocationException RequestTooLargeException
        ResourceConflictException ResourceInUseException ResourceNotFoundException ResourceNotReadyException
        S3FilesMountConnectivityException S3FilesMountFailureException S3FilesMountTimeoutException
        SerializedRequestEntityTooLargeException ServiceException SnapStartException SnapStartNotReadyException
        SnapStartTimeoutException SubnetIPAddressLimitReachedException TooManyRequestsException UnsupportedMediaTypeException''',
    'sts': '''ExpiredTokenException ExpiredTradeInTokenException IDPCommunicationError IDPRejectedClaim
        InvalidAuthorizationMessageException InvalidIdentityToken JWTPayloadSizeExceededException MalformedPolicyDocument
        OutboundWebIdentityFederationDisabledException PackedPolicyTooLarge RegionDisabledException
        SessionDurationEscalationException''',
    's3': '''AccessDenied BucketAlreadyExists BucketAlreadyOwnedByYou EncryptionTypeMismatch IdempotencyParameterMismatch
        InvalidObjectState InvalidRequest InvalidWriteOffset NoSuchBucket NoSuchKey NoSuchUpload
        ObjectAlreadyInActiveTierError ObjectNotInActiveTierError TooManyParts''',
}
SIGNING = {'stepfunctions': 'states'}


def snake(name):
    return ''.join('_' + c.lower() if c.isupper() else c for c in name).lstrip('_')


def make(service, url, region, keys, config):
    if service not in OPERATIONS:
        raise UnknownServiceError(service_name=service, known_service_names=', '.join(sorted(OPERATIONS))
                                  + " (in Salamander's own boto3; install boto3 1.28 or newer for the others)")
    endpoint = Endpoint(url, region, SIGNING.get(service, service), keys, config)
    return CLIENTS[service](service, endpoint)


class Exceptions:
    """The errors of a client: classes by the name of their code."""

    def __init__(self, names):
        self.ClientError = ClientError
        self._classes = {name: type(name, (ClientError,), {}) for name in names}

    def __getattr__(self, name):
        if name in self._classes:
            return self._classes[name]
        raise AttributeError(f'{name} is no error of this client; it has ' + ', '.join(self._classes))

    def from_code(self, code):
        return self._classes.get(code, ClientError)


class Meta:
    def __init__(self, region, url):
        self.region_name, self.endpoint_url = region, url


class Client:
    """A client of one service. Its methods are its operations."""

    def __init__(self, service, endpoint):
        self._service, self._endpoint = service, endpoint
        self._operations = {snake(name): name for name in OPERATIONS[service].split()}
        self.exceptions = Exceptions(ERRORS[service].split())
        self.meta = Meta(endpoint.region, endpoint.url)

    def __getattr__(self, method):
        if method.startswith('__'):
            raise AttributeError(method)
        name = self._operations.get(method)
        if name is None:
            raise NotImplementedError(f"Salamander's own boto3 has no {self._service}.{method}; it has "
                                      + ', '.join(sorted(self._operations)) + '; install boto3 1.28 or newer for the others')

        def call(*args, **params):
            if args:
                raise TypeError(f'{method}() only accepts keyword arguments.')
            return self._call(name, params)
        call.__name__ = method
        return call

    def close(self):
        pass

    def can_paginate(self, operation_name):
        return False

    def _send(self, name, method, path, **options):
        status, headers, body, retries = self._endpoint.request(
            method, path, code_of=lambda *answer: self._error(*answer)[0], **options)
        metadata = {'RequestId': headers.get('x-amzn-RequestId') or headers.get('x-amz-request-id') or '', 'HTTPStatusCode': status,
                    'HTTPHeaders': {k.lower(): v for k, v in headers.items()}, 'RetryAttempts': retries}
        if status >= 300:
            code, message = self._error(status, headers, body)
            response = {'Error': {'Code': code, 'Message': message}, 'ResponseMetadata': metadata}
            raise self.exceptions.from_code(code)(response, name)
        return metadata, headers, body

    def _error(self, status, headers, body):
        try:
            document = json.loads(body or b'{}')
        except ValueError:
            document = {}
        if not isinstance(document, dict):
            document = {}
        code = headers.get('x-amzn-ErrorType') or document.get('__type') or document.get('code') or str(status)
        return code.split(':')[0].split('#')[-1], document.get('message') or document.get('Message') or ''


def plain(value):
    """A parameter as JSON has it."""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f'Object of type {type(value).__name__} cannot be sent')


def body_of(params):
    try:
        return json.dumps(params, default=plain).encode()
    except TypeError as error:
        raise ParamValidationError(report=str(error))


DATES = {'creationDate', 'startDate', 'stopDate', 'updateDate', 'redriveDate', 'timestamp'}


def with_dates(value):
    """Epoch seconds of Step Functions as datetimes."""
    if isinstance(value, list):
        return [with_dates(v) for v in value]
    if not isinstance(value, dict):
        return value
    return {k: datetime.datetime.fromtimestamp(v, datetime.timezone.utc).astimezone() if k in DATES and isinstance(v, (int, float)) else with_dates(v)
            for k, v in value.items()}


class JSONClient(Client):
    TARGETS = {'stepfunctions': ('AWSStepFunctions', '1.0'), 'logs': ('Logs_20140328', '1.1')}

    def _call(self, name, params):
        prefix, version = self.TARGETS[self._service]
        metadata, _, body = self._send(name, 'POST', '/', body=body_of(params), headers={
            'Content-Type': 'application/x-amz-json-' + version, 'X-Amz-Target': prefix + '.' + name})
        document = json.loads(body or b'{}')
        if self._service == 'stepfunctions':
            document = with_dates(document)
        return dict(document, ResponseMetadata=metadata)


class BatchClient(Client):
    def _call(self, name, params):
        metadata, _, body = self._send(name, 'POST', '/v1/' + name.lower(), body=body_of(params), headers={'Content-Type': 'application/json'})
        return dict(json.loads(body or b'{}'), ResponseMetadata=metadata)


class StreamingBody(io.BytesIO):
    """A body that is read as a file."""

    def iter_lines(self, chunk_size=1024, keepends=False):
        return iter(self.read().splitlines(keepends))

    def iter_chunks(self, chunk_size=1024):
        return iter(lambda: self.read(chunk_size), b'')


def need(params, name):
    value = params.pop(name, None)
    if value is None or value == '':
        raise ParamValidationError(report=f'Missing required parameter in input: "{name}"')
    return value


class LambdaClient(Client):
    PATHS = {'CreateFunction': ('POST', ''), 'ListFunctions': ('GET', ''), 'GetFunction': ('GET', '/{}'), 'DeleteFunction': ('DELETE', '/{}'),
             'GetFunctionConfiguration': ('GET', '/{}/configuration'), 'UpdateFunctionConfiguration': ('PUT', '/{}/configuration'),
             'UpdateFunctionCode': ('PUT', '/{}/code')}

    def _call(self, name, params):
        params = dict(params)
        if name == 'Invoke':
            return self._invoke(params)
        method, path = self.PATHS[name]
        if path:
            path = path.format(encoded(need(params, 'FunctionName')))
        path = '/2015-03-31/functions' + path
        if method in ('GET', 'DELETE'):
            metadata, _, body = self._send(name, method, path, query={k: str(v) for k, v in params.items()})
        else:
            metadata, _, body = self._send(name, method, path, body=body_of(params), headers={'Content-Type': 'application/json'})
        document = dict(json.loads(body or b'{}'), ResponseMetadata=metadata)
        if name == 'DeleteFunction':
            document['StatusCode'] = metadata['HTTPStatusCode']
        return document

    def _invoke(self, params):
        path = '/2015-03-31/functions/' + encoded(need(params, 'FunctionName')) + '/invocations'
        payload = params.pop('Payload', b'')
        if isinstance(payload, str):
            payload = payload.encode()
        elif hasattr(payload, 'read'):
            payload = payload.read()
        headers, query = {}, {}
        for name, header in (('InvocationType', 'X-Amz-Invocation-Type'), ('LogType', 'X-Amz-Log-Type'), ('ClientContext', 'X-Amz-Client-Context')):
            if name in params:
                headers[header] = params.pop(name)
        if 'Qualifier' in params:
            query['Qualifier'] = params.pop('Qualifier')
        unknown(params)
        metadata, answer, body = self._send('Invoke', 'POST', path, query=query, headers=headers, body=bytes(payload))
        out = {'ResponseMetadata': metadata, 'StatusCode': metadata['HTTPStatusCode'], 'Payload': StreamingBody(body)}
        for name, header in (('FunctionError', 'X-Amz-Function-Error'), ('LogResult', 'X-Amz-Log-Result'), ('ExecutedVersion', 'X-Amz-Executed-Version')):
            if answer.get(header):
                out[name] = answer[header]
        return out


def unknown(params):
    if params:
        raise ParamValidationError(report='\n'.join(f'Unknown parameter in input: "{name}"' for name in params))


def local(element):
    return element.tag.split('}')[-1]


def tree(text):
    return ElementTree.fromstring(text) if text else ElementTree.Element('none')


def child(element, name):
    for e in element.iter():
        if local(e) == name:
            return e.text or ''
    return ''


class XMLClient(Client):
    def _error(self, status, headers, body):
        try:
            document = tree(body)
        except ElementTree.ParseError:
            document = tree(b'')
        return child(document, 'Code') or str(status), child(document, 'Message') or http.client.responses.get(status, '')


class STSClient(XMLClient):
    def _call(self, name, params):
        unknown(params)
        metadata, _, body = self._send(name, 'POST', '/', body=b'Action=GetCallerIdentity&Version=2011-06-15',
                                       headers={'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8'})
        document = tree(body)
        return {'UserId': child(document, 'UserId'), 'Account': child(document, 'Account'), 'Arn': child(document, 'Arn'), 'ResponseMetadata': metadata}


class S3Client(XMLClient):
    def _call(self, name, params):
        return getattr(self, '_' + snake(name))(name, dict(params))

    @staticmethod
    def _path(params, key=True):
        path = '/' + encoded(need(params, 'Bucket'))
        return path + '/' + encoded(need(params, 'Key'), '/') if key else path

    def _simple(self, name, method, params, key):
        path = self._path(params, key)
        unknown(params)
        metadata, headers, _ = self._send(name, method, path)
        return metadata, headers

    def _create_bucket(self, name, params):
        _, headers = self._simple(name, 'PUT', params, False)
        return {'Location': headers.get('Location', '')}

    def _delete_bucket(self, name, params):
        return {'ResponseMetadata': self._simple(name, 'DELETE', params, False)[0]}

    def _head_bucket(self, name, params):
        return {'ResponseMetadata': self._simple(name, 'HEAD', params, False)[0]}

    def _delete_object(self, name, params):
        return {'ResponseMetadata': self._simple(name, 'DELETE', params, True)[0]}

    def _put_object(self, name, params):
        path, body, headers = self._path(params), params.pop('Body', b''), {}
        if isinstance(body, str):
            body = body.encode()
        elif hasattr(body, 'read'):
            body = body.read()
        if 'ContentType' in params:
            headers['Content-Type'] = params.pop('ContentType')
        for key, value in params.pop('Metadata', {}).items():
            headers['x-amz-meta-' + key] = value
        unknown(params)
        metadata, answer, _ = self._send(name, 'PUT', path, headers=headers, body=bytes(body))
        return {'ETag': answer.get('ETag', ''), 'ResponseMetadata': metadata}

    def _described(self, metadata, headers):
        out = {'ResponseMetadata': metadata, 'ETag': headers.get('ETag', ''), 'ContentType': headers.get('Content-Type', ''),
               'ContentLength': int(headers.get('Content-Length') or 0),
               'Metadata': {k.lower()[len('x-amz-meta-'):]: v for k, v in headers.items() if k.lower().startswith('x-amz-meta-')}}
        if headers.get('Last-Modified'):
            from email.utils import parsedate_to_datetime
            out['LastModified'] = parsedate_to_datetime(headers['Last-Modified'])
        return out

    def _get_object(self, name, params):
        path, headers = self._path(params), {}
        if 'Range' in params:
            headers['Range'] = params.pop('Range')
        unknown(params)
        metadata, answer, body = self._send(name, 'GET', path, headers=headers)
        return dict(self._described(metadata, answer), Body=StreamingBody(body))

    def _head_object(self, name, params):
        path = self._path(params)
        unknown(params)
        metadata, answer, _ = self._send(name, 'HEAD', path)
        return self._described(metadata, answer)

    def _list_buckets(self, name, params):
        unknown(params)
        metadata, _, body = self._send(name, 'GET', '/')
        buckets = [{'Name': child(e, 'Name'), 'CreationDate': when(child(e, 'CreationDate'))} for e in tree(body).iter() if local(e) == 'Bucket']
        return {'Buckets': buckets, 'ResponseMetadata': metadata}

    def _list_objects_v2(self, name, params):
        path, query = self._path(params, False), {'list-type': '2'}
        for param, wire in (('Prefix', 'prefix'), ('Delimiter', 'delimiter'), ('MaxKeys', 'max-keys'), ('StartAfter', 'start-after'),
                            ('ContinuationToken', 'continuation-token')):
            if param in params:
                query[wire] = str(params.pop(param))
        unknown(params)
        metadata, _, body = self._send(name, 'GET', path, query=query)
        document = tree(body)
        objects = [{'Key': child(e, 'Key'), 'Size': int(child(e, 'Size')), 'ETag': child(e, 'ETag'), 'LastModified': when(child(e, 'LastModified')),
                    'StorageClass': child(e, 'StorageClass')} for e in document if local(e) == 'Contents']
        out = {'KeyCount': len(objects), 'IsTruncated': child(document, 'IsTruncated') == 'true', 'ResponseMetadata': metadata}
        if objects:
            out['Contents'] = objects
        prefixes = [{'Prefix': child(e, 'Prefix')} for e in document if local(e) == 'CommonPrefixes']
        if prefixes:
            out['CommonPrefixes'] = prefixes
            out['KeyCount'] += len(prefixes)
        if child(document, 'NextContinuationToken'):
            out['NextContinuationToken'] = child(document, 'NextContinuationToken')
        return out


def when(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) if text else None


CLIENTS = {'batch': BatchClient, 'stepfunctions': JSONClient, 'logs': JSONClient, 'lambda': LambdaClient, 'sts': STSClient, 's3': S3Client}
