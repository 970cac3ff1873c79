# Fewer values, and what was unloaded
! create table few (a int, b varchar(5) default 'x', c int)
! put few18.txt x

= INSERT of a query with WITH that has fewer columns
: corrected
insert into few with q as (select 1 as a, 'y' as b) select a from q
-> INSERT 0 1
insert into few with q as (select 2 as a, 'y' as b) select a, b from q
-> INSERT 0 1
insert into few with q as (select 2 as a) select a, 'z', 3, 4 from q
-> ERROR 42601 INSERT has more expressions than target columns
select * from few order by a
-> 1 | x | NULL
-> 2 | y | NULL

= PG_LAST_UNLOAD_COUNT after UNLOAD
: own
unload ('select * from few') to 's3://b/few18/' iam_role default
-> UNLOAD
select pg_last_unload_count()
-> 2
