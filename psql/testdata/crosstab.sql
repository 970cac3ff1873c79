create table cv (y int, m text, v int, s int);
insert into cv values (2000,'jan',1,1),(2000,'feb',2,2),(2001,'feb',3,2),(2002,'dec',null,12),(null,'jan',7,1);
select y,m,v from cv \crosstabview
select y,m,v from cv order by 1 \crosstabview m y v
select y,m,v,s from cv \crosstabview y m v s
select y,m,v,s from cv \crosstabview y m v v
select y,m,v,s from cv \crosstabview 1 2 3
select y,m,v,s from cv \crosstabview
select y,m from cv \crosstabview
select y,m,v from cv \crosstabview 1 1
select y,m,v from cv \crosstabview 9
select y,m,v from cv \crosstabview nope
select y,m,v as y from cv \crosstabview y
select y,m,v from cv \crosstabview "Y"
select y,m,v from cv \crosstabview Y M
select 1,m,v from cv \crosstabview
create table c2 (a int) \crosstabview
\pset null N
select y,m,v from cv \crosstabview
\pset format csv
select y,m,v from cv \crosstabview
select y,m,v from cv \crosstabview 1 2 3 4 5
select 1/0, 1, 1 \crosstabview
select y,m,v from cv where false \crosstabview
