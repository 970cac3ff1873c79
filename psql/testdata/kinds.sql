set client_min_messages = warning;
create table t (a int primary key, b serial);
create view v as select * from t;
create materialized view m as select * from t;
\dtv
\dtvms
\dit
\dtS pg_class
\dtvS+ t
\dvs+
\dim *
\dE
\dsE
\dtq
\dl
\dl+
\lo_list
\lo_list+
\html
select 1 as a;
\html
\dRp
\dRs
\d[tv]
\s
\echo after
