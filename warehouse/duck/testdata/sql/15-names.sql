# Names of columns, MERGE
! create table n15 (i int, v varchar(9), d date)
! insert into n15 values (1, 'a', '2024-01-05'), (2, null, '2024-02-05')

= Columns without a name in CREATE TABLE AS
: corrected
create table x15 as select count(*), max(i), i + 1, i::bigint, v is null as n, upper(v), dateadd(day, 1, d) from n15 group by i, v, d
-> CREATE TABLE
select count, max, "?column?", i, upper, date_add from x15 order by i
-> 1 | 1 | 2 | 1 | A | 2024-01-06 00:00:00
-> 1 | 2 | 3 | 2 | NULL | 2024-02-06 00:00:00
create table y15 as select i + 1, i + 2 from n15
-> ERROR 42701 column "?column?" specified more than once
create view y15 as select a.i, b.i from n15 a, n15 b
-> ERROR 42701 column "i" specified more than once
create table y15 (a, b) as select i + 1, i + 2 from n15
-> CREATE TABLE

= Columns without a name in subqueries
: corrected
select max, s.avg from (select max(i), avg(i) from n15) s
-> 2 | 1
with w as (select row_number() over (order by i desc), i from n15) select row_number, i from w order by i
-> 2 | 1
-> 1 | 2
select count from (select *, count(*) over () from n15) s
-> 2
-> 2
select i15.i, i15.coalesce from (select i, coalesce(v, 'none') from n15 union all select 9, 'x') i15 order by i
-> 1 | a
-> 2 | none
-> 9 | x
select "?column?", bool, "case" from (select null, true, case when true then 'y' end)
-> NULL | t | y
select length from (select len('abc'), length('abcd'))
-> 4
select listagg from (select listagg(v, ',') within group (order by d desc) from n15) s
-> a
select i from (select top 1 max(i) as i from n15) s
-> 2
select date_diff, pgdate_part, "coalesce", "case" from (select datediff(day, '2024-01-01', '2024-01-03'), date_part(month, date '2024-05-01'), nvl(null, 'a'), decode(1, 1, 'b')) s
-> 2 | 5 | a | b
select date_part, "timestamp" > '2020-01-01', "date" > '2020-01-01' from (select extract(year from date '2024-05-01'), getdate(), current_date) s
-> 2024 | t | t
select "timestamp" > '2020-01-01' from (select sysdate) s
-> t
select top 1 max from (select top 1 max(i)from n15) s
-> 2
select m.max + 1 from (select (max(i)) from n15) m where m.max in (select max(i) from n15)
-> 3
select a from (select i::varchar(3) as a, i || 'x' from n15) s where a like '1%' escape '\\' order by 1
-> 1
select i, sum from (select i, sum(i) from n15 group by i having sum(i) > 1) s
-> 2 | 2
select v from (select upper(v) v from n15 order by upper(v) limit 1) s
-> A
select "like" from (select v like 'a' as "like" from n15) s order by 1
-> t
-> NULL

= Columns without a name in views
: corrected
create view v15 as select max(i), min(d) from n15
-> CREATE VIEW
select max, min from v15
-> 2 | 2024-01-05
create view w15 (p, q) as select max(i), 2 / 3 from n15
-> CREATE VIEW
select p, q from w15
-> 2 | 0
select column_name from information_schema.columns where table_name = 'v15' order by ordinal_position
-> max
-> min

= Columns without a name beside a star
: corrected
select max, i from (select *, max(i) over () from n15) s order by i
-> 2 | 1
-> 2 | 2
select into15.max from (select 1) s, (select max(i) from n15) into15
-> 2
select max(i), count(*) into z15 from n15
-> SELECT
select max, count from z15
-> 2 | 2

= MERGE of two source rows into one row
: corrected
create table dm15 (id int, v varchar(9))
-> CREATE TABLE
create table ds15 (id int, v varchar(9))
-> CREATE TABLE
insert into dm15 values (1, 'a'), (2, 'b')
-> INSERT 0 2
insert into ds15 values (2, 'x'), (2, 'y'), (3, 'z'), (3, 'zz')
-> INSERT 0 4
merge into dm15 using ds15 on dm15.id = ds15.id when matched then update set v = ds15.v when not matched then insert values (ds15.id, ds15.v)
-> ERROR 21000 MERGE command cannot affect row a second time
merge into dm15 using ds15 as s on dm15.id = s.id when matched then delete when not matched then insert values (s.id, s.v)
-> ERROR 21000 MERGE command cannot affect row a second time
merge into dm15 using ds15 s on dm15.id = s.id and rtrim(s.v) || ' ' = 'x ' when matched then update set v = s.v when not matched then insert (id) values (s.id)
-> MERGE 4
select * from dm15 order by id, v
-> 1 | a
-> 2 | x
-> 2 | NULL
-> 3 | NULL
-> 3 | NULL
delete from dm15 where id = 3
-> DELETE 2
merge into public.dm15 using public.ds15 on public.dm15.id = public.ds15.id - 1 when not matched then insert values (public.ds15.id, ds15.v)
-> MERGE 0
delete from ds15 where v in ('y', 'zz')
-> DELETE 2
merge into public.dm15 using public.ds15 on dm15.id = public.ds15.id / 1 when matched then update set v = public.ds15.v || '!' when not matched then insert values (public.ds15.id, ds15.v)
-> MERGE 3
select * from dm15 order by id, v
-> 1 | a
-> 2 | x!
-> 2 | x!
-> 3 | z

= MERGE with a condition, MERGE from a subquery
: refused
merge into dm15 using ds15 s on dm15.id = s.id when matched and s.v = 'x' then delete when not matched then insert values (s.id, s.v)
-> ERROR 0A000 MERGE … WHEN MATCHED AND a condition is not supported by the embedded warehouse
merge into dm15 using (select * from ds15) s on dm15.id = s.id when matched then delete when not matched then insert values (s.id, s.v)
-> ERROR 0A000 MERGE … USING a subquery is not supported by the embedded warehouse

= names are in lower case
: corrected
create table Folded (Id int primary key, "Other" int)
-> CREATE TABLE
create view Folded_View as select Id as "The Id" from folded
-> CREATE VIEW
create table Folded_Copy as select ID, count(*) as Cnt from FOLDED group by 1
-> CREATE TABLE
select tablename from pg_tables where tablename like 'fold%' order by 1
-> folded
-> folded_copy
select table_name, column_name from information_schema.columns where table_name like 'fold%' order by 1, ordinal_position
-> folded | id
-> folded | other
-> folded_copy | id
-> folded_copy | cnt
-> folded_view | the id
select viewname from pg_views where viewname = 'folded_view'
-> folded_view
select count(*) from svv_table_info where "table" = 'FOLDED'
-> 0
select conname from pg_constraint where conrelid = 'FOLDED'::regclass
-> folded_pkey
select obj_description('folded'::regclass)
-> NULL
