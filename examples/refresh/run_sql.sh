#!/bin/sh
# run_sql.sh FILE runs an SQL script on the warehouse with psql. It is what the
# jobs' BATCH_FILE_S3_URL names: fetch-and-run gives it the script that
# BATCH_FILE_SQL_S3_URL names as its last argument.
#
# From the environment: REDSHIFT_ENDPOINT, REDSHIFT_PORT, REDSHIFT_DBNAME,
# REDSHIFT_USER, REDSHIFT_PASSWORD for the connection; S3_DATA_LOC,
# S3_DATA_READ_ROLE and DATASET_DATE for the script's variables s3dataloc,
# s3datareadrole and dt.
#
# It exits as psql does: 0 done, 1 no such file, 2 no connection, 3 the script
# failed (it stops at the first error).

for sql in "$@"; do :; done
if [ -z "$sql" ]; then
	echo "run_sql.sh: no script given" >&2
	exit 1
fi

PGPASSWORD=$REDSHIFT_PASSWORD
export PGPASSWORD

set -- psql -X -h "$REDSHIFT_ENDPOINT" -p "${REDSHIFT_PORT:-5439}" -d "${REDSHIFT_DBNAME:-dev}" -U "$REDSHIFT_USER" \
	-v ON_ERROR_STOP=1 \
	-v s3dataloc="$S3_DATA_LOC" \
	-v s3datareadrole="$S3_DATA_READ_ROLE" \
	-v dt="$DATASET_DATE" \
	-f "$sql"
echo "$@"
exec "$@"
