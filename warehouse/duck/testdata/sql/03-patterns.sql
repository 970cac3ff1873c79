# Patterns and regular expressions
= ~ and !~
: corrected
@ 4a 'abc' ~ 'b'
select 'abc' ~ 'b', 'abc' !~ '^b', 'abc' ~ ('^' || 'ab'), 'a' ~ 'A'
-> t | t | t | f

= ~* and !~*
: corrected
: Redshift documents ~ and !~ only.
@ 4c ~*, !~*
select 'ABC' ~* 'b', 'ABC' !~* 'x'
-> t | t

= SIMILAR TO
: corrected
@ 4a SIMILAR TO '%(b|d)%'
select 'abc' similar to '%(b|d)%', 'abc' similar to 'b', 'a.c' similar to 'a.c', 'abc' similar to 'a.c', '50%' similar to '50|%' escape '|', 'abc' not similar to 'a%'
-> t | f | t | f | t | f

= SIMILAR TO an expression
: corrected
select 'abc' similar to lower('A%'), 'abc' similar to 'a' || '%'
-> t | t

= REGEXP_REPLACE
: corrected
@ 4a REGEXP_REPLACE
select regexp_replace('a.b.c', '[.]', '-'), regexp_replace('abc', 'b'), regexp_replace('the fox', 'FOX', 'quick brown fox', 1, 'i')
-> a-b-c | ac | the quick brown fox

= REGEXP_REPLACE with references
: refused
select regexp_replace('foo@bar.com', '^(.*)@(.*)$', '$2 at $1'), regexp_replace('2020-01-02', '(\\d+)-(\\d+)-(\\d+)', '$3/$2/$1')
-> ERROR 0A000 a reference in the replacement of REGEXP_REPLACE is not supported by the embedded warehouse

= REGEXP_SUBSTR
: corrected
@ 4d REGEXP_SUBSTR/COUNT
select regexp_substr('Suspendisse.tristique@nonnisiAenean.edu', '@[^.]*'), regexp_substr('the fox', 'FOX', 1, 1, 'i'), regexp_substr('aab', 'x'), regexp_substr('1a 2b', '(\\d)(\\w)', 1, 2, 'e')
-> @nonnisiAenean | fox |  | 2

= REGEXP_COUNT
: corrected
@ 4d REGEXP_SUBSTR/COUNT
select regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}'), regexp_count('the fox', 'FOX', 1, 'i')
-> 8 | 1

= REGEXP_INSTR
: corrected
@ 4d REGEXP_INSTR
select regexp_instr('The home of Mr and Mrs Fox', 'Mr', 1, 2), regexp_instr('the fox', 'FOX', 1, 1, 0, 'i'), regexp_instr('abc', 'b', 1, 1, 1)
-> 20 | 5 | 3

= look-around (parameter p)
: corrected
select regexp_substr('the quick fox', 'quick(?= fox)', 1, 1, 'p'), regexp_count('foobar foobaz', 'foo(?!bar)', 1, 'p'), regexp_replace('the fox', '(?<=the )fox', 'dog', 1, 'p')
-> quick | 1 | the dog

= back references (parameter p)
: corrected
select regexp_count('abab cdcd xy', '(..)\\1', 1, 'p'), regexp_substr('hello', '(.)\\1', 1, 1, 'p')
-> 2 | ll

= look-around without p
: refused
select regexp_substr('the quick fox', 'quick(?= fox)')
-> ERROR 22P02 invalid regular expression "quick(?= fox)": error parsing regexp: invalid or unsupported Perl syntax: `(?=`

= POSIX classes
: same
select regexp_replace('a1 b2', '[[:digit:]]', ''), len(regexp_substr('x  y', '[[:space:]]+')), 'a1' ~ '\\d$', 'ab' ~ '^\\w+$'
-> a b | 2 | t | t
