\set FETCH_COUNT 2
create table f as select n from generate_series(1, 5) n;
begin \; select n from f order by n \; commit;
insert into f values (6) \; select count(*) from f;
select 10 / (n - 4) from f order by n;
select n from f order by n \gx
select n from f order by n \g (format=csv tuples_only=on)
select n from f order by n limit 1 \gset f_
\echo :f_n :ROW_COUNT :ERROR
select n from f order by n;
\echo :ROW_COUNT :ERROR
begin;
select n from f order by n limit 3;
select 1/0;
select n from f;
rollback;
with x as (select n from f) select * from x order by n;
values (1), (2), (3);
/* a comment */ select n from f order by n limit 3;
