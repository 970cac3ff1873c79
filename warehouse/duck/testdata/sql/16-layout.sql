# Layouts of tables
! create table l16 (id int distkey, t varchar(9) encode zstd, n int) compound sortkey (n, id)

= keys that are no columns, or given twice
: refused
create table bad (a int) distkey(b)
-> ERROR 42703 column "b" named in key does not exist
create table bad (a int) sortkey(zz)
-> ERROR 42703 column "zz" named in key does not exist
create table bad (a int) diststyle even distkey(a)
-> ERROR 42P16 cannot specify a DISTKEY column with DISTSTYLE EVEN
create table bad (a int) diststyle key
-> ERROR 42P16 DISTSTYLE KEY requires a DISTKEY column
create table bad (a int distkey, b int distkey)
-> ERROR 42P16 multiple distribution keys for a table are not allowed
create table bad (a int distkey, b int) distkey(b)
-> ERROR 42P16 multiple distribution keys for a table are not allowed
create table bad (a int, b int) distkey(a, b)
-> ERROR 42601 syntax error at or near "("
create table bad (a int) sortkey(a, a)
-> ERROR 42701 column "a" appears twice in the sort key
create table bad (a int sortkey) sortkey(a)
-> ERROR 42P16 multiple sort keys for a table are not allowed
create table bad (a, b) distkey(c) as select 1, 2
-> ERROR 42703 column "c" named in key does not exist

= encodings that there are not, or not for the type
: refused
create table bad (a int encode foo)
-> ERROR 42611 invalid encoding type specified for column "a"
create table bad (a varchar(9) encode az64)
-> ERROR 42611 invalid encoding type specified for column "a"
create table bad (a boolean encode lzo)
-> ERROR 42611 invalid encoding type specified for column "a"
create table bad (a int encode text255)
-> ERROR 42611 invalid encoding type specified for column "a"
create table good16 (a int encode az64, b numeric(9,2) encode mostly16, c varchar(9) encode text255, d boolean encode runlength, e char varying(9) encode lzo, f double precision encode zstd)
-> CREATE TABLE

= LIKE inherits DISTKEY, SORTKEY and encodings
: corrected
create table like16 (like l16)
-> CREATE TABLE
select "column", encoding, distkey, sortkey from pg_table_def where tablename = 'like16'
-> id | none | t | 2
-> t | zstd | f | 0
-> n | none | f | 1
create table bad (like l16) distkey(n)
-> ERROR 42P16 a table that is LIKE another has its distribution style and sort key
