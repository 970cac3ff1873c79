# JSON and SUPER
= JSON_EXTRACT_PATH_TEXT
: corrected
@ 4c TRUNC(ts), DECODE, ISNULL, LPAD/RPAD(2 args), JSON_EXTRACT_PATH_TEXT, OCTET_LENGTH
select json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}}', 'f4', 'f6'), json_extract_path_text('{"a":1}', 'b'), json_extract_path_text('{bad', 'a', true)
-> star |  | NULL
select json_extract_path_text('{bad', 'a')
-> ERROR 22P02 JSON parsing error: expected a string as a key at byte 1

= JSON_EXTRACT_ARRAY_ELEMENT_TEXT, JSON_ARRAY_LENGTH
: corrected
select json_extract_array_element_text('[111,112,113]', 2), json_array_length('[11,12,13,{"f1":21,"f2":[25,26]},14]')
-> 113 | 5

= IS_VALID_JSON, IS_VALID_JSON_ARRAY
: corrected
@ 4d IS_VALID_JSON
select is_valid_json('{"a":1}'), is_valid_json('{bad'), is_valid_json_array('[1]'), is_valid_json_array('{"a":1}')
-> t | f | t | f

= SUPER, JSON_PARSE
: refused
@ 4d JSON_PARSE
@ 4d type SUPER=JSON
create table c (s super)
-> ERROR 0A000 the type SUPER is not supported by the embedded warehouse
select json_parse('[1]')
-> ERROR 0A000 the function json_parse is not supported by the embedded warehouse
