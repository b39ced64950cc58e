"""The database functions that a tenant's statement may call: those that can only compute.

A list of what is allowed, because some functions of PostgreSQL run text (`query_to_xml`), change the
tenant (`set_config`) or read files, and extensions bring more. Functions of the kernel's own are
named `pitboss_*`.
"""

from __future__ import annotations

_NUMBERS = (
    "abs ceil ceiling div exp floor ln log log10 mod pi pow power random round sign sqrt trunc "
    "greatest least width_bucket"
)
_AGGREGATES = (
    "array_agg avg bit_and bit_or bit_xor bool_and bool_or count every json_agg json_object_agg "
    "jsonb_agg jsonb_object_agg json_group_array json_group_object group_concat aggregate_strings "
    "string_agg max min mode percentile_cont percentile_disc stddev stddev_pop stddev_samp sum total "
    "var_pop var_samp variance corr covar_pop covar_samp grouping grouping_sets cube rollup"
)
_WINDOWS = "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value"
_TEXT = (
    "ascii btrim char_length character_length chr char concat concat_ws encode decode format hex initcap "
    "instr left length lower lpad ltrim md5 sha256 normalize octet_length overlay position printf quote "
    "regexp_count regexp_like regexp_match regexp_matches regexp_replace regexp_substr repeat replace "
    "reverse right rpad rtrim split_part starts_with strpos substr substring to_char to_number "
    "string_to_array array_to_string translate trim unaccent unicode upper similarity "
    "to_tsvector to_tsquery plainto_tsquery websearch_to_tsquery ts_rank"
)
_TIME = (
    "age clock_timestamp current_date current_time current_timestamp date date_bin date_part date_trunc "
    "datetime extract julianday localtimestamp make_date make_interval make_timestamptz now "
    "statement_timestamp strftime time timezone to_date to_timestamp transaction_timestamp unixepoch"
)
_VALUES = (
    "any all cast coalesce gen_random_uuid hashtext hashtextextended iif ifnull nullif num_nulls "
    "typeof generate_series unnest cardinality array_append array_cat array_length array_position "
    "array_positions array_prepend array_remove array_replace array_upper array_lower "
    "bernoulli system tenant is_system pg_advisory_xact_lock pg_try_advisory_xact_lock"
)
_JSON = (
    "json json_array json_array_length json_each json_extract json_insert json_object json_patch "
    "json_quote json_remove json_replace json_set json_tree json_type json_valid "
    "json_array_elements json_array_elements_text json_build_array json_build_object "
    "json_extract_path json_extract_path_text json_object_keys json_strip_nulls json_typeof "
    "jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array "
    "jsonb_build_object jsonb_each jsonb_each_text jsonb_exists jsonb_extract_path "
    "jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_keys jsonb_path_exists "
    "jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_set "
    "jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof to_json to_jsonb"
)

HARMLESS = frozenset(" ".join((_NUMBERS, _AGGREGATES, _WINDOWS, _TEXT, _TIME, _VALUES, _JSON)).split())
OURS = "pitboss_"


def is_harmless(name: str) -> bool:
    """Tell whether a function can do nothing but compute."""
    return name.lower() in HARMLESS or name.lower().startswith(OURS)
