create table ct (a int, b text);
select \gdesc
select 1/0 \gdesc
select nope \gdesc
create table zz (a int) \gdesc
insert into ct values (9,'r') returning a \gdesc
\gdesc
select 1; select 2 \gdesc
select 1 as a, 2 as b \gdesc extra
select 1 \g (format=html) extra
\errverbose
select 1 \g (null=x border=2
\setenv
