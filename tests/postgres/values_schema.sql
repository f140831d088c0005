-- One table for each declared type, and one in which its values are unique.

create table v_bool (id integer primary key, v boolean);
create table u_bool (id integer primary key, v boolean unique);

create table v_int2 (id integer primary key, v smallint);
create table u_int2 (id integer primary key, v smallint unique);

create table v_int4 (id integer primary key, v integer);
create table u_int4 (id integer primary key, v integer unique);

create table v_int8 (id integer primary key, v bigint);
create table u_int8 (id integer primary key, v bigint unique);

create table v_float8 (id integer primary key, v double precision);
create table u_float8 (id integer primary key, v double precision unique);

create table v_float4 (id integer primary key, v real);
create table u_float4 (id integer primary key, v real unique);

create table v_num (id integer primary key, v numeric);
create table u_num (id integer primary key, v numeric unique);

create table v_num52 (id integer primary key, v numeric(5, 2));
create table u_num52 (id integer primary key, v numeric(5, 2) unique);

create table v_num1510 (id integer primary key, v numeric(15, 10));
create table u_num1510 (id integer primary key, v numeric(15, 10) unique);

create table v_numneg (id integer primary key, v numeric(6, -2));
create table u_numneg (id integer primary key, v numeric(6, -2) unique);

create table v_txt (id integer primary key, v text);
create table u_txt (id integer primary key, v text unique);

create table v_vc5 (id integer primary key, v varchar(5));
create table u_vc5 (id integer primary key, v varchar(5) unique);

create table v_uid (id integer primary key, v uuid);
create table u_uid (id integer primary key, v uuid unique);

create table v_tstz (id integer primary key, v timestamptz);
create table u_tstz (id integer primary key, v timestamptz unique);

create table v_ts (id integer primary key, v timestamp);
create table u_ts (id integer primary key, v timestamp unique);

create table v_dt (id integer primary key, v date);
create table u_dt (id integer primary key, v date unique);

create table v_tm (id integer primary key, v time);
create table u_tm (id integer primary key, v time unique);

create table v_jsonb (id integer primary key, v jsonb);
create table u_jsonb (id integer primary key, v jsonb unique);

create table v_bin (id integer primary key, v bytea);
create table u_bin (id integer primary key, v bytea unique);

create table v_txts (id integer primary key, v text[]);
create table u_txts (id integer primary key, v text[] unique);

create table v_ints (id integer primary key, v integer[]);
create table u_ints (id integer primary key, v integer[] unique);

create table v_nums (id integer primary key, v numeric[]);
create table u_nums (id integer primary key, v numeric[] unique);

create table v_bools (id integer primary key, v boolean[]);
create table u_bools (id integer primary key, v boolean[] unique);

create table v_dates (id integer primary key, v date[]);
create table u_dates (id integer primary key, v date[] unique);
