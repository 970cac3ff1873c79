\set ON_ERROR_STOP 1
\if nonsense
\echo no
\else
\echo yes
\endif
\endif
\echo not reached
