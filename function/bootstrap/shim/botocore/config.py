"""Configuration of a client. Only what has a meaning here is taken."""


class Config:
    TAKEN = ('region_name', 'connect_timeout', 'read_timeout', 'retries', 'signature_version', 's3', 'max_pool_connections', 'user_agent_extra')

    def __init__(self, **options):
        for name in options:
            if name not in self.TAKEN:
                raise NotImplementedError(f"Salamander's own boto3 does not know the option {name!r} of Config; install boto3 1.28 or newer")
        self.__dict__.update(options)
