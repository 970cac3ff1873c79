select current_query();
-- leading
/* block */ select -- one
  -- two

  current_query() /* three */ ; select /* ; */ current_query()
-- four
;
select E'a\'b;' || current_query(); select $x$ ; $x$ || $$ '; $$;
select (1); select ';' as "semi;colon";
create function g() returns int begin atomic select 1; select case when true then 2 end; end;
select g();
create or replace procedure p() language sql begin atomic select 1; end;
select U&'d\0061t' as u, B'101' as b, X'1F' as x;
select current_query()
