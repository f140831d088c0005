-- schema.sql
--
-- PostgreSQL database dump
--

\restrict abcDEF

SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET default_table_access_method = heap;

CREATE SCHEMA IF NOT EXISTS "public";
ALTER SCHEMA "public" OWNER TO "pg_database_owner";
COMMENT ON SCHEMA "public" IS 'standard public schema';

CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA "extensions";
CREATE EXTENSION IF NOT EXISTS "postgis" WITH SCHEMA "extensions";

CREATE TYPE "public"."issue_state" AS ENUM (
    'open',
    'closed'
);
ALTER TYPE "public"."issue_state" OWNER TO "postgres";
ALTER TYPE public.issue_state ADD VALUE IF NOT EXISTS 'won''t do' AFTER 'closed';

CREATE TABLE IF NOT EXISTS "public"."issues" (
    "id" bigint NOT NULL,
    "title" character varying(80) NOT NULL,
    "state" "public"."issue_state" DEFAULT 'open'::"public"."issue_state" NOT NULL,
    "priority" "text" DEFAULT 'low'::"text" NOT NULL,
    "points" numeric(6,2) DEFAULT '-1'::integer,
    "labels" "text"[] DEFAULT '{}'::"text"[] NOT NULL,
    "watchers" "uuid"[] DEFAULT ARRAY[]::"uuid"[],
    "created_at" timestamp with time zone DEFAULT "now"() NOT NULL,
    "reporter" "uuid" DEFAULT "auth"."uid"(),
    "code" character varying(8),
    CONSTRAINT "issues_priority_check" CHECK (("priority" = ANY (ARRAY['low'::"text", 'high'::"text"]))),
    CONSTRAINT issues_code_check CHECK (((code)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))),
    CONSTRAINT issues_points_check CHECK ((points > (0)::numeric)),
    CONSTRAINT issues_title_check CHECK ((char_length((title)::text) >= 3)),
    CONSTRAINT issues_labels_check CHECK ((array_length(labels, 1) <= 5))
);
ALTER TABLE "public"."issues" OWNER TO "postgres";

ALTER TABLE "public"."issues" ALTER COLUMN "id" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME "public"."issues_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.comments (
    id integer NOT NULL,
    issue_id bigint NOT NULL,
    body text COLLATE pg_catalog."default"
);
CREATE SEQUENCE public.comments_id_seq
    AS integer
    START WITH 1
    CACHE 1;
ALTER SEQUENCE public.comments_id_seq OWNED BY public.comments.id;
ALTER TABLE ONLY public.comments ALTER COLUMN id SET DEFAULT nextval('public.comments_id_seq'::regclass);

ALTER TABLE ONLY "public"."issues"
    ADD CONSTRAINT "issues_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY "public"."issues"
    ADD CONSTRAINT "issues_title_key" UNIQUE ("title");

CREATE UNIQUE INDEX issues_lower_title ON public.issues USING btree (lower((title)::text));
CREATE INDEX "issues_labels" ON "public"."issues" USING "gin" ("labels");
CREATE INDEX issues_open ON public.issues USING btree (created_at) WHERE (state = 'open'::public.issue_state);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON DELETE CASCADE;
ALTER TABLE ONLY "public"."issues"
    ADD CONSTRAINT "issues_reporter_fkey" FOREIGN KEY ("reporter") REFERENCES "auth"."users"("id") ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

CREATE POLICY "own" ON "public"."issues" USING (("auth"."uid"() = "reporter"));
ALTER TABLE "public"."issues" ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA "public" TO "postgres", "anon", "authenticated", "service_role";
GRANT ALL ON TABLE "public"."issues" TO "authenticated";
GRANT ALL ON TABLE "public"."issues" TO "service_role";
GRANT ALL ON SEQUENCE public.comments_id_seq TO anon;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" GRANT ALL ON TABLES TO "anon";

\unrestrict abcDEF
-- policies.sql
