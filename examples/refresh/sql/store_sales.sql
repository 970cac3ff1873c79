/* store_sales.sql refreshes the store sales of one day: the day's rows are
   replaced by those of its extract, which comes from the registers with
   business keys. Each key is looked up in its dimension: the row of that key,
   and where a dimension keeps history the open one.

   Variables: dt              the day: 2003-01-02
              s3dataloc       the place of the data: s3://bucket/
              s3datareadrole  ARN of the role that Redshift reads S3 with

   Run it after customer_address.sql and item.sql of the same day, since the
   day's new items and addresses are sold and shipped to at once. A customer
   or promotion that nobody knows yet gives NULL. A second run with the same
   day deletes what the first one inserted and inserts it again. */

\set credentials 'aws_iam_role=' :s3datareadrole
\set s3loc :s3dataloc 'store_sales/saledate=' :dt '/'

begin transaction;

drop table if exists public.stg_store_sales;

create table public.stg_store_sales (
  sold_date             date encode lzo,
  sold_time             integer encode lzo,
  i_item_id             char(16) encode lzo,
  c_customer_id         char(16) encode lzo,
  cd_demo_sk            integer encode lzo,
  hd_income_band_sk     integer encode lzo,
  hd_buy_potential      char(15) encode lzo,
  hd_dep_count          integer encode lzo,
  hd_vehicle_count      integer encode lzo,
  ca_address_id         char(16) encode lzo,
  s_store_id            char(16) encode lzo,
  p_promo_id            char(16) encode lzo,
  ss_ticket_number      integer encode lzo,
  ss_quantity           integer encode lzo,
  ss_wholesale_cost     numeric(7,2) encode lzo,
  ss_list_price         numeric(7,2) encode lzo,
  ss_sales_price        numeric(7,2) encode lzo,
  ss_ext_discount_amt   numeric(7,2) encode lzo,
  ss_ext_sales_price    numeric(7,2) encode lzo,
  ss_ext_wholesale_cost numeric(7,2) encode lzo,
  ss_ext_list_price     numeric(7,2) encode lzo,
  ss_ext_tax            numeric(7,2) encode lzo,
  ss_coupon_amt         numeric(7,2) encode lzo,
  ss_net_paid           numeric(7,2) encode lzo,
  ss_net_paid_inc_tax   numeric(7,2) encode lzo,
  ss_net_profit         numeric(7,2) encode lzo
)
backup no
diststyle even;

copy public.stg_store_sales from :'s3loc'
credentials :'credentials'
delimiter '~' gzip
region 'us-east-1';

delete from public.store_sales
where ss_sold_date_sk in (select d_date_sk from public.date_dim where d_date = :'dt');

insert into public.store_sales
  (ss_sold_date_sk, ss_sold_time_sk, ss_item_sk, ss_customer_sk,
   ss_cdemo_sk, ss_hdemo_sk, ss_addr_sk, ss_store_sk,
   ss_promo_sk, ss_ticket_number, ss_quantity, ss_wholesale_cost,
   ss_list_price, ss_sales_price, ss_ext_discount_amt, ss_ext_sales_price,
   ss_ext_wholesale_cost, ss_ext_list_price, ss_ext_tax, ss_coupon_amt,
   ss_net_paid, ss_net_paid_inc_tax, ss_net_profit)
select
  d_date_sk, t_time_sk, i_item_sk, c_customer_sk,
  customer_demographics.cd_demo_sk, hd_demo_sk, ca_address_sk, s_store_sk,
  p_promo_sk, stg.ss_ticket_number, stg.ss_quantity, stg.ss_wholesale_cost,
  stg.ss_list_price, stg.ss_sales_price, stg.ss_ext_discount_amt, stg.ss_ext_sales_price,
  stg.ss_ext_wholesale_cost, stg.ss_ext_list_price, stg.ss_ext_tax, stg.ss_coupon_amt,
  stg.ss_net_paid, stg.ss_net_paid_inc_tax, stg.ss_net_profit
from public.stg_store_sales stg
join public.date_dim on d_date = stg.sold_date
left join public.time_dim on t_time = stg.sold_time
left join public.item on item.i_item_id = stg.i_item_id and i_rec_end_date is null
left join public.customer on customer.c_customer_id = stg.c_customer_id
left join public.customer_demographics on customer_demographics.cd_demo_sk = stg.cd_demo_sk
left join public.household_demographics hd
  on hd.hd_income_band_sk = stg.hd_income_band_sk
 and hd.hd_buy_potential = stg.hd_buy_potential
 and hd.hd_dep_count = stg.hd_dep_count
 and hd.hd_vehicle_count = stg.hd_vehicle_count
left join public.customer_address on customer_address.ca_address_id = stg.ca_address_id
left join public.store on store.s_store_id = stg.s_store_id and s_rec_end_date is null
left join public.promotion on promotion.p_promo_id = stg.p_promo_id
where stg.sold_date = :'dt';

drop table public.stg_store_sales;

end transaction;
