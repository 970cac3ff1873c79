create table "Big" (a int); create view vv as select 1 as a; create sequence ss; create index on "Big"(a); create materialized view mm as select 1 as x;
create function ff(a int, b text default 'x') returns int language sql as 'select 1'; create domain dom as int check (value > 0); create type en as enum ('a','b'); create type comp as (a int);
create aggregate agg(int) (sfunc=int4pl, stype=int); create procedure pp() language sql as 'select 1'; grant select on "Big" to public; comment on table "Big" is 'cmt'; create collation cc from "C";
\d
\d+
\dt
\dt+
\dt Big
\dt "Big"
\dt public.*
\dt pub*.*
\dt nosuch
\dt nosuch.*
\dt dev.public.*
\dt x.y.z
\dt a.b.c.d
\di
\di+
\dv
\dm
\ds
\dE
\df
\df+
\dfp
\df f*
\dT
\dT+
\dT en
\dT *omp
\dD
\dn
\dn+
\dn pub*
\l
\l dev
\du
\du+
\du aws*
\dg
\da
\da a*
\dp
\dp "Big"
\z
\db
\dc
\dC int8
\dconfig
\dconfig work*
\ddp
\des
\deu
\dew
\dF
\dFd
\dFp simple
\dL
\dO
\do =
\drds
\dRp
\dRs
\dX
\dx
\dy
\dA
\dA+
\dAc btree
\dtS pg_am
\dS+ pg_am
\d nosuch
\dzz
\dQ
\dAS
\x
\dt
\x
\pset format csv
\dt
\pset format aligned
\pset null N
\d+
\t
\dn
