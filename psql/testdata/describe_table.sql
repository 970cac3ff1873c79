create table dp1 (id int primary key, name varchar(20) not null default 'x', amount numeric(8,2) check (amount > 0), u int unique, g int generated always as identity, h int generated always as (u*2) stored);
create table dp2 (a int references dp1(id) on delete cascade, b text collate "C");
create index on dp2 (a, lower(b)) where a > 5;
create view dv as select id, name from dp1 where id > 3;
create sequence sq;
comment on table dp1 is 'a comment'; comment on column dp1.id is 'key';
create function trf() returns trigger language plpgsql as 'begin return new; end';
create trigger tr1 before insert on dp2 for each row execute function trf();
\d+ dp1
\d dp2
\d+ dv
\d sq
\d dp1_pkey
\sf trf
\sf+ trf
\sv dv
\sv+ dv
create table par (x int); create table kid (y int) inherits (par); create unlogged table ul (a serial); create unique index ui on par (x) where x > 1;
alter table dp2 disable trigger tr1;
alter table dp1 set (fillfactor = 50);
\d par
\d+ par
\d kid
\d ul
\d ul_a_seq
\d ui
\d+ ui
\d dp?
\d+ dp1
\d public.dp2
\sf nosuch
\sf
\sv
\sv nosuch
\sv dp1
\sf+ pg_catalog.lower(text)
create view cv as select * from par where x > 1 with cascaded check option;
\sv cv
create function sqlf(a int) returns int return a + 1;
\sf+ sqlf
\x
\d par
\pset format html
\d par
\pset format csv
\d par
\d ul_a_seq
