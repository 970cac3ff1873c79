create table c (a int, b text);
copy c from stdin;
1	one
2	two \N
\N	\\x
\.
copy c from stdin with (format csv);
3,"a,b"
4,
\.
copy c to stdout;
copy (select 1, 'x') to stdout with csv header;
copy c from stdin;
x	bad
\.
\echo after
select * from c order by 1;
copy c from stdin;
9	last
