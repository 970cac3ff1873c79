# Found by a fresh reader
! create table ch (v varchar(3), c char(3))
! insert into ch values ('x', 'y')
! create table sj (i integer, j super)
! create table base (k integer, v varchar(5))
! insert into base values (1, 'a'), (2, 'b')
! create table gone (k integer)

= GETDATE() in a transaction
: corrected
: The start of the statement in whole seconds; SYSDATE is the transaction's.
begin; create temp table clock0 as select getdate() as a, sysdate as b; select pg_sleep(1.1); select getdate() > a, sysdate = b, date_part(us, getdate()) = date_part(second, getdate()) * 1000000 from clock0; commit
-> BEGIN
-> CREATE TABLE
-> NULL
-> t | t | t
-> COMMIT
select date_trunc('second', getdate()) = getdate()
-> t
create table clock1 (i integer, d timestamp default getdate())
-> CREATE TABLE
begin; insert into clock1 (i) values (1); select pg_sleep(1.1); insert into clock1 (i) values (2); commit; select count(distinct d) from clock1
-> BEGIN
-> INSERT 0 1
-> NULL
-> INSERT 0 1
-> COMMIT
-> 2

= the alias of a function in FROM
: same
: It is the column's name too.
select 'v' || n, n + 1, n from generate_series(1, 3) n
-> v1 | 2 | 1
-> v2 | 3 | 2
-> v3 | 4 | 3
select n from generate_series(1, 2) as n, generate_series(1, 2) m order by n, m
-> 1
-> 1
-> 2
-> 2
select g.n from generate_series(1, 2) as g(n)
-> 1
-> 2

= UPDATE with a text that ends with blanks
: refused
update ch set v = 'a '
-> ERROR 0A000 storing a VARCHAR that ends with blanks is not supported by the embedded warehouse

= blanks beyond a length
: same
insert into ch values ('abc   ', 'abc   ')
-> INSERT 0 1
update ch set v = 'abd   ' where v = 'abc'
-> UPDATE 1
select v || '.', c || '.' from ch order by 1
-> abd. | abc.
-> x. | y.
insert into ch values ('abcd', 'a')
-> ERROR 22001 value too long for type character varying(3)

= characters of several bytes in a CHAR
: refused
insert into ch values ('a', 'é')
-> ERROR 0A000 a character of several bytes in the column "c" of type character(3) is not supported by the embedded warehouse

= DECODE and NULLIF of texts that end with blanks
: corrected
select decode('a ', 'a', 1, 0), nullif('a ', 'a'), decode('a', 'a  ', 1, 0), nullif('a', 'a ')
-> 1 | NULL | 1 | NULL

= rows of VALUES of several kinds for a SUPER
: corrected
insert into sj values (1, json_parse('{"a":1}')), (2, null), (3, 5), (4, 'plain'), (5, true)
-> INSERT 0 5
select i, j, json_typeof(j) from sj order by i
-> 1 | {"a":1} | object
-> 2 | NULL | NULL
-> 3 | 5 | number
-> 4 | "plain" | string
-> 5 | true | boolean

= DROP of what a view depends on
: corrected
create view v1 as select k from base
-> CREATE VIEW
create view v2 as select k from v1
-> CREATE VIEW
create view late as select k from public.base with no schema binding
-> CREATE VIEW
create materialized view m1 as select count(*) as n from base
-> CREATE MATERIALIZED VIEW
drop table base
-> ERROR 2BP01 cannot drop table base because other objects depend on it
drop view v1
-> ERROR 2BP01 cannot drop view v1 because other objects depend on it
drop table if exists base
-> ERROR 2BP01 cannot drop table base because other objects depend on it
alter table base rename to other
-> ERROR 0A000 renaming base, or a column of it, on which views depend, is not supported by the embedded warehouse
alter table base rename column k to kk
-> ERROR 0A000 renaming base, or a column of it, on which views depend, is not supported by the embedded warehouse
drop view v1 cascade
-> DROP VIEW
select * from v2
-> ERROR 42P01 relation "v2" does not exist
drop table base cascade
-> DROP TABLE
select * from m1
-> ERROR 42P01 relation "m1" does not exist
create materialized view m1 as select 1 as one
-> CREATE MATERIALIZED VIEW
select * from late
-> ERROR 42P01 relation "base" does not exist
drop view gone
-> ERROR 42809 "gone" is not a view
drop table gone, nowhere
-> ERROR 42P01 relation "nowhere" does not exist
drop table gone
-> DROP TABLE

= an aggregate's window with an order and no frame
: refused
: As on Redshift.
select sum(k) over (order by k) from (select 1 as k)
-> ERROR 0A000 Aggregate window functions with an ORDER BY clause require a frame clause
select sum(k) over (order by k rows unbounded preceding), row_number() over (order by k) from (select 1 as k)
-> 1 | 1

= texts and numbers in a UNION
: same
select 1 union select 'a'
-> ERROR 22P02 invalid input syntax for integer: "a"
select 1 as n union all select '2' order by 1
-> 1
-> 2

= UPDATE … FROM with two rows for one
: corrected
create table many (k integer, v varchar(5))
-> CREATE TABLE
insert into many values (1, 'a'), (1, 'a'), (2, 'b')
-> INSERT 0 3
create table target (k integer, v varchar(5))
-> CREATE TABLE
insert into target values (1, 'x'), (2, 'y'), (3, 'z')
-> INSERT 0 3
update target set v = many.v from many where many.k = target.k
-> UPDATE 2
update target t set v = upper(m.v) from many m where m.k = t.k and m.k = 1
-> UPDATE 1
update target set v = 'q' where k = 3
-> UPDATE 1
select k, v from target order by k
-> 1 | A
-> 2 | b
-> 3 | q
insert into many values (null, 'n'), (null, 'n'), (3, 'c')
-> INSERT 0 3
delete from many where k = 1
-> DELETE 2
update target set v = many.v from many where many.k = target.k
-> UPDATE 2
create table many_of as select n::integer as k, n::bigint as l, n::float as f, 'a'::varchar(5) as v from generate_series(1, 3000) n
-> CREATE TABLE
update target set v = m.v from many_of m where m.k = target.k
-> UPDATE 3
update target set v = m.v from many_of m where m.l = target.k
-> UPDATE 3
update many_of set v = 'b' from many_of m where m.f = many_of.f and m.k = many_of.k
-> UPDATE 3000
insert into many_of values (2, 2, 2, 'a')
-> INSERT 0 1
update target set v = m.v from many_of m where m.k = target.k
-> UPDATE 3
create temp table many_here as select k, f from many_of where k < 3
-> CREATE TABLE
update target set v = 't' from many_here m where m.k = target.k
-> UPDATE 2
update target set v = 't' from many_here m where m.f = target.k
-> UPDATE 2
create view many_seen as select k from many_of where k in (1, 2)
-> CREATE VIEW
update target set v = 's' from many_seen m where m.k = target.k
-> UPDATE 2
drop view many_seen
-> DROP VIEW
delete from target where v <> 'x' and k > 3
-> DELETE 0
update target set v = case k when 1 then 'A' when 2 then 'b' else 'q' end
-> UPDATE 3
create view tv as select count(*) as n from target
-> CREATE VIEW
alter table target rename column v to w
-> ALTER TABLE
drop view tv
-> DROP VIEW
alter table target rename to targets
-> ALTER TABLE
select w from targets order by k
-> A
-> b
-> q

= OBJECT and ARRAY
: corrected
create table su (i integer, j super)
-> CREATE TABLE
insert into su select 1, object('a', 1, 'b', array(), 'c', object(), 'd', null)
-> INSERT 0 1
insert into su values (2, object('a', array(1, 'x', true))), (3, null)
-> INSERT 0 2
select i, j, json_typeof(j.d), json_typeof(j.a), json_typeof(j.none) from su order by i
-> 1 | {"a":1,"b":[],"c":{},"d":null} | null | number | NULL
-> 2 | {"a":[1,"x",true]} | NULL | array | NULL
-> 3 | NULL | NULL | NULL | NULL
select object('a', 1.5, 'k "q"', 'text'), array(), object('x', array(1, object('y', 2)))
-> {"a":1.5,"k \"q\"":"text"} | [] | {"x":[1,{"y":2}]}
select object('a')
-> ERROR 42883 function object does not exist with 1 arguments

= UNPIVOT of an object
: corrected
: https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#unpivoting
select s.i, attr, val, json_typeof(val) from su s, unpivot s.j as val at attr where s.i < 3 order by 1, 2
-> 1 | a | 1 | number
-> 1 | b | [] | array
-> 1 | c | {} | object
-> 1 | d | null | null
-> 2 | a | [1,"x",true] | array
select attr from su s, unpivot s.j.a as val at attr where s.i = 2
-> ERROR 0A000 UNPIVOT of a SUPER that is no object is not supported by the embedded warehouse
select count(*) from su s, unpivot s.j as val
-> 5

= words of errors
: own
select charindex('a')
-> ERROR 42883 function charindex does not exist with the given arguments
select * from bases
-> ERROR 42P01 relation "bases" does not exist
select 70000::smallint
-> ERROR 22003 smallint out of range
select cast(1e30 as bigint), cast(300000000000 as int)
-> ERROR 22003 bigint out of range
create schema full1
-> CREATE SCHEMA
create table full1.t (i int)
-> CREATE TABLE
drop schema full1
-> ERROR 2BP01 cannot drop schema full1 because other objects depend on it

= constants with blanks at their ends, in lists, between and in CASE
: corrected
create table ended (id integer, st char(5), v varchar(10))
-> CREATE TABLE
insert into ended values (1, 'CA', 'west'), (2, 'NY', 'east')
-> INSERT 0 2
select count(*) from ended where st in ('CA ', 'NY ') and v in ('west  ', 'east')
-> 2
select count(*) from ended where st not in ('CA ', 'NY ')
-> 0
select id from ended where st between 'CA ' and 'D' and st >= 'CA ' and not st < 'CA '
-> 1
select id, case st when 'CA ' then 'west' else '?' end from ended where (id, st) in ((1, 'CA '), (3, 'x')) and upper(v) in ('WEST ')
-> 1 | west
select 'a\\' in ('a\\ '), 'x ' like 'x ', 'xy' in (replace('x ', ' ', 'y'))
-> t | t | t
update ended set v = 'n' where st in ('CA ', 'NY')
-> UPDATE 2
delete from ended where st in ('CA ')
-> DELETE 1

= texts on their way into CHAR columns
: corrected
create table from_char (id integer, c char(5), v varchar(10), w varchar)
-> CREATE TABLE
create table to_char2 (id integer, c char(10))
-> CREATE TABLE
insert into from_char values (1, 'ab ', 'cd', 'ef'), (2, null, '', 'gh')
-> INSERT 0 2
insert into to_char2 select id, c from from_char
-> INSERT 0 2
insert into to_char2 select f.id + 2, upper(f.c) from from_char f join to_char2 t on t.id = f.id
-> INSERT 0 2
insert into to_char2 (c, id) with from_char as (select 'q ' || '  ' as c, 5 as id) select c, id from from_char
-> INSERT 0 1
insert into to_char2 select 6, cast('r   ' as char(4)) union all select 7, 's  '::char(3) union all select 8, convert(char(3), 't  ')
-> INSERT 0 3
insert into to_char2 select 9, c from from_char where id = 1 union all select 10, 'u  '
-> INSERT 0 2
insert into to_char2 select 11, x.c from (select rpad(v, 6) as c from from_char where id = 1) x
-> INSERT 0 1
select id, '[' || c || ']', len(c) from to_char2 order by id
-> 1 | [ab] | 2
-> 2 | NULL | NULL
-> 3 | [AB] | 2
-> 4 | NULL | NULL
-> 5 | [q] | 1
-> 6 | [r] | 1
-> 7 | [s] | 1
-> 8 | [t] | 1
-> 9 | [ab] | 2
-> 10 | [u] | 1
-> 11 | [cd] | 2
update to_char2 set c = f.c from from_char f where f.id = to_char2.id - 4
-> UPDATE 2
update to_char2 set c = f.v || '  ' from from_char f where f.id = 1 and to_char2.id = 8
-> UPDATE 1
update to_char2 set c = f.w from from_char f where f.id = 1 and to_char2.id = 9
-> UPDATE 1
create table blanks_to (id integer, c char(3))
-> CREATE TABLE
insert into blanks_to select id, c from to_char2 where id = 5
-> INSERT 0 1
insert into blanks_to select 1, 'wxyz'::varchar(5)
-> ERROR 22001 value too long for type character(3)
update blanks_to set c = t.c from to_char2 t where t.id = 11
-> UPDATE 1
select id, '[' || c || ']' from to_char2 where id > 4 order by id
-> 5 | [ab]
-> 6 | NULL
-> 7 | [s]
-> 8 | [cd]
-> 9 | [ef]
-> 10 | [u]
-> 11 | [cd]
