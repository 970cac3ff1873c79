# The case of names
= Names in definitions are kept in lower case, quoted or not
: corrected
CREATE TABLE PUBLIC.SALES23(ID INT, "Name" VARCHAR(10)) DISTKEY(ID)
-> CREATE TABLE
INSERT INTO Sales23 VALUES (1, 'A')
-> INSERT 0 1
select "column", type from pg_table_def where tablename = 'sales23' order by 1
-> id | integer
-> name | character varying(10)
create table stg23 (like sales23)
-> CREATE TABLE
alter table SALES23 rename column NAME to X
-> ALTER TABLE
create view V23 as select ID as Foo, X as "Bar" from SALES23
-> CREATE VIEW
select column_name from information_schema.columns where table_name = 'v23' order by ordinal_position
-> foo
-> bar
