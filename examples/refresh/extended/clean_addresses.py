#!/usr/bin/env python3
"""Cleans the customer addresses of one day before they are loaded.

Reads the gzip files below s3://INBOX_BUCKET/incoming/loaddate=DATASET_DATE/
and writes one file below s3://DATA_BUCKET/customer_address/loaddate=…/, where
customer_address.sql finds it. Rows have twelve fields with '~' between them;
a row without an id or with another number of fields is left out, blanks around
fields go, and of rows with one id the last counts. The same files always give
the same file.
"""
import gzip
import os
import sys

FIELDS = 12


def clean(lines):
    """Returns the clean rows in the order of their ids, and what was left out."""
    rows, bad = {}, 0
    for line in lines:
        fields = [field.strip() for field in line.rstrip('\r\n').split('~')]
        if len(fields) != FIELDS or not fields[0]:
            bad += 1
            continue
        rows[fields[0]] = '~'.join(fields)
    return [rows[key] for key in sorted(rows)], bad


def main():
    import boto3

    s3 = boto3.client('s3')
    date, inbox, data = (os.environ[name] for name in ('DATASET_DATE', 'INBOX_BUCKET', 'DATA_BUCKET'))
    lines, files = [], 0
    for page in s3.get_paginator('list_objects_v2').paginate(Bucket=inbox, Prefix='incoming/loaddate=' + date + '/'):
        for entry in page.get('Contents', []):
            if entry['Key'].endswith('.gz'):
                body = s3.get_object(Bucket=inbox, Key=entry['Key'])['Body'].read()
                lines += gzip.decompress(body).decode('utf-8').splitlines()
                files += 1
    if not files:
        sys.exit('clean_addresses.py: no files for ' + date + ' in s3://' + inbox + '/incoming/')
    rows, bad = clean(lines)
    key = 'customer_address/loaddate=' + date + '/part-000.gz'
    text = ''.join(row + '\n' for row in rows).encode('utf-8')
    s3.put_object(Bucket=data, Key=key, Body=gzip.compress(text, mtime=0))
    print('{} rows of {} files to s3://{}/{}; {} left out'.format(len(rows), files, data, key, bad))


if __name__ == '__main__':
    main()
