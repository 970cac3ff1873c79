-- \copy, both ways
create table if not exists ct (a int, b text);
\copy
\copy ct
\copy ct from
\copy ct from nofile.csv
\copy ct from stdin
1	x
2	y
\.
\copy ct to stdout
\copy ct (a) to stdout with csv header
\copy (select 1, 'a;b' ) to stdout (format csv)
\copy (select 1, 'a''b' to stdout
\copy ct from 'sub/ct.csv' with (format csv)
\copy ct to '/dev/null'
\copy "ct" ("a","b") to stdout csv
\copy public.ct to stdout delimiter ';'
\copy public . ct(a,b) to stdout delimiter ';' null as 'N'
\copy binary ct to stdout
\copy ct from pstdin
\copy ct to pstdout
\copy nosuch to stdout
\copy ct from stdin (format csv)
3,"a
b"
x,y
\.
\echo :ROW_COUNT
\set v ct
\copy :v to stdout
\copy ct from stdin \\ select 1;
1	a
\.
\copy ct from /tmp
\copy ct to /nonexistent/x
\copy ct garbage
\copy ct from stdin where a > 5
6	z
1	z
\.
\copy (delete from ct returning *) to stdout
select 1 \gdesc
select 1 as a, 'x'::varchar(10) as b, 1.5::numeric(8,2) c, null \gdesc
