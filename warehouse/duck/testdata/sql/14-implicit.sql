# Texts as numbers and dates
! create table iv (i int, s smallint, b bigint)
! create table dd (d date, t timestamp, i int)
! insert into iv values (3, 3, 3)
! insert into dd values ('2024-01-05', '2024-01-05 10:00:00', 5), ('2008-12-31', '2008-12-31', 4)

= a text with a fraction as an integer
: corrected
select '1.7'::int
-> ERROR 22P02 invalid input syntax for integer: "1.7"
select ' 1e2'::smallint
-> ERROR 22P02 invalid input syntax for integer: " 1e2"
select cast(' 12 ' as bigint), '-5'::smallint, '+7'::int
-> 12 | -5 | 7
insert into iv (i) values ('2.5')
-> ERROR 22P02 invalid input syntax for integer: "2.5"
update dd set i = '4.6'
-> ERROR 22P02 invalid input syntax for integer: "4.6"
select * from iv where i = '2.7'
-> ERROR 22P02 invalid input syntax for integer: "2.7"
select '99999999999'::int
-> ERROR 22003 value "99999999999" is out of range for type integer
select x::int from (select '1.5'::varchar as x) q
-> ERROR 22P02 invalid input syntax for integer: "1.5"

= dates in any form, compared with columns and stored in them
: corrected
select d from dd where d = '20240105'
-> 2024-01-05
select d from dd where d = '1/5/2024'
-> 2024-01-05
select count(*) from dd where d = '12-31-2008'
-> 1
select count(*) from dd where d between '1/1/2024' and '1/31/2024'
-> 1
select count(*) from dd where t >= '20240101'
-> 1
insert into dd values ('20240106', '20240106 11:12:13', 6)
-> INSERT 0 1
update dd set d = '20240107', t = '1/7/2024' where i = 6
-> UPDATE 1
select * from dd where i = 6
-> 2024-01-07 | 2024-01-07 00:00:00 | 6
select d from dd where d = 'abc'
-> ERROR 22007 invalid input syntax for type date: "abc"
