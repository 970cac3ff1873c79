select 'deeper' as d
