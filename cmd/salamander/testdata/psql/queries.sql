create table plain (a int, b text);
insert into plain values (1, 'it''s'), (2, null), (3, 'x');
select * from plain order by a;
select count(*) from plain \gset c_
\echo :c_count
select a, b from plain where a = 1 \gset
\echo :a :'b' :"b" :{?a} :{?nope}
select a from plain order by a \gset
select a from plain where a > 9 \gset
select 'create table made_' || a || ' (x int)' from plain order by a \gexec
\dt
select a, b from plain order by a \gx
select a, b from plain order by a \g (format=csv)
select a as n, b, now() from plain \gdesc
select 1 as "x", 2 \gdesc
\if :c_count
\echo yes
\elif true
\echo no
\else
\echo no
\endif
\if false
select 1/0;
\endif
select a, b, a * 2 as c from plain order by a \crosstabview a b c
select 1 as a, 'x' as b, 5 as c union all select 2, 'y', 6 order by 1 \crosstabview
select * from nowhere;
select a,
  nope from plain;
\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_MESSAGE :LAST_ERROR_SQLSTATE
\errverbose
selec 1;
select 'a' || ;
select 1/0;
select cast('x' as int);
insert into plain values ('x', 1);
create table plain (a int);
drop table nosuch;
drop table if exists nosuch;
\set VERBOSITY verbose
select * from nowhere;
\set VERBOSITY terse
select * from nowhere;
\set VERBOSITY sqlstate
select * from nowhere;
\set VERBOSITY default
begin;
select 1;
select * from nowhere;
select 2;
commit;
begin; insert into plain values (9, 'n'); rollback; select count(*) from plain;
begin; begin; commit; commit; rollback;
select true as t, false as f, null as n, 1.50::numeric(5,2) as d, date '2003-01-02' as dt, timestamp '2003-01-02 03:04:05.5' as ts, 1.5::float8 as r, 'x'::char(4) as ch;
select 5 \; select 6;
\timing off
\set FETCH_COUNT 2
select a from plain order by a;
select a from plain where a > 99;
\set FETCH_COUNT 0
update plain set b = 'u' where a > 1;
delete from plain where a = 3;
truncate plain;
analyze plain;
vacuum plain;
show search_path;
set search_path to public;
select current_user, current_database(), current_schema();
\set AUTOCOMMIT off
insert into plain values (5, 'ac');
rollback;
select count(*) from plain;
commit;
\set AUTOCOMMIT on
\set ON_ERROR_ROLLBACK on
begin;
insert into plain values (5, 'ac');
select 1/0;
select nope;
commit;
select count(*) from plain;
prepare p as select $1::int + 1 as x;
execute p(4);
deallocate p;
declare c cursor for select 1;
begin; declare c cursor for select a from plain; fetch 5 from c; close c; end;
select generate_series(1, 3);
explain select 1;
grant select on plain to nobody;
select sum(a), avg(a) from plain;
select 'é', '日本', length('日本');
