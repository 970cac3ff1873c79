copy nosuch from stdin;
1
\.
select 1;
begin;
create table cc (a int);
copy cc from stdin;
1
2
\.
copy cc to stdout \g /dev/null
copy cc to stdout (format csv, header);
copy cc (nope) from stdin;
x
\.
commit;
