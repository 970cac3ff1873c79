-- args: --set ON_ERROR_STOP=on
\echo before
\nonsense a b
\echo not reached
