create table t1 (a int primary key, b int not null, c text, unique(b));
create statistics st1 on a, b from t1;
create statistics st2 (dependencies, ndistinct) on a, b, c from t1;
create statistics st3 on (a+b), c from t1;
alter statistics st2 set statistics 100;
create publication pub1 for table t1 where (a > 3);
create publication pub2 for all tables;
create publication pub3 for table t1 (a, b);
create publication pub4 for tables in schema public;
create rule r1 as on insert to t1 do also select 1;
create rule r2 as on update to t1 do instead nothing;
create rule r3 as on delete to t1 do also notify x;
create rule r4 as on delete to t1 do also notify y;
alter table t1 disable rule r2;
alter table t1 enable always rule r3;
alter table t1 enable replica rule r4;
alter table t1 replica identity full;
alter table t1 enable row level security;
create table t2 (a int);
alter table t2 replica identity nothing;
alter table t2 enable row level security;
alter table t2 force row level security;
create table t3 (a int not null); create unique index t3i on t3(a); alter table t3 replica identity using index t3i;
create policy p1 on t3 as restrictive for update to awsuser using (a > 1) with check (a > 2);
create policy p2 on t3;
set allow_in_place_tablespaces = on;
create tablespace spacious location '';
create table t4 (a int) tablespace spacious;
create index t4i on t4 (a) tablespace spacious;
create materialized view m4 tablespace spacious as select a from t4;
create type ty as (x int, y text);
create table t5 of ty;
create view v1 as select a from t1;
create rule rv as on update to v1 do instead nothing;
comment on constraint t1_pkey on t1 is 'the key';
comment on rule r1 on t1 is 'a rule';
\d t1
\d+ t1
\d t2
\d+ t2
\d t3
\d+ t3
alter table t3 enable row level security;
\d t3
alter table t3 force row level security;
\d t3
\d t4
\d+ t4i
\d m4
\d+ m4
\d t5
\d+ v1
\d+ pg_class
\dd
\dd r1
\dd public.t1*
\ddS+ t1*
\dd nosuch
\dd a.b.c
\set ECHO_HIDDEN on
\d t4
\dd t1_pkey
\dd
\dd *.x
\set ECHO_HIDDEN off
drop publication pub1, pub2, pub3, pub4;
drop materialized view m4;
drop table t4;
drop tablespace spacious;
