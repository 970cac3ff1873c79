# Words of errors
= errors have PostgreSQL's words
: corrected
select 'abc'::float8
-> ERROR 22P02 invalid input syntax for type double precision: "abc"
select 'abc'::numeric(9,2)
-> ERROR 22P02 invalid input syntax for type numeric: "abc"
select 'abc'::boolean
-> ERROR 22P02 invalid input syntax for type boolean: "abc"
select (select n from (select 1 as n union all select 2) q)
-> ERROR 21000 more than one row returned by a subquery used as an expression

= mistakes have PostgreSQL's words
: corrected
create table wo (id int, n numeric(9,2), d date)
-> CREATE TABLE
select wo.nope from wo
-> ERROR 42703 column wo.nope does not exist
select other.id from wo
-> ERROR 42P01 missing FROM-clause entry for table "other"
select id, count(*) from wo
-> ERROR 42803 column "id" must appear in the GROUP BY clause or be used in an aggregate function
select count(*) from wo where count(*) > 1
-> ERROR 42803 aggregates not allowed in WHERE clause
select sum(sum(id)) from wo
-> ERROR 42803 aggregate function calls may not be nested
select id from wo order by 5
-> ERROR 42P10 ORDER position is not in select list
select id from wo limit -1
-> ERROR 2201W LIMIT must not be negative
insert into wo (id, nope) values (1, 2)
-> ERROR 42703 column "nope" of relation "wo" does not exist
insert into wo (id, id) values (1, 2)
-> ERROR 42701 column "id" specified more than once
insert into wo (id, n) values (1)
-> ERROR 42601 INSERT has more target columns than expressions, or fewer
update wo set nope = 1
-> ERROR 42703 column "nope" does not exist
create table wo2 (id int, id int)
-> ERROR 42701 column "id" specified more than once
alter table wo drop column nope
-> ERROR 42703 column "nope" of relation "wo" does not exist
alter table wo rename column nope to x
-> ERROR 42703 column "nope" of relation "wo" does not exist
drop schema nope
-> ERROR 3F000 schema "nope" does not exist
create schema public
-> ERROR 42P06 Schema "public" already exists
select 1, 2 union select 1
-> ERROR 42601 each UNION, INTERSECT or EXCEPT query must have the same number of columns
select 1 from wo where row_number() over () = 1
-> ERROR 42P20 window functions not allowed in WHERE clause
select id from wo a, wo b
-> ERROR 42702 column reference "id" is ambiguous
with q as (select 1 as a), q as (select 2 as a) select * from q
-> ERROR 42712 WITH query name "q" specified more than once
select id from wo for update
-> ERROR 0A000 SELECT FOR UPDATE is not supported by the embedded warehouse
select id from wo where d = 5
-> SELECT 0
select interval 'abc'
-> ERROR 22007 invalid input syntax for type interval: "abc"
select 'x'::time
-> ERROR 22007 invalid input syntax for type time: "x"
select 1::numeric(3,5)
-> ERROR 22023 NUMERIC scale must be between 0 and the precision
select 1234::numeric(3,0)
-> ERROR 22003 numeric field overflow
select '12345678901234567890123456789012345678901'::numeric(38,0)
-> ERROR 22003 numeric field overflow
insert into wo (n) values (12345678.9)
-> ERROR 22003 numeric field overflow
insert into wo (id) values (99999999999)
-> ERROR 22003 integer out of range
select 'a' + 1
-> ERROR 42883 operator does not exist: unknown + integer
select id from wo where id like true
-> ERROR 42883 operator does not exist: character varying ~~ boolean
select * from nope
-> ERROR 42P01 relation "nope" does not exist
select distinct on (id) id from wo
-> ERROR 0A000 SELECT DISTINCT ON is not supported

= the catalog of DuckDB is not seen
: corrected
select count(*) from pg_sequence
-> ERROR 42P01 relation "pg_sequence" does not exist
select count(*) from pg_catalog.pg_enum
-> ERROR 42P01 relation "pg_enum" does not exist
select count(*) from information_schema.character_sets
-> ERROR 42P01 relation "character_sets" does not exist
select setting from pg_settings where name = 'server_version'
-> 8.0.2
