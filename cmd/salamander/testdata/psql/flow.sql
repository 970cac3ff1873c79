-- args: -v who=x -v n=3 -1
create table t (a int, b varchar(9));
insert into t values (1, :'who'), (:n, null);
select * from t where a = :n;
select nope from t;
select * from t;
