-- args: -v ON_ERROR_STOP=1 -v s3dataloc=s3://bucket/etl/ -v s3datareadrole=arn:aws:iam::000000000000:role/r -v dt=2003-01-02
-- The day's sales; it's the published kind of script.
/* a block
   comment */
\set s3datareadrolevar 'aws_iam_role=' :s3datareadrole
\set s3loc :s3dataloc 'store_sales/saledate=' :dt '/'
\echo loading from :s3loc with :'s3datareadrolevar'

begin transaction;

DROP TABLE IF EXISTS public.stg_store_sales;

CREATE TABLE public.stg_store_sales
(
    sold_date DATE          -- when
  , i_item_id CHAR(16)      -- what; it's a key
  , ss_quantity INTEGER
  , ss_net_paid NUMERIC(7,2)
);
create table date_dim (d_date_sk int, d_date date);
create table store_sales (ss_sold_date_sk int, ss_item varchar(20), ss_quantity int, ss_net_paid numeric(7,2));
insert into date_dim values (2452642, '2003-01-02'), (2452643, '2003-01-03');
insert into public.stg_store_sales values (:'dt', 'AAAAAAAAIFNAAAAA', 17, 111.60), (:'dt', 'O''Neil; é', 3, -241.65);

delete from store_sales
 using date_dim
 where ss_sold_date_sk = d_date_sk
   and d_date = :'dt';
INSERT INTO store_sales
SELECT d_date_sk, i_item_id, ss_quantity, ss_net_paid
  FROM stg_store_sales AS store_sales
 INNER JOIN date_dim ON (d_date = sold_date)
 where '12:dt:34' <> ':dt' and sold_date = :'dt'::date;

DROP TABLE public.stg_store_sales;
commit;
end transaction;

select * from store_sales order by ss_quantity;
select 1/count(1) as "check" from store_sales where ss_quantity = 17;
