create table t (id int, name text, price numeric(7,2), day date, note text);
insert into t values (1, 'short', 1.50, '2003-01-02', null), (20, 'O''Neil; é', 100, null, E'two\nlines'), (300, '日本語', -7.25, '1999-12-31', E'tab\there\rx\x01');
select * from t order by 1;
select id as "multi
line", name as "Ünï" from t order by 1;
\x
select * from t order by 1;
select 1 where false;
\pset null (null)
select * from t order by 1;
\pset border 2
select * from t order by 1;
\pset border 0
select * from t order by 1;
\x off
select * from t order by 1;
\pset border 2
select * from t order by 1;
\pset border 1
\pset title 'The title'
select 1 as a;
\pset title
\t
select * from t order by 1;
\x
select * from t order by 1;
\x
\t
\a
select * from t order by 1;
\f ,
select id, name from t order by 1;
\t on
select id, name from t order by 1;
\t off
\x on
select * from t order by 1;
select 1 where false;
\x off
\pset recordsep '<>'
select id, name from t order by 1;
\pset recordsep '\n'
\pset format csv
select * from t order by 1;
select 'a"b', 'c,d', '' as e, '\.';
\pset csv_fieldsep ;
select 'a"b', 'c,d', '' as e;
\x
select 'a"b' as x, 'c,d';
\x
\pset format aligned
\pset footer off
select 1;
\pset footer
\pset tuples_only maybe
\pset format nothing
\pset nothing 1
\pset border
\pset
select;
select from t;
select 1 as a, 1 as a;
select true, 1.0::float8, 'a'::char(5), '{1,2}'::int[], '00:01'::interval, 12::money is null;
select id from t order by 1 \gx
select id from t order by 1 \g (format=unaligned tuples_only=on)
select id from t order by 1 limit 1 \g (expanded
insert into t(id) values (7) returning id, name;
update t set name = 'x';
delete from t where id = 7 returning id;
create table u as select * from t;
select count(*), sum(price) from t;
\x
select;
select 'a' as "x
y", E'b\nc' as z;
\pset border 2
select 'a' as "x
y", E'b\nc' as z;
\pset border 0
select 'a' as "x
y", E'b\nc' as z;
\t
select 'a' as "x
y", E'b\nc' as z;
\x
select 'a' as "x
y", E'b\nc' as z, 1 as w;
