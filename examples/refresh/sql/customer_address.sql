/* customer_address.sql refreshes the customer addresses of one day: Type 1.
   An address that is known takes the values of the day's extract, and one that is
   new is inserted. Nothing of the past is kept.

   Variables: dt              the day: 2003-01-02
              s3dataloc       the place of the data: s3://bucket/
              s3datareadrole  ARN of the role that Redshift reads S3 with

   A second run with the same day changes nothing: known addresses get the
   values they have, and the new ones of the first run are known by then. */

\set credentials 'aws_iam_role=' :s3datareadrole
\set s3loc :s3dataloc 'customer_address/loaddate=' :dt '/'

begin transaction;

drop table if exists public.stg_customer_address;

create table public.stg_customer_address (
  ca_address_id    char(16) encode lzo,
  ca_street_number char(10) encode lzo,
  ca_street_name   varchar(60) encode lzo,
  ca_street_type   char(15) encode lzo,
  ca_suite_number  char(10) encode lzo,
  ca_city          varchar(60) encode lzo,
  ca_county        varchar(30) encode lzo,
  ca_state         char(2) encode lzo,
  ca_zip           char(10) encode lzo,
  ca_country       varchar(20) encode lzo,
  ca_gmt_offset    numeric(5,2) encode lzo,
  ca_location_type char(20) encode lzo
)
backup no
diststyle even;

copy public.stg_customer_address from :'s3loc'
credentials :'credentials'
delimiter '~' gzip
region 'us-east-1';

-- Known addresses.
update public.customer_address
set ca_street_number = stg.ca_street_number,
    ca_street_name = stg.ca_street_name,
    ca_street_type = stg.ca_street_type,
    ca_suite_number = stg.ca_suite_number,
    ca_city = stg.ca_city,
    ca_county = stg.ca_county,
    ca_state = stg.ca_state,
    ca_zip = stg.ca_zip,
    ca_country = stg.ca_country,
    ca_gmt_offset = stg.ca_gmt_offset,
    ca_location_type = stg.ca_location_type
from public.stg_customer_address stg
where customer_address.ca_address_id = stg.ca_address_id;

-- New addresses, with the next surrogate keys in the order of their business
-- keys, so that the same file always gives the same keys.
insert into public.customer_address
  (ca_address_sk, ca_address_id, ca_street_number, ca_street_name,
   ca_street_type, ca_suite_number, ca_city, ca_county,
   ca_state, ca_zip, ca_country, ca_gmt_offset,
   ca_location_type)
with largest as (
  select coalesce(max(ca_address_sk), 0) as sk from public.customer_address
)
select
  largest.sk + row_number() over (order by stg.ca_address_id),
  stg.ca_address_id, stg.ca_street_number, stg.ca_street_name, stg.ca_street_type,
  stg.ca_suite_number, stg.ca_city, stg.ca_county, stg.ca_state,
  stg.ca_zip, stg.ca_country, stg.ca_gmt_offset, stg.ca_location_type
from public.stg_customer_address stg
cross join largest
where stg.ca_address_id not in (select ca_address_id from public.customer_address);

drop table public.stg_customer_address;

end transaction;
