-- args: -v ON_ERROR_STOP=0
\echo start
\i sub/inner.sql
\ir sub/inner.sql
\i nowhere.sql
\i
\i sub
\echo end :from_inner
\q
\echo not reached
