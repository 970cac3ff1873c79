\pset
\pset format wr
\pset format latex
\pset format latex-
\pset format troff-ms
\pset format t
\pset format as
\pset format a
\pset format html
\pset border 7
\pset border -3
\pset border x
\pset border
\pset columns 40
\pset columns
\pset columns 0
\pset columns x
\pset linestyle
\pset linestyle u
\pset linestyle old
\pset linestyle o
\pset linestyle asci
\pset linestyle x
\pset linestyle UNI
\pset unicode_border_linestyle double
\pset unicode_border_linestyle sing
\pset unicode_column_linestyle d
\pset unicode_header_linestyle x
\pset unicode_header_linestyle
\pset x auto
\x
\x
\x auto
\x off
\pset expanded
\pset vertical on
\pset numericlocale
\pset numericlocale off
\pset numericlocale maybe
\pset numericlocale on
\pset null NN
\pset null
\pset fieldsep
\pset fieldsep ';'
\pset fieldsep_zero
\pset recordsep
\pset recordsep x
\pset recordsep_zero
\pset recordsep '\n'
\pset t
\pset tuples_only off
\pset t maybe
\pset t
\t
\t
\pset title abc
\pset title
\pset C 'x y'
\C
\T 'border=0'
\T
\pset tableattr 'a=b'
\pset T
\pset pager
\pset pager
\pset pager always
\pset pager off
\pset pager on
\pset pager
\pset pager 3
\pset pager_min_lines 5
\pset pager_min_lines
\pset pager_min_lines 1
\pset pager_min_lines 0
\pset footer
\pset footer
\pset footer off
\pset footer on
\pset csv_fieldsep
\pset csv_fieldsep 'ab'
\pset csv_fieldsep '\t'
\pset csv_fieldsep '"'
\pset xheader_width 5
\pset nonsense
\pset nonsense x
\pset
\pset border 2 extra
\H
\H
\a
\a
\f
\f ';'
\pset format csv
\H
\a
