# COPY and UNLOAD
! put day/1.txt 1|a\n2|b\n
! create table ld (a int, b varchar(5))

= COPY … FROM 's3://…'
: own
@ 4c COPY FROM s3, UNLOAD
copy ld from 's3://b/day/' iam_role default
-> COPY
select * from ld order by a
-> 1 | a
-> 2 | b

= COPY: DELIMITER, CSV, QUOTE, FIXEDWIDTH, JSON, PARQUET
: own
: Parquet files are flat ones.
test: TestCopyForms

= COPY: GZIP, ZSTD, IGNOREHEADER, MANIFEST, TRIMBLANKS, REGION
: own
test: TestCopy

= COPY: BZIP2
: own
test: TestCopyBzip2

= COPY: many files and blocks, at once
: own
test: TestCopyOfManyBlocks

= COPY: EXPLICIT_IDS
: own
test: TestIdentityColumns

= COPY: NULL AS, EMPTYASNULL, BLANKSASNULL, TRUNCATECOLUMNS, FILLRECORD, ESCAPE, REMOVEQUOTES, ROUNDEC, DATEFORMAT, TIMEFORMAT, ACCEPTINVCHARS, …
: own
test: TestLoad

= COPY: AVRO, ORC, LZOP, SHAPEFILE, ENCRYPTED, SSH
: refused
copy ld from 's3://b/day/' iam_role default format avro 'auto'
-> ERROR 0A000 COPY … AVRO is not supported by the embedded warehouse
copy ld from 's3://b/day/' iam_role default format as orc
-> ERROR 0A000 COPY … ORC is not supported by the embedded warehouse
copy ld from 's3://b/day/' iam_role default lzop
-> ERROR 0A000 COPY … LZOP is not supported by the embedded warehouse
copy ld from 's3://b/day/' iam_role default encrypted
-> ERROR 0A000 COPY … ENCRYPTED is not supported by the embedded warehouse
copy ld from 's3://b/day/' iam_role default shapefile
-> ERROR 0A000 COPY … SHAPEFILE is not supported by the embedded warehouse

= COPY: from DynamoDB, EMR, a host by SSH
: refused
copy ld from 'dynamodb://t' iam_role default readratio 50
-> ERROR 22023 COPY source must be of the form s3://bucket/prefix
copy ld from 'emr://j-1/x' iam_role default
-> ERROR 22023 COPY source must be of the form s3://bucket/prefix

= UNLOAD to text, CSV, JSON, Parquet, with its options
: own
test: TestUnload

= bad files: wrong delimiters, Latin-1, NUL bytes, cut-off gzip, missing manifest entries, lines of 10 MB
: own
: The line and the byte are named, and the table stays as it was.
test: TestBadFiles

= statements of 16 MB
: own
test: TestLargeStatements

= loads that are cancelled
: own
test: TestCancelledLoad

= UNLOAD: CLEANPATH
: same
: What is at the prefix is removed when the first file is stored there: a query that fails removes nothing.
test: TestUnload

= COPY of nested Parquet into SUPER: SERIALIZETOJSON
: same
test: TestParquetSuper

= COPY and UNLOAD with buckets of another S3: ACCESS_KEY_ID, CREDENTIALS, REGION
: own
: Where warehouse-s3-endpoint is configured; the server's own buckets come first.
test: TestWarehouseReachesAnotherS3

= UNLOAD: BZIP2, FIXEDWIDTH, ENCRYPTED
: refused
unload ('select 1') to 's3://b/x/' iam_role default bzip2
-> ERROR 0A000 UNLOAD … BZIP2 is not supported by the embedded warehouse
unload ('select 1') to 's3://b/x/' iam_role default fixedwidth '0:3'
-> ERROR 0A000 UNLOAD … FIXEDWIDTH is not supported by the embedded warehouse
unload ('select 1') to 's3://b/x/' iam_role default encrypted
-> ERROR 0A000 UNLOAD … ENCRYPTED is not supported by the embedded warehouse

= UNLOAD and COPY without credentials, or with others
: own
unload ('select 1') to 's3://b/x/'
-> ERROR 42601 CREDENTIALS argument is required but missing
unload ('select 1') to 's3://b/x/' credentials 'nonsense'
-> ERROR 22023 Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'
copy ld from 's3://b/day/'
-> ERROR 42601 CREDENTIALS argument is required but missing
copy ld from 's3://b/day/' credentials 'nonsense'
-> ERROR 22023 Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'
