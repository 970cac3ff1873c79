set client_min_messages = warning;
create table t (a varchar(10), "BÃ¤" int);
\encoding
\encoding latin1
\encoding
\echo :ENCODING
insert into t values ('café', 1), ('üäöß', 22), (null, 3);
select * from t;
\x
select * from t;
\x
\pset format wrapped
\pset columns 12
select a, a || a || a as w from t;
\pset format csv
select * from t;
\pset format html
select * from t;
\pset format aligned
select length(a), nope, 'éé' from t;
select 'é' || 1/0;
\d t
\copy t to stdout
\encoding utf8
select * from t;
\encoding nonsense
\echo :ENCODING
\encoding win1252
select * from t;
\encoding sql_ascii
select * from t;
