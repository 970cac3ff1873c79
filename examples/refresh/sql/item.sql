/* item.sql refreshes the items of one day: Type 2 on i_current_price, Type 1 on
   all other attributes.
   An item whose price changed gets a new row that is open from the day on, and
   its old row ends the day before. An item whose price is the same has its
   other attributes overwritten. A new item is inserted.

   Variables: dt              the day: 2003-01-02
              s3dataloc       the place of the data: s3://bucket/
              s3datareadrole  ARN of the role that Redshift reads S3 with

   A second run with the same day changes nothing: the open rows have the
   extract's prices by then. A corrected file for the same day corrects the
   rows that the day opened. An extract that is older than an item's open row
   leaves that item alone. */

\set credentials 'aws_iam_role=' :s3datareadrole
\set s3loc :s3dataloc 'item/loaddate=' :dt '/'

begin transaction;

drop table if exists public.stg_item;

create table public.stg_item (
  i_item_id        char(16) encode lzo,
  i_item_desc      varchar(200) encode lzo,
  i_current_price  numeric(7,2) encode lzo,
  i_wholesale_cost numeric(7,2) encode lzo,
  i_brand_id       integer encode lzo,
  i_brand          char(50) encode lzo,
  i_class_id       integer encode lzo,
  i_class          char(50) encode lzo,
  i_category_id    integer encode lzo,
  i_category       char(50) encode lzo,
  i_manufact_id    integer encode lzo,
  i_manufact       char(50) encode lzo,
  i_size           char(20) encode lzo,
  i_formulation    char(20) encode lzo,
  i_color          char(20) encode lzo,
  i_units          char(10) encode lzo,
  i_container      char(10) encode lzo,
  i_manager_id     integer encode lzo,
  i_product_name   char(50) encode lzo
)
backup no
diststyle even;

copy public.stg_item from :'s3loc'
credentials :'credentials'
delimiter '~' gzip
region 'us-east-1';

-- The price is the same, or it is this day that opened the row: overwrite.
update public.item
set i_item_desc = stg.i_item_desc,
    i_current_price = stg.i_current_price,
    i_wholesale_cost = stg.i_wholesale_cost,
    i_brand_id = stg.i_brand_id,
    i_brand = stg.i_brand,
    i_class_id = stg.i_class_id,
    i_class = stg.i_class,
    i_category_id = stg.i_category_id,
    i_category = stg.i_category,
    i_manufact_id = stg.i_manufact_id,
    i_manufact = stg.i_manufact,
    i_size = stg.i_size,
    i_formulation = stg.i_formulation,
    i_color = stg.i_color,
    i_units = stg.i_units,
    i_container = stg.i_container,
    i_manager_id = stg.i_manager_id,
    i_product_name = stg.i_product_name
from public.stg_item stg
where item.i_item_id = stg.i_item_id
  and item.i_rec_end_date is null
  and item.i_rec_start_date <= :'dt'
  and (item.i_current_price = stg.i_current_price or item.i_rec_start_date = :'dt');

-- The price is another: a new row, open from the day on.
insert into public.item
  (i_item_sk, i_item_id, i_rec_start_date, i_rec_end_date,
   i_item_desc, i_current_price, i_wholesale_cost, i_brand_id,
   i_brand, i_class_id, i_class, i_category_id,
   i_category, i_manufact_id, i_manufact, i_size,
   i_formulation, i_color, i_units, i_container,
   i_manager_id, i_product_name)
with largest as (
  select coalesce(max(i_item_sk), 0) as sk from public.item
)
select
  largest.sk + row_number() over (order by stg.i_item_id),
  stg.i_item_id,
  cast(:'dt' as date),
  cast(null as date),
  stg.i_item_desc, stg.i_current_price, stg.i_wholesale_cost, stg.i_brand_id,
  stg.i_brand, stg.i_class_id, stg.i_class, stg.i_category_id,
  stg.i_category, stg.i_manufact_id, stg.i_manufact, stg.i_size,
  stg.i_formulation, stg.i_color, stg.i_units, stg.i_container,
  stg.i_manager_id, stg.i_product_name
from public.stg_item stg
join public.item known on known.i_item_id = stg.i_item_id
cross join largest
where known.i_rec_end_date is null
  and known.i_rec_start_date < :'dt'
  and known.i_current_price <> stg.i_current_price;

-- ... and the old row ends the day before.
update public.item
set i_rec_end_date = cast(:'dt' as date) - 1
from public.stg_item stg
where item.i_item_id = stg.i_item_id
  and item.i_rec_end_date is null
  and item.i_rec_start_date < :'dt'
  and item.i_current_price <> stg.i_current_price;

-- New items.
insert into public.item
  (i_item_sk, i_item_id, i_rec_start_date, i_rec_end_date,
   i_item_desc, i_current_price, i_wholesale_cost, i_brand_id,
   i_brand, i_class_id, i_class, i_category_id,
   i_category, i_manufact_id, i_manufact, i_size,
   i_formulation, i_color, i_units, i_container,
   i_manager_id, i_product_name)
with largest as (
  select coalesce(max(i_item_sk), 0) as sk from public.item
)
select
  largest.sk + row_number() over (order by stg.i_item_id),
  stg.i_item_id,
  cast(:'dt' as date),
  cast(null as date),
  stg.i_item_desc, stg.i_current_price, stg.i_wholesale_cost, stg.i_brand_id,
  stg.i_brand, stg.i_class_id, stg.i_class, stg.i_category_id,
  stg.i_category, stg.i_manufact_id, stg.i_manufact, stg.i_size,
  stg.i_formulation, stg.i_color, stg.i_units, stg.i_container,
  stg.i_manager_id, stg.i_product_name
from public.stg_item stg
cross join largest
where stg.i_item_id not in (select i_item_id from public.item);

drop table public.stg_item;

end transaction;
