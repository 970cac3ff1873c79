-- args: -v ON_ERROR_STOP=1
\i sub/inner.sql
\echo not reached
