--
-- Name: isMember(bigint); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public."isMember"("conversation" bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  SELECT EXISTS (
    SELECT 1 FROM public."Members" m
    WHERE m."conversationId" = "conversation" AND m."userId" = (SELECT auth.uid())
  );
$$;


ALTER FUNCTION public."isMember"("conversation" bigint) OWNER TO postgres;

GRANT ALL ON FUNCTION public."isMember"("conversation" bigint) TO anon;
GRANT ALL ON FUNCTION public."isMember"("conversation" bigint) TO authenticated;
GRANT ALL ON FUNCTION public."isMember"("conversation" bigint) TO service_role;
