\c
\connect dev
\c - awsuser
\c -reuse-previous=on dbname=postgres
\c dev - - -
\set VERBOSITY terse
\c -reuse-previous=maybe dev
\c postgres
select current_database();
\c nosuch
select 1;
