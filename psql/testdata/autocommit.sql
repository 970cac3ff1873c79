\set AUTOCOMMIT off
create table ac (a int);
insert into ac values (1);
rollback;
select * from ac;
rollback;
begin;
select 1;
commit;
\set AUTOCOMMIT on
\set ON_ERROR_ROLLBACK on
begin;
create table ac (a int);
select 1/0;
insert into ac values (1);
savepoint s;
rollback to s;
commit;
select * from ac;
\set SHOW_ALL_RESULTS off
select 1 \; select 2;
