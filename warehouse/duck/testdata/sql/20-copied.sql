# Tables that queries make
! create table made_of (c char(3), v varchar(5), w varchar, t text, n numeric(7,2), k integer)
! insert into made_of values ('ab', 'abcde', 'w', 't', 1.5, 7)

= texts keep their lengths
: corrected
create table made as select * from made_of
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'made'
-> c | character(3)
-> v | character varying(5)
-> w | character varying(256)
-> t | character varying(256)
-> n | numeric(7,2)
-> k | integer
insert into made values ('abc', 'abcdef', 'w', 't', 1, 1)
-> ERROR 22001 value too long for type character varying(5)
insert into made values ('abcd', 'a', 'w', 't', 1, 1)
-> ERROR 22001 value too long for type character(3)
insert into made values ('ab   ', 'a', 'w', 't', 1, 2)
-> INSERT 0 1
select c = 'ab ', len(c), k from made where k = 2
-> t | 2 | 2
insert into made select c, v || 'x', w, t, n, k from made_of
-> ERROR 22001 value too long for type character varying(5)
create table made2 as select m.v as first, o.c, m.v::varchar(3) as cut, cast(o.k as char(2)) as digits, upper(o.v), max(o.t) as last from made_of m join made_of o on m.k = o.k group by 1, 2, 3, 4, 5
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'made2'
-> first | character varying(5)
-> c | character(3)
-> cut | character varying(3)
-> digits | character(2)
-> upper | character varying(5)
-> last | character varying(256)
select v, k into made3 from made_of union all select w, k from made_of
-> SELECT
select "column", type from pg_table_def where tablename = 'made3'
-> v | character varying(256)
-> k | integer
with q (a, b) as (select v, n from made_of) select a, b into temp made4 from q
-> SELECT
insert into made4 values ('abcdef', 1)
-> ERROR 22001 value too long for type character varying(5)
create table made5 (a, b) distkey (a) as (select v, c from made_of)
-> CREATE TABLE
insert into made5 values ('abcdef', 'x')
-> ERROR 22001 value too long for type character varying(5)
create table made6 (like made)
-> CREATE TABLE
insert into made6 values ('abc', 'abcdef', 'w', 't', 1, 1)
-> ERROR 22001 value too long for type character varying(5)
create table made7 as select q.v as s, q.l from (select v, v || v as l from made_of) q
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'made7'
-> s | character varying(5)
-> l | character varying(65535)

= a VARCHAR without a length is as long as what is cast
: corrected
create table made8 as select repeat('x', 300)::varchar as x, cast(repeat('y', 300) as varchar) as y, convert(varchar, repeat('z', 300)) as z
-> CREATE TABLE
select len(x), len(y), len(z) from made8
-> 300 | 300 | 300
create view made9 as select repeat('x', 300)::varchar as x
-> CREATE VIEW
select len(x) from made9
-> 300

= columns of one name
: corrected
create table made10 as select a.k, b.* from made_of a join made_of b on a.k = b.k
-> ERROR 42701 column "k" specified more than once
create table made10 (a, b, c) as select 1, 2
-> ERROR 42601 CREATE TABLE AS specifies too many column names
create table made10 (a) as select 1, 2 as other
-> CREATE TABLE
select * from made10
-> 1 | 2
