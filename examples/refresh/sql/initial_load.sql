/* initial_load.sql makes the ten tables of the retail model and fills them from
   the initial load in S3, each from the files that its manifest names.

   Variables: s3dataloc       the place of the data: s3://bucket/
              s3datareadrole  ARN of the role that Redshift reads S3 with

   Each table is one transaction: where a load fails, that table stays as it
   was before the script, and a second run begins again with the first table.
   Keys are informational on Redshift. */

\set credentials 'aws_iam_role=' :s3datareadrole

-- date_dim
\echo loading date_dim
\set manifest :s3dataloc 'tpcds/date_dim/manifest'

begin transaction;

drop table if exists public.date_dim;

create table public.date_dim (
  d_date_sk           integer not null encode az64,
  d_date_id           char(16) not null encode zstd,
  d_date              date encode raw,
  d_month_seq         integer encode az64,
  d_week_seq          integer encode az64,
  d_quarter_seq       integer encode az64,
  d_year              integer encode az64,
  d_dow               integer encode az64,
  d_moy               integer encode az64,
  d_dom               integer encode az64,
  d_qoy               integer encode az64,
  d_fy_year           integer encode az64,
  d_fy_quarter_seq    integer encode az64,
  d_fy_week_seq       integer encode az64,
  d_day_name          char(9) encode zstd,
  d_quarter_name      char(6) encode zstd,
  d_holiday           char(1) encode zstd,
  d_weekend           char(1) encode zstd,
  d_following_holiday char(1) encode zstd,
  d_first_dom         integer encode az64,
  d_last_dom          integer encode az64,
  d_same_day_ly       integer encode az64,
  d_same_day_lq       integer encode az64,
  d_current_day       char(1) encode zstd,
  d_current_week      char(1) encode zstd,
  d_current_month     char(1) encode zstd,
  d_current_quarter   char(1) encode zstd,
  d_current_year      char(1) encode zstd,
  primary key (d_date_sk)
)
diststyle all sortkey(d_date);

copy public.date_dim from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- time_dim
\echo loading time_dim
\set manifest :s3dataloc 'tpcds/time_dim/manifest'

begin transaction;

drop table if exists public.time_dim;

create table public.time_dim (
  t_time_sk   integer not null encode az64,
  t_time_id   char(16) not null encode zstd,
  t_time      integer encode az64,
  t_hour      integer encode az64,
  t_minute    integer encode az64,
  t_second    integer encode az64,
  t_am_pm     char(2) encode zstd,
  t_shift     char(20) encode zstd,
  t_sub_shift char(20) encode zstd,
  t_meal_time char(20) encode zstd,
  primary key (t_time_sk)
)
diststyle all;

copy public.time_dim from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- household_demographics
\echo loading household_demographics
\set manifest :s3dataloc 'tpcds/household_demographics/manifest'

begin transaction;

drop table if exists public.household_demographics;

create table public.household_demographics (
  hd_demo_sk        integer not null encode az64,
  hd_income_band_sk integer encode az64,
  hd_buy_potential  char(15) encode zstd,
  hd_dep_count      integer encode az64,
  hd_vehicle_count  integer encode az64,
  primary key (hd_demo_sk)
)
diststyle all;

copy public.household_demographics from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- store
\echo loading store
\set manifest :s3dataloc 'tpcds/store/manifest'

begin transaction;

drop table if exists public.store;

create table public.store (
  s_store_sk         integer not null encode az64,
  s_store_id         char(16) not null encode zstd,
  s_rec_start_date   date encode az64,
  s_rec_end_date     date encode az64,
  s_closed_date_sk   integer encode az64,
  s_store_name       varchar(50) encode zstd,
  s_number_employees integer encode az64,
  s_floor_space      integer encode az64,
  s_hours            char(20) encode zstd,
  s_manager          varchar(40) encode zstd,
  s_market_id        integer encode az64,
  s_geography_class  varchar(100) encode zstd,
  s_market_desc      varchar(100) encode zstd,
  s_market_manager   varchar(40) encode zstd,
  s_division_id      integer encode az64,
  s_division_name    varchar(50) encode zstd,
  s_company_id       integer encode az64,
  s_company_name     varchar(50) encode zstd,
  s_street_number    varchar(10) encode zstd,
  s_street_name      varchar(60) encode zstd,
  s_street_type      char(15) encode zstd,
  s_suite_number     char(10) encode zstd,
  s_city             varchar(60) encode zstd,
  s_county           varchar(30) encode zstd,
  s_state            char(2) encode zstd,
  s_zip              char(10) encode zstd,
  s_country          varchar(20) encode zstd,
  s_gmt_offset       decimal(5,2) encode az64,
  s_tax_precentage   decimal(5,2) encode az64,
  primary key (s_store_sk)
)
diststyle all;

copy public.store from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- promotion
\echo loading promotion
\set manifest :s3dataloc 'tpcds/promotion/manifest'

begin transaction;

drop table if exists public.promotion;

create table public.promotion (
  p_promo_sk        integer not null encode az64,
  p_promo_id        char(16) not null encode zstd,
  p_start_date_sk   integer encode az64,
  p_end_date_sk     integer encode az64,
  p_item_sk         integer encode az64,
  p_cost            decimal(15,2) encode az64,
  p_response_target integer encode az64,
  p_promo_name      char(50) encode zstd,
  p_channel_dmail   char(1) encode zstd,
  p_channel_email   char(1) encode zstd,
  p_channel_catalog char(1) encode zstd,
  p_channel_tv      char(1) encode zstd,
  p_channel_radio   char(1) encode zstd,
  p_channel_press   char(1) encode zstd,
  p_channel_event   char(1) encode zstd,
  p_channel_demo    char(1) encode zstd,
  p_channel_details varchar(100) encode zstd,
  p_purpose         char(15) encode zstd,
  p_discount_active char(1) encode zstd,
  primary key (p_promo_sk)
)
diststyle all;

copy public.promotion from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- item
\echo loading item
\set manifest :s3dataloc 'tpcds/item/manifest'

begin transaction;

drop table if exists public.item;

create table public.item (
  i_item_sk        integer not null encode az64,
  i_item_id        char(16) not null encode zstd,
  i_rec_start_date date encode az64,
  i_rec_end_date   date encode az64,
  i_item_desc      varchar(200) encode zstd,
  i_current_price  numeric(7,2) encode az64,
  i_wholesale_cost numeric(7,2) encode az64,
  i_brand_id       integer encode az64,
  i_brand          char(50) encode zstd,
  i_class_id       integer encode az64,
  i_class          char(50) encode zstd,
  i_category_id    integer encode az64,
  i_category       char(50) encode raw,
  i_manufact_id    integer encode az64,
  i_manufact       char(50) encode zstd,
  i_size           char(20) encode zstd,
  i_formulation    char(20) encode zstd,
  i_color          char(20) encode zstd,
  i_units          char(10) encode zstd,
  i_container      char(10) encode zstd,
  i_manager_id     integer encode az64,
  i_product_name   char(50) encode zstd,
  primary key (i_item_sk)
)
distkey(i_item_sk) sortkey(i_category);

copy public.item from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- customer_address
\echo loading customer_address
\set manifest :s3dataloc 'tpcds/customer_address/manifest'

begin transaction;

drop table if exists public.customer_address;

create table public.customer_address (
  ca_address_sk    integer not null encode az64,
  ca_address_id    char(16) not null encode zstd,
  ca_street_number char(10) encode zstd,
  ca_street_name   varchar(60) encode zstd,
  ca_street_type   char(15) encode zstd,
  ca_suite_number  char(10) encode zstd,
  ca_city          varchar(60) encode zstd,
  ca_county        varchar(30) encode zstd,
  ca_state         char(2) encode zstd,
  ca_zip           char(10) encode zstd,
  ca_country       varchar(20) encode zstd,
  ca_gmt_offset    numeric(5,2) encode az64,
  ca_location_type char(20) encode zstd,
  primary key (ca_address_sk)
)
distkey(ca_address_sk);

copy public.customer_address from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- customer_demographics
\echo loading customer_demographics
\set manifest :s3dataloc 'tpcds/customer_demographics/manifest'

begin transaction;

drop table if exists public.customer_demographics;

create table public.customer_demographics (
  cd_demo_sk            integer not null encode az64,
  cd_gender             char(1) encode zstd,
  cd_marital_status     char(1) encode zstd,
  cd_education_status   char(20) encode zstd,
  cd_purchase_estimate  integer encode az64,
  cd_credit_rating      char(10) encode zstd,
  cd_dep_count          integer encode az64,
  cd_dep_employed_count integer encode az64,
  cd_dep_college_count  integer encode az64,
  primary key (cd_demo_sk)
)
distkey(cd_demo_sk);

copy public.customer_demographics from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- customer
\echo loading customer
\set manifest :s3dataloc 'tpcds/customer/manifest'

begin transaction;

drop table if exists public.customer;

create table public.customer (
  c_customer_sk          integer not null encode az64,
  c_customer_id          char(16) not null encode zstd,
  c_current_cdemo_sk     integer encode az64,
  c_current_hdemo_sk     integer encode az64,
  c_current_addr_sk      integer encode az64,
  c_first_shipto_date_sk integer encode az64,
  c_first_sales_date_sk  integer encode az64,
  c_salutation           char(10) encode zstd,
  c_first_name           char(20) encode zstd,
  c_last_name            char(30) encode zstd,
  c_preferred_cust_flag  char(1) encode zstd,
  c_birth_day            integer encode az64,
  c_birth_month          integer encode az64,
  c_birth_year           integer encode az64,
  c_birth_country        varchar(20) encode zstd,
  c_login                char(13) encode zstd,
  c_email_address        char(50) encode zstd,
  c_last_review_date_sk  integer encode az64,
  primary key (c_customer_sk)
)
distkey(c_customer_sk);

copy public.customer from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

-- store_sales
\echo loading store_sales
\set manifest :s3dataloc 'tpcds/store_sales/manifest'

begin transaction;

drop table if exists public.store_sales;

create table public.store_sales (
  ss_sold_date_sk       integer encode raw,
  ss_sold_time_sk       integer encode az64,
  ss_item_sk            integer not null encode az64,
  ss_customer_sk        integer encode az64,
  ss_cdemo_sk           integer encode az64,
  ss_hdemo_sk           integer encode az64,
  ss_addr_sk            integer encode az64,
  ss_store_sk           integer encode az64,
  ss_promo_sk           integer encode az64,
  ss_ticket_number      bigint not null encode az64,
  ss_quantity           integer encode az64,
  ss_wholesale_cost     numeric(7,2) encode az64,
  ss_list_price         numeric(7,2) encode az64,
  ss_sales_price        numeric(7,2) encode az64,
  ss_ext_discount_amt   numeric(7,2) encode az64,
  ss_ext_sales_price    numeric(7,2) encode az64,
  ss_ext_wholesale_cost numeric(7,2) encode az64,
  ss_ext_list_price     numeric(7,2) encode az64,
  ss_ext_tax            numeric(7,2) encode az64,
  ss_coupon_amt         numeric(7,2) encode az64,
  ss_net_paid           numeric(7,2) encode az64,
  ss_net_paid_inc_tax   numeric(7,2) encode az64,
  ss_net_profit         numeric(7,2) encode az64,
  primary key (ss_item_sk, ss_ticket_number)
)
distkey(ss_item_sk) sortkey(ss_sold_date_sk);

copy public.store_sales from :'manifest'
credentials :'credentials'
delimiter '~' gzip manifest ignoreheader 1
region 'us-east-1';

end transaction;

select 'store_sales' as loaded, count(*) as rows from public.store_sales;
