# Mended loads and unloads
! put char/1 1|abc\n2|dé\n3|e\n
! put char/json {"k":1,"c":"abc"}\n\n\n {"k":2,\n "c":"dé"}\n{"k":3,"c":"e"}
! put char/wide 1|abcdefgé\n
! put octal/1 1\001x\n2\001y\n
! put nul/1 1|\000\n2|z\n
! put nul/2 1|a\000b\n
! put super/1 1||a\n2|{"a":1}|b\n3|  |c\n
! put super/2 1,"",a\n2,"{""a"":1}",b\n
! put badly/1 x|y\n
! create table loaded_char (k int, c char(4))
! create table octals (k int, v varchar(9))
! create table loaded_super (k int, s super, v varchar(9))
! create schema own_loads
! create table own_loads.octals (k int, v varchar(9))
! insert into own_loads.octals values (1, 'x')

= UNLOAD of columns with one name
: same
: Parquet and JSON keep values by their names; texts and CSV take any.
unload ('select 1, 2') to 's3://b/twice/' iam_role default parquet
-> ERROR 42701 column "?column?" specified more than once
unload ('select 1 as a, 2 as a') to 's3://b/twice/' iam_role default json
-> ERROR 42701 column "a" specified more than once
unload ('select 1 as a, 2 as a') to 's3://b/twice/' iam_role default csv
-> UNLOAD
copy octals from 's3://b/twice/' iam_role default csv; select * from octals; truncate octals
-> COPY
-> 1 | 2
-> TRUNCATE TABLE

= UNLOAD with LIMIT in the outer SELECT
: same
unload ('select 1 as a limit 1') to 's3://b/limit/' iam_role default
-> ERROR 0A000 LIMIT clause is not supported in the outer SELECT of UNLOAD
unload ('(select 1 as a) union all select 2 limit 1') to 's3://b/limit/' iam_role default
-> ERROR 0A000 LIMIT clause is not supported in the outer SELECT of UNLOAD
unload ('select * from (select 1 as a limit 1)') to 's3://b/limit/' iam_role default
-> UNLOAD

= COPY of characters of several bytes into CHAR
: same
copy loaded_char from 's3://b/char/1' iam_role default
-> ERROR XX000 Load into table 'loaded_char' failed.  Check 'stl_load_errors' system table for details.
select trim(colname), line_number, err_code, trim(err_reason) from stl_load_errors where query = pg_last_copy_id() or filename = 's3://b/char/1'
-> c | 2 | 1220 | Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9
copy loaded_char from 's3://b/char/1' iam_role default maxerror 5
-> COPY
copy loaded_char from 's3://b/char/wide' iam_role default truncatecolumns
-> ERROR XX000 Load into table 'loaded_char' failed.  Check 'stl_load_errors' system table for details.
unload ('select 1 as k, ''dé''::varchar as c') to 's3://b/charp/' iam_role default parquet
-> UNLOAD
copy loaded_char from 's3://b/charp/' iam_role default parquet
-> ERROR XX000 Load into table 'loaded_char' failed.  Check 'stl_load_errors' system table for details.
copy loaded_char from 's3://b/char/1' iam_role default maxerror 5 acceptinvchars noload
-> COPY
select trim(filename), err_code, trim(err_reason) from stl_load_errors where filename like 's3://b/char%' order by starttime
-> s3://b/char/1 | 1220 | Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9
-> s3://b/char/1 | 1220 | Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9
-> s3://b/char/wide | 1220 | Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9
-> s3://b/charp/0000_part_00.parquet | 1220 | Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9
-> s3://b/char/1 | 1220 | Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9
select * from loaded_char order by k
-> 1 | abc
-> 3 | e

= load errors in JSON: the line where the record begins
: same
copy loaded_char from 's3://b/char/json' iam_role default json 'auto' maxerror 5
-> COPY
select line_number, raw_line, raw_field_value from stl_load_errors where filename = 's3://b/char/json'
-> 4 | {"k":2,⏎ "c":"dé"} | dé

= COPY: DELIMITER in octal
: same
copy octals from 's3://b/octal/' iam_role default delimiter '\001'
-> COPY
copy octals from 's3://b/octal/' iam_role default delimiter as E'\001'
-> COPY
select * from octals order by k
-> 1 | x
-> 1 | x
-> 2 | y
-> 2 | y
unload ('select * from octals') to 's3://b/octal2/' iam_role default delimiter '\174' allowoverwrite
-> UNLOAD
copy octals from 's3://b/octal2/' iam_role default delimiter '\174'
-> COPY
select count(*) from octals
-> 8
copy octals from 's3://b/octal/' iam_role default delimiter '\000'
-> ERROR 22023 COPY delimiter must be a single character
copy octals from 's3://b/octal/' iam_role default delimiter '\300'
-> ERROR 22023 COPY delimiter must be a single character
truncate octals
-> TRUNCATE TABLE

= COPY: NULL AS '\0'
: same
: A field of one zero byte is null then; other zero bytes are refused.
copy octals from 's3://b/nul/1' iam_role default null as '\000'
-> COPY
copy octals from 's3://b/nul/1' iam_role default null '\0'
-> COPY
select * from octals order by k
-> 1 | NULL
-> 1 | NULL
-> 2 | z
-> 2 | z
copy octals from 's3://b/nul/2' iam_role default null as '\000'
-> ERROR XX000 Load into table 'octals' failed.  Check 'stl_load_errors' system table for details.
copy octals from 's3://b/nul/1' iam_role default
-> ERROR XX000 Load into table 'octals' failed.  Check 'stl_load_errors' system table for details.

= STL_LOAD_ERRORS.TBL is the id of the table
: own
copy octals from 's3://b/badly/' iam_role default
-> ERROR XX000 Load into table 'octals' failed.  Check 'stl_load_errors' system table for details.
copy own_loads.octals from 's3://b/badly/' iam_role default
-> ERROR XX000 Load into table 'octals' failed.  Check 'stl_load_errors' system table for details.
select n.nspname, c.relname, count(*) from stl_load_errors e join pg_class c on c.oid = e.tbl join pg_namespace n on n.oid = c.relnamespace where filename = 's3://b/badly/1' group by 1, 2 order by 1
-> own_loads | octals | 1
-> public | octals | 1
select count(*) from stl_load_errors where filename = 's3://b/badly/1' and tbl = 'own_loads.octals'::regclass
-> 1
select i."schema", i."table" from sys_load_error_detail d join svv_table_info i on i.table_id = d.table_id where d.file_name = 's3://b/badly/1' order by 1
-> own_loads | octals
-> public | octals

= COPY: an empty field of a SUPER column is null
: same
copy loaded_super from 's3://b/super/1' iam_role default
-> COPY
copy loaded_super from 's3://b/super/2' iam_role default csv
-> COPY
select k, s, v, s is null from loaded_super order by v, k
-> 1 | NULL | a | t
-> 1 | NULL | a | t
-> 2 | {"a":1} | b | f
-> 2 | {"a":1} | b | f
-> 3 | NULL | c | t

= COPY: columns and options that come twice
: same
copy octals (k, v, k) from 's3://b/octal/' iam_role default
-> ERROR 42701 column "k" specified more than once
copy octals from 's3://b/octal/' iam_role default delimiter ',' delimiter ';'
-> ERROR 42601 conflicting or redundant options
copy octals from 's3://b/octal/' iam_role default gzip gzip
-> ERROR 42601 conflicting or redundant options
copy octals from 's3://b/octal/' iam_role default format as csv csv
-> ERROR 42601 conflicting or redundant options
unload ('select 1') to 's3://b/none/' iam_role default header header
-> ERROR 42601 conflicting or redundant options
