# Joined columns, added columns, paths
! create table ja (v varchar(3), k int, m int)
! create table jb (w int, m int, k int)
! insert into ja values ('a', 1, 5), ('b', 2, 6)
! insert into jb values (10, 5, 1), (30, 7, 3)

= the columns of USING and NATURAL come first
: corrected
select * from ja join jb using (k)
-> 1 | a | 5 | 10 | 5
select * from ja join jb using (k, m)
-> 1 | 5 | a | 10
select * from ja full join jb using (k) order by k
-> 1 | a | 5 | 10 | 5
-> 2 | b | 6 | NULL | NULL
-> 3 | NULL | NULL | 30 | 7
select * from ja natural join jb
-> 1 | 5 | a | 10
select ja.*, jb.w from ja join jb using (k)
-> a | 1 | 5 | 10
select count(*) from (select * from ja join jb using (m)) q where q.m = 5
-> 1
create table jc as select * from ja join jb using (k, m)
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'jc'
-> k | integer
-> m | integer
-> v | character varying(3)
-> w | integer
select * from (select 1 as k, 2 as x) p natural join jb
-> 1 | 2 | 10 | 5
select * from jc, ja join jb using (k)
-> ERROR 0A000 * over this combination of joins is not supported by the embedded warehouse

= columns that are added
: corrected
create table ad (a int) distkey (a)
-> CREATE TABLE
insert into ad values (1), (2)
-> INSERT 0 2
alter table ad add column at timestamp default getdate()
-> ALTER TABLE
alter table ad add column b int default 1 + 1
-> ALTER TABLE
alter table ad add c varchar(5) default upper('x') not null encode zstd
-> ALTER TABLE
select a, at is not null, b, c from ad order by a
-> 1 | t | 2 | X
-> 2 | t | 2 | X
insert into ad (a) values (3)
-> INSERT 0 1
select count(*) from ad where at is not null and b = 2 and c = 'X'
-> 3
select "column", encoding from pg_table_def where tablename = 'ad' and "column" = 'c'
-> c | zstd
alter table ad add column d int not null
-> ERROR 42P16 ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression
alter table ad drop a
-> ERROR 0A000 cannot drop distkey column "a"
alter table ad drop b restrict
-> ALTER TABLE
alter table ad drop column c cascade
-> ALTER TABLE
alter table ad drop nope
-> ERROR 42703 column "nope" of relation "ad" does not exist
alter table ad drop constraint nope
-> ERROR 42704 constraint "nope" does not exist
alter table ad add column e int references ja (k)
-> ALTER TABLE
select conname from pg_constraint where conrelid = 'ad'::regclass
-> ad_e_fkey
alter table ad drop column e
-> ALTER TABLE
select count(*) from pg_constraint where conrelid = 'ad'::regclass
-> 0

= CREATE TABLE (LIKE) has the layout of the other
: same
create table ae (like ad) distkey (at)
-> ERROR 42P16 a table that is LIKE another has its distribution style and sort key
create table ae (like ad, extra int)
-> CREATE TABLE
select "column", distkey from pg_table_def where tablename = 'ae'
-> a | t
-> at | f
-> extra | f

= a search path with schemas that are not there
: same
set search_path to '$user', later, public
-> SET
show search_path
-> $user, later, public
create schema later
-> CREATE SCHEMA
create table spot (c char(4))
-> CREATE TABLE
insert into spot values ('ab  ')
-> INSERT 0 1
select schemaname, tablename from pg_tables where tablename = 'spot'
-> later | spot
select c = 'ab', len(c) from spot
-> t | 2
create table spot2 as select c from spot
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'spot2'
-> c | character(4)
comment on table spot is 'here'
-> COMMENT
select obj_description('later.spot'::regclass)
-> here
set search_path to nowhere
-> ERROR 3F000 no schema of the search path "nowhere" exists
reset search_path
-> RESET
select * from spot
-> ERROR 42P01 relation "spot" does not exist
select * from later.spot
-> ab
