-- args: -b -q
select 1 as a
  , 1/0;
create table e (a int);
select 2;
