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
