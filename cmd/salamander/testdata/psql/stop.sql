\set ON_ERROR_STOP on
create table s (a int);
insert into s values (1);
select * from s;
select nope from s;
select 2;
