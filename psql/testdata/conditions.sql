\if true
  select 'yes' as yes;
  \if false
    select 'no';
    \nonsense
    \echo :{?nope} :nope
  \elif 0
    \echo no
  \elif 1
    \echo inner
  \else
    \echo no
  \endif
\else
  \echo no
  \if true
  \echo no
  \endif
\endif
\if maybe
\echo no
\endif
\if
\echo no
\endif
select 1
\if false
  + 10
\else
  + 1
\endif
 as two;
\endif
\else
\elif true
\if yes
\else
\else
\elif 1
\endif
select true as t, false as f \gset
\if :t
\echo t is true
\endif
\if :f
\echo no
\endif
\if :{?t}
\echo t is set
\endif
\if off extra
\endif
\if true
\endif extra
\if on
\echo open
