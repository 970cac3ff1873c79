# Views are bound when they are created
! create table hh25 (a integer, b varchar(5))
! insert into hh25 values (1, 'x')
! create table kk25 (a integer, c integer)
! insert into kk25 values (1, 10), (2, 20)
! create schema s25
! create table s25.q (a integer)
! insert into s25.q values (2)
! create schema s35
! create table s35.q (a integer)
! insert into s35.q values (3)

= a view reads the tables it was created over
: same
create view hv25 as select hh25.a, (select max(c) from kk25 where kk25.a = hh25.a) as m from hh25
-> CREATE VIEW
create temp table hh25 (a integer); insert into hh25 values (99); create temp table kk25 (a integer, c integer)
-> CREATE TABLE
-> INSERT 0 1
-> CREATE TABLE
select a from hh25
-> 99
select * from hv25
-> 1 | 10
create view tv25 as select a from hh25
-> CREATE VIEW
select * from tv25
-> 99
drop view tv25; drop table hh25; drop table kk25
-> DROP VIEW
-> DROP TABLE
-> DROP TABLE
select * from hv25
-> 1 | 10
drop view hv25
-> DROP VIEW

= a view follows the search path of its creation
: same
set search_path to s25; create view public.sv25 as select * from q; set search_path to s35
-> SET
-> CREATE VIEW
-> SET
select * from public.sv25
-> 2
select a from q
-> 3
set search_path to s35, public; create view public.cv25 as with w as (select a from q) select w.a from w, (select a from q union all select a from hh25) x; set search_path to public
-> SET
-> CREATE VIEW
-> SET
select count(*), max(a) from cv25
-> 2 | 3
drop table s25.q
-> ERROR 2BP01 cannot drop table q because other objects depend on it
set search_path to s35
-> SET
drop table q
-> ERROR 2BP01 cannot drop table q because other objects depend on it
set search_path to public
-> SET
drop table s35.q cascade
-> DROP TABLE
select count(*) from pg_views where viewname = 'cv25'
-> 0
drop table s25.q cascade
-> DROP TABLE
select count(*) from pg_views where viewname = 'sv25'
-> 0

= WITH NO SCHEMA BINDING is bound when it is queried
: same
create view lv25 as select a from public.hh25 with no schema binding
-> CREATE VIEW
select * from lv25
-> 1
drop view lv25
-> DROP VIEW

= a star means the columns that were there
: same
create view st25 as select * from hh25
-> CREATE VIEW
create view su25 as select * from hh25 union all select kk25.*  from kk25
-> CREATE VIEW
create view sj25 as select * from hh25 join kk25 using (a)
-> CREATE VIEW
create view sw25 as with w as (select * from hh25) select w.*, 1 as one from w
-> CREATE VIEW
create view si25 as select h2.* from (select * from hh25) h2, kk25
-> CREATE VIEW
create view sd25 as select count(*) from (select * from kk25 union select a, 10 from kk25) x
-> CREATE VIEW
create materialized view sm25 as select * from hh25
-> CREATE MATERIALIZED VIEW
alter table hh25 add column d integer default 7
-> ALTER TABLE
select * from hh25
-> 1 | x | 7
select * from st25
-> 1 | x
select * from sj25
-> 1 | x | 10
select * from sw25
-> 1 | x | 1
select count(*) from (select * from si25)
-> 2
select * from sd25
-> 3
refresh materialized view sm25
-> REFRESH
select * from sm25
-> 1 | x
select definition from pg_views where viewname in ('st25', 'sj25') order by 1
-> select a, b from hh25;
-> select a, hh25.b, kk25.c from hh25 join kk25 using (a);

= DROP COLUMN of what a view reads
: same
create table dc25 (a integer, b integer, c integer, d integer)
-> CREATE TABLE
insert into dc25 values (1, 2, 3, 4)
-> INSERT 0 1
create table dd25 (a integer, d integer)
-> CREATE TABLE
create view dv25 as select * from dc25
-> CREATE VIEW
create view dw25 as select a from dv25
-> CREATE VIEW
create view dx25 as select dd25.d from dc25 join dd25 on dc25.a = dd25.a
-> CREATE VIEW
create view dy25 as select count(*) from dc25
-> CREATE VIEW
alter table dc25 drop column b
-> ERROR 2BP01 cannot drop table dc25 column b because other objects depend on it
select * from dc25
-> 1 | 2 | 3 | 4
alter table dc25 drop b cascade
-> ALTER TABLE
select * from dw25
-> ERROR 42P01 relation "dw25" does not exist
select * from dx25
-> SELECT 0
alter table dc25 drop column d
-> ALTER TABLE
create materialized view dm25 as select * from dc25
-> CREATE MATERIALIZED VIEW
alter table dc25 drop column c restrict
-> ERROR 2BP01 cannot drop table dc25 column c because other objects depend on it
drop materialized view dm25
-> DROP MATERIALIZED VIEW
alter table dc25 drop column c restrict
-> ALTER TABLE
select count(*) from dy25
-> 1

= NATURAL JOIN
: same
create view nj25 as select * from hh25 natural join kk25
-> CREATE VIEW
alter table kk25 add column e integer
-> ALTER TABLE
select * from sd25
-> 3
select * from nj25
-> 1 | x | 7 | 10
alter table kk25 drop column e
-> ALTER TABLE

= USING gives one column, of either side
: same
create view fj25 as select * from hh25 full join kk25 using (a)
-> CREATE VIEW
select * from fj25 order by a
-> 1 | x | 7 | 10
-> 2 | NULL | NULL | 20

= two columns of a view have different names
: refused
create view dup25 as select * from hh25 join kk25 on hh25.a = kk25.a
-> ERROR 42701 column "a" specified more than once
create view dup25 as select *, a from hh25
-> ERROR 42701 column "a" specified more than once

= a list of names may tell them apart
: same
create view named25 (p, q, r, s, t) as select * from hh25 join kk25 on hh25.a = kk25.a
-> CREATE VIEW
select * from named25
-> 1 | x | 7 | 1 | 10
