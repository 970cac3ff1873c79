\set ON_ERROR_STOP on
select * from (values ('select 1 as one'), ('select 1/0'), ('select 2 as two')) v(x) \gexec
\echo not reached
