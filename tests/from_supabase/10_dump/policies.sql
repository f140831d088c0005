--
-- Name: Conversations Members read conversations; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY "Members read conversations" ON public."Conversations" FOR SELECT TO authenticated USING ((("createdBy" = ( SELECT auth.uid() AS uid)) OR public."isMember"(id)));


CREATE POLICY "Users start conversations" ON public."Conversations" FOR INSERT TO authenticated WITH CHECK (((( SELECT auth.uid() AS uid) = "createdBy") AND (("isGroup" = false) OR ("displayName" IS NOT NULL))));


--
-- Name: Members Enable read access for members; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY "Enable read access for members" ON public."Members" FOR SELECT TO authenticated USING (public."isMember"("conversationId"));


CREATE POLICY "Leave or add" ON public."Members" TO authenticated USING ((( SELECT auth.uid() AS uid) = "userId")) WITH CHECK ((("conversationId" IN ( SELECT c.id
   FROM public."Conversations" c
  WHERE (c."createdBy" = ( SELECT auth.uid() AS uid))))));


--
-- Name: Messages Read; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY "Read" ON public."Messages" FOR SELECT TO authenticated USING (((EXISTS ( SELECT 1
   FROM public."Members"
  WHERE (("Members"."conversationId" = "Messages"."conversationId") AND ("Members"."userId" = ( SELECT auth.uid() AS uid)) AND ("Members"."joinedAt" <= "Messages"."sentAt")))) AND (("deletedAt" IS NULL) OR ("senderId" = auth.uid()))));


CREATE POLICY "Send" ON public."Messages" FOR INSERT TO authenticated WITH CHECK (((( SELECT auth.uid() AS uid) = "senderId") AND public."isMember"("conversationId") AND (kind = ANY (ARRAY['text'::public."MessageKind", 'image'::public."MessageKind"]))));


CREATE POLICY "Edit for an hour" ON public."Messages" FOR UPDATE TO authenticated USING (((( SELECT auth.uid() AS uid) = "senderId") AND ("sentAt" > (now() - '01:00:00'::interval)))) WITH CHECK ((( SELECT auth.uid() AS uid) = "senderId"));


CREATE POLICY "Team reads everything" ON public."Messages" FOR SELECT TO authenticated USING (((((auth.jwt() -> 'app_metadata'::text) ->> 'team'::text) = 'support'::text) AND (kind <> 'system'::public."MessageKind")));


CREATE POLICY "No access while muted" ON public."Messages" AS RESTRICTIVE FOR INSERT TO authenticated WITH CHECK ((NOT (EXISTS ( SELECT 1
   FROM public."Members" m
  WHERE ((m."conversationId" = "Messages"."conversationId") AND (m."userId" = ( SELECT auth.uid() AS uid)) AND (m."mutedUntil" > (now() AT TIME ZONE 'utc'::text)))))));


--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner
--

GRANT USAGE ON SCHEMA public TO postgres;
GRANT USAGE ON SCHEMA public TO anon;
GRANT USAGE ON SCHEMA public TO authenticated;
GRANT USAGE ON SCHEMA public TO service_role;


--
-- Name: TABLE "Conversations"; Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON TABLE public."Conversations" TO anon;
GRANT ALL ON TABLE public."Conversations" TO authenticated;
GRANT ALL ON TABLE public."Conversations" TO service_role;

GRANT ALL ON TABLE public."Members" TO anon;
GRANT ALL ON TABLE public."Members" TO authenticated;
GRANT ALL ON TABLE public."Members" TO service_role;

GRANT SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,UPDATE ON TABLE public."Messages" TO authenticated;
GRANT ALL ON TABLE public."Messages" TO service_role;

GRANT ALL ON SEQUENCE public."Conversations_id_seq" TO anon;
GRANT ALL ON SEQUENCE public."Conversations_id_seq" TO authenticated;
GRANT ALL ON SEQUENCE public."Conversations_id_seq" TO service_role;
