/* connection_check.sql answers one row where the warehouse can be reached and
   the user may log in. It is the first step: nothing is staged before it. */

select current_database() as connected_to, 1 as ok;
