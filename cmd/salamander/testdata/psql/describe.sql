\set ON_ERROR_STOP 0
create table sale (id integer not null, name varchar(20) default 'x', code char(3), price numeric(7,2), sold timestamp, primary key (id));
create table plain (a int, b text);
create schema aside; create table aside.inner (id bigint, d date);
create view v as select id, name from sale where price > 3;
insert into sale values (1, 'a', 'abc', 1.5, '2003-01-02 03:04:05'), (2, null, 'de', null, null);
insert into plain values (1, 'it''s'), (2, null), (3, E'two\nlines');
\d
\d+
\dt
\dt+
\dt aside.*
\dt nosuch
\dt *.*
\d sale
\d+ sale
\d v
\d+ v
\d plain
\d aside.inner
\d nosuch
\d s*
\l
\l dev
\dn
\dn+
\dn aside
\df
\df nosuch
\du
\du awsuser
\du+
\dg
\dp
\dp sale
\z
\dv
\dv+
\dm
\ds
\di
\dT
\db
\dx
\dC nosuch
\dd
\ddp
\dE
\do nosuch
\dF
\dL
\drds
\sv v
\sf nosuch
\conninfo
\encoding
\x
\d sale
\dt
\l
\x
\a
\dt
\d plain
\pset format csv
\dt
\d plain
