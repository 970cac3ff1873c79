\set ON_ERROR_ROLLBACK on
create table r (a int);
begin;
insert into r values (1);
select 1/0;
insert into r values (2);
savepoint s;
insert into r values (3);
nonsense;
rollback to s;
release s;
\i nonexistent
select * from r \gexec
copy r from stdin;
x
\.
insert into r values (4);
commit;
select * from r order by 1;
\set AUTOCOMMIT off
select 1/0;
insert into r values (5);
\echo :ERROR
rollback;
select count(*) from r;
begin;
commit;
vacuum r;
\set ON_ERROR_ROLLBACK interactive
select 1/0;
select 1;
rollback;
