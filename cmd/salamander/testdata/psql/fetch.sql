-- args: -v FETCH_COUNT=2 -A
create table t (a int);
insert into t values (1), (2), (3), (4), (5);
select a from t order by a;
select a / (a - 4) from t order by a;
select a from t order by a \gset x
select a from t where a = 2 \gset x
\echo :xa
\pset format csv
select a from t order by a;
begin;
select a from t order by a limit 3;
end;
