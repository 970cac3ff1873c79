package tpcds

func dateColumns() []Column {
	return []Column{
		{"d_date_sk", "integer", true},
		{"d_date_id", "char(16)", true},
		{"d_date", "date", false},
		{"d_month_seq", "integer", false},
		{"d_week_seq", "integer", false},
		{"d_quarter_seq", "integer", false},
		{"d_year", "integer", false},
		{"d_dow", "integer", false},
		{"d_moy", "integer", false},
		{"d_dom", "integer", false},
		{"d_qoy", "integer", false},
		{"d_fy_year", "integer", false},
		{"d_fy_quarter_seq", "integer", false},
		{"d_fy_week_seq", "integer", false},
		{"d_day_name", "char(9)", false},
		{"d_quarter_name", "char(6)", false},
		{"d_holiday", "char(1)", false},
		{"d_weekend", "char(1)", false},
		{"d_following_holiday", "char(1)", false},
		{"d_first_dom", "integer", false},
		{"d_last_dom", "integer", false},
		{"d_same_day_ly", "integer", false},
		{"d_same_day_lq", "integer", false},
		{"d_current_day", "char(1)", false},
		{"d_current_week", "char(1)", false},
		{"d_current_month", "char(1)", false},
		{"d_current_quarter", "char(1)", false},
		{"d_current_year", "char(1)", false},
	}
}

func timeColumns() []Column {
	return []Column{
		{"t_time_sk", "integer", true},
		{"t_time_id", "char(16)", true},
		{"t_time", "integer", false},
		{"t_hour", "integer", false},
		{"t_minute", "integer", false},
		{"t_second", "integer", false},
		{"t_am_pm", "char(2)", false},
		{"t_shift", "char(20)", false},
		{"t_sub_shift", "char(20)", false},
		{"t_meal_time", "char(20)", false},
	}
}

func householdColumns() []Column {
	return []Column{
		{"hd_demo_sk", "integer", true},
		{"hd_income_band_sk", "integer", false},
		{"hd_buy_potential", "char(15)", false},
		{"hd_dep_count", "integer", false},
		{"hd_vehicle_count", "integer", false},
	}
}

func storeColumns() []Column {
	return []Column{
		{"s_store_sk", "integer", true},
		{"s_store_id", "char(16)", true},
		{"s_rec_start_date", "date", false},
		{"s_rec_end_date", "date", false},
		{"s_closed_date_sk", "integer", false},
		{"s_store_name", "varchar(50)", false},
		{"s_number_employees", "integer", false},
		{"s_floor_space", "integer", false},
		{"s_hours", "char(20)", false},
		{"s_manager", "varchar(40)", false},
		{"s_market_id", "integer", false},
		{"s_geography_class", "varchar(100)", false},
		{"s_market_desc", "varchar(100)", false},
		{"s_market_manager", "varchar(40)", false},
		{"s_division_id", "integer", false},
		{"s_division_name", "varchar(50)", false},
		{"s_company_id", "integer", false},
		{"s_company_name", "varchar(50)", false},
		{"s_street_number", "varchar(10)", false},
		{"s_street_name", "varchar(60)", false},
		{"s_street_type", "char(15)", false},
		{"s_suite_number", "char(10)", false},
		{"s_city", "varchar(60)", false},
		{"s_county", "varchar(30)", false},
		{"s_state", "char(2)", false},
		{"s_zip", "char(10)", false},
		{"s_country", "varchar(20)", false},
		{"s_gmt_offset", "numeric(5,2)", false},
		{"s_tax_precentage", "numeric(5,2)", false},
	}
}

func promotionColumns() []Column {
	return []Column{
		{"p_promo_sk", "integer", true},
		{"p_promo_id", "char(16)", true},
		{"p_start_date_sk", "integer", false},
		{"p_end_date_sk", "integer", false},
		{"p_item_sk", "integer", false},
		{"p_cost", "numeric(15,2)", false},
		{"p_response_target", "integer", false},
		{"p_promo_name", "char(50)", false},
		{"p_channel_dmail", "char(1)", false},
		{"p_channel_email", "char(1)", false},
		{"p_channel_catalog", "char(1)", false},
		{"p_channel_tv", "char(1)", false},
		{"p_channel_radio", "char(1)", false},
		{"p_channel_press", "char(1)", false},
		{"p_channel_event", "char(1)", false},
		{"p_channel_demo", "char(1)", false},
		{"p_channel_details", "varchar(100)", false},
		{"p_purpose", "char(15)", false},
		{"p_discount_active", "char(1)", false},
	}
}

func itemColumns() []Column {
	return []Column{
		{"i_item_sk", "integer", true},
		{"i_item_id", "char(16)", true},
		{"i_rec_start_date", "date", false},
		{"i_rec_end_date", "date", false},
		{"i_item_desc", "varchar(200)", false},
		{"i_current_price", "numeric(7,2)", false},
		{"i_wholesale_cost", "numeric(7,2)", false},
		{"i_brand_id", "integer", false},
		{"i_brand", "char(50)", false},
		{"i_class_id", "integer", false},
		{"i_class", "char(50)", false},
		{"i_category_id", "integer", false},
		{"i_category", "char(50)", false},
		{"i_manufact_id", "integer", false},
		{"i_manufact", "char(50)", false},
		{"i_size", "char(20)", false},
		{"i_formulation", "char(20)", false},
		{"i_color", "char(20)", false},
		{"i_units", "char(10)", false},
		{"i_container", "char(10)", false},
		{"i_manager_id", "integer", false},
		{"i_product_name", "char(50)", false},
	}
}

func addressColumns() []Column {
	return []Column{
		{"ca_address_sk", "integer", true},
		{"ca_address_id", "char(16)", true},
		{"ca_street_number", "char(10)", false},
		{"ca_street_name", "varchar(60)", false},
		{"ca_street_type", "char(15)", false},
		{"ca_suite_number", "char(10)", false},
		{"ca_city", "varchar(60)", false},
		{"ca_county", "varchar(30)", false},
		{"ca_state", "char(2)", false},
		{"ca_zip", "char(10)", false},
		{"ca_country", "varchar(20)", false},
		{"ca_gmt_offset", "numeric(5,2)", false},
		{"ca_location_type", "char(20)", false},
	}
}

func demographicsColumns() []Column {
	return []Column{
		{"cd_demo_sk", "integer", true},
		{"cd_gender", "char(1)", false},
		{"cd_marital_status", "char(1)", false},
		{"cd_education_status", "char(20)", false},
		{"cd_purchase_estimate", "integer", false},
		{"cd_credit_rating", "char(10)", false},
		{"cd_dep_count", "integer", false},
		{"cd_dep_employed_count", "integer", false},
		{"cd_dep_college_count", "integer", false},
	}
}

func customerColumns() []Column {
	return []Column{
		{"c_customer_sk", "integer", true},
		{"c_customer_id", "char(16)", true},
		{"c_current_cdemo_sk", "integer", false},
		{"c_current_hdemo_sk", "integer", false},
		{"c_current_addr_sk", "integer", false},
		{"c_first_shipto_date_sk", "integer", false},
		{"c_first_sales_date_sk", "integer", false},
		{"c_salutation", "char(10)", false},
		{"c_first_name", "char(20)", false},
		{"c_last_name", "char(30)", false},
		{"c_preferred_cust_flag", "char(1)", false},
		{"c_birth_day", "integer", false},
		{"c_birth_month", "integer", false},
		{"c_birth_year", "integer", false},
		{"c_birth_country", "varchar(20)", false},
		{"c_login", "char(13)", false},
		{"c_email_address", "char(50)", false},
		{"c_last_review_date_sk", "integer", false},
	}
}

func salesColumns() []Column {
	return []Column{
		{"ss_sold_date_sk", "integer", false},
		{"ss_sold_time_sk", "integer", false},
		{"ss_item_sk", "integer", true},
		{"ss_customer_sk", "integer", false},
		{"ss_cdemo_sk", "integer", false},
		{"ss_hdemo_sk", "integer", false},
		{"ss_addr_sk", "integer", false},
		{"ss_store_sk", "integer", false},
		{"ss_promo_sk", "integer", false},
		{"ss_ticket_number", "bigint", true},
		{"ss_quantity", "integer", false},
		{"ss_wholesale_cost", "numeric(7,2)", false},
		{"ss_list_price", "numeric(7,2)", false},
		{"ss_sales_price", "numeric(7,2)", false},
		{"ss_ext_discount_amt", "numeric(7,2)", false},
		{"ss_ext_sales_price", "numeric(7,2)", false},
		{"ss_ext_wholesale_cost", "numeric(7,2)", false},
		{"ss_ext_list_price", "numeric(7,2)", false},
		{"ss_ext_tax", "numeric(7,2)", false},
		{"ss_coupon_amt", "numeric(7,2)", false},
		{"ss_net_paid", "numeric(7,2)", false},
		{"ss_net_paid_inc_tax", "numeric(7,2)", false},
		{"ss_net_profit", "numeric(7,2)", false},
	}
}

func salesExtractColumns() []Column {
	return []Column{
		{"sold_date", "date", false},
		{"sold_time", "integer", false},
		{"i_item_id", "char(16)", false},
		{"c_customer_id", "char(16)", false},
		{"cd_demo_sk", "integer", false},
		{"hd_income_band_sk", "integer", false},
		{"hd_buy_potential", "char(15)", false},
		{"hd_dep_count", "integer", false},
		{"hd_vehicle_count", "integer", false},
		{"ca_address_id", "char(16)", false},
		{"s_store_id", "char(16)", false},
		{"p_promo_id", "char(16)", false},
		{"ss_ticket_number", "integer", false},
		{"ss_quantity", "integer", false},
		{"ss_wholesale_cost", "numeric(7,2)", false},
		{"ss_list_price", "numeric(7,2)", false},
		{"ss_sales_price", "numeric(7,2)", false},
		{"ss_ext_discount_amt", "numeric(7,2)", false},
		{"ss_ext_sales_price", "numeric(7,2)", false},
		{"ss_ext_wholesale_cost", "numeric(7,2)", false},
		{"ss_ext_list_price", "numeric(7,2)", false},
		{"ss_ext_tax", "numeric(7,2)", false},
		{"ss_coupon_amt", "numeric(7,2)", false},
		{"ss_net_paid", "numeric(7,2)", false},
		{"ss_net_paid_inc_tax", "numeric(7,2)", false},
		{"ss_net_profit", "numeric(7,2)", false},
	}
}
