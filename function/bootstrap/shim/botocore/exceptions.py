"""The errors of botocore that clients raise."""


class BotoCoreError(Exception):
    fmt = 'An unspecified error occurred'

    def __init__(self, **kwargs):
        self.kwargs = kwargs
        super().__init__(self.fmt.format(**kwargs))


class NoCredentialsError(BotoCoreError):
    fmt = 'Unable to locate credentials'


class NoRegionError(BotoCoreError):
    fmt = 'You must specify a region.'


class EndpointConnectionError(BotoCoreError):
    fmt = 'Could not connect to the endpoint URL: "{endpoint_url}"'


class ReadTimeoutError(BotoCoreError):
    fmt = 'Read timeout on endpoint URL: "{endpoint_url}"'


class ParamValidationError(BotoCoreError):
    fmt = 'Parameter validation failed:\n{report}'


class UnknownServiceError(BotoCoreError):
    fmt = "Unknown service: '{service_name}'. Valid service names are: {known_service_names}"


class ClientError(Exception):
    """An error that a service answered."""

    def __init__(self, error_response, operation_name):
        error = error_response.get('Error', {})
        super().__init__('An error occurred ({}) when calling the {} operation: {}'.format(
            error.get('Code', 'Unknown'), operation_name, error.get('Message', 'Unknown')))
        self.response = error_response
        self.operation_name = operation_name
