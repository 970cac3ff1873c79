create table plain (a int, b text);
copy plain from stdin;
1	x
2	\N
3	two\nlines
\.
\copy plain from stdin
4	y
\.
select * from plain order by a;
\copy plain to 'out.txt'
\copy (select * from plain order by a) to stdout
\copy (select * from plain order by a) to stdout csv header
\copy plain (a, b) to 'out.csv' with (format csv, header)
create table two (a int, b text);
\copy two from 'out.txt'
\copy two from 'out.csv' csv header
select count(*), sum(a) from two;
\copy two from 'missing.txt'
\copy two to '/nonexistent/x'
copy two from stdin;
x	1
\.
copy two from stdin;
1
\.
copy two to stdout;
copy (select 1, 'a') to stdout with (format csv);
\copy nosuch from 'out.txt'
\copy nosuch to stdout
\copy two from stdin csv
7,"a,b"
8,
\.
select * from two where a > 6 order by 1;
\copy two (a) from stdin
9
\.
select count(*) from two;
