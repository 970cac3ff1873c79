-- args: -v ON_ERROR_STOP=1
select 1 as one;
select 1/0; select 2;
\echo not reached
