//! A schema with one of every kind: each type, a view with computed columns, generated columns, a
//! trigger that refuses, keys over several columns and a partial index.

/// The schema.
pub const SCHEMA: &str = "
    create table zoo (
      id integer primary key,
      flag boolean, small smallint, whole integer, big bigint, real double precision,
      num numeric, dec numeric(10, 2), txt text, short varchar(5), uid uuid, at timestamptz,
      local timestamp, day date, tick time, doc jsonb, raw bytea, tags text[], nums numeric[3],
      twice integer generated always as (whole * 2) stored,
      low text generated always as (lower(txt)) virtual
    );
    create virtual table zoo_search using fts5 (txt, low, content='zoo', content_rowid='id');
    create trigger zoo_search_insert after insert on zoo begin
      insert into zoo_search (rowid, txt, low) values (new.id, new.txt, new.low);
    end;
    create trigger zoo_search_delete after delete on zoo begin
      insert into zoo_search (zoo_search, rowid, txt, low) values ('delete', old.id, old.txt, old.low);
    end;
    create trigger zoo_search_update after update on zoo begin
      insert into zoo_search (zoo_search, rowid, txt, low) values ('delete', old.id, old.txt, old.low);
      insert into zoo_search (rowid, txt, low) values (new.id, new.txt, new.low);
    end;
    create unique index zoo_low on zoo (lower(txt)) where txt is not null;
    create table pair (x integer not null, y text not null, zoo_id integer references zoo (id),
      note text default 'none' check (note <> 'bad'), primary key (x, y), unique (zoo_id, note));
    create table child (id integer primary key, x integer, y text, self integer references child (id),
      foreign key (x, y) references pair (x, y));
    create table keyless (a integer, b text not null default (upper('b')));
    create trigger pair_refuses before insert on pair when new.x = 666
      begin select raise(abort, 'not that one'); end;
    create view seen as select id, txt, length(txt) as letters, whole + 1 as next, doc,
      txt || '!' as loud, raw as bytes from zoo;";

/// Everything is open to whoever is signed in.
pub const POLICIES: &str = "
    create policy a on zoo for all to authenticated using (true) with check (true);
    create policy b on pair for all to authenticated using (x < 1000) with check (x < 1000);
    create policy c on child for all to authenticated using (true)
      with check (x is null or x in (select x from pair));
    create policy d on keyless for all to authenticated using (true) with check (true);
    create policy e on seen for select to authenticated using (true);";

/// Some rows.
pub const ROWS: &str = r#"
    insert into zoo (id, flag, small, whole, big, real, num, dec, txt, short, uid, at, local, day, tick, doc, raw, tags, nums) values
      (1, 1, 2, 3, 9007199254740993, 1.5, 1.25, 10.5, 'Lion', 'cat',
       'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2026-01-01T09:00:00.000000+00:00',
       '2026-01-01T09:00:00.000000', '2026-01-01', '09:00:00', '{"a":[1,{"b":"c"}],"n":null,"t":true}', x'00ff',
       '["a","b,c",null]', '[1,2.5]'),
      (2, 0, -2, -3, -1, -1.5, 0, 0, 'not json', '', null, null, null, null, null, '[]', x'', '[]', '[]'),
      (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    insert into pair (x, y, zoo_id) values (1, 'a', 1), (1, 'b', 2), (2, 'a', null);
    insert into child (id, x, y, self) values (1, 1, 'a', null), (2, 1, 'b', 1), (3, null, null, 2);
    insert into keyless values (1, 'x'), (null, 'y');"#;

/// Requests that are answered well: method, target, body.
pub const REQUESTS: &[(&str, &str, &str)] = &[
    ("GET", "zoo", ""),
    (
        "GET",
        "zoo?select=doc->a->0,doc->>t,x:doc->a->1->>b,doc&doc->>t=eq.true&order=doc->a.desc",
        "",
    ),
    ("GET", "zoo?doc->n=is.null&doc->a=not.eq.5&doc=neq.[]", ""),
    ("GET", "zoo?doc->a->0=in.(1,2)&doc->>t=in.(true,x)", ""),
    ("GET", "zoo?big=gt.9007199254740992&num=lte.1.25&real=gte.-1.5&dec=lt.99", ""),
    ("GET", "zoo?flag=is.true&small=in.(2,3)&uid=eq.a0eebc999c0b4ef8bb6d6bb9bd380a11", ""),
    (
        "GET",
        "zoo?at=gte.2026-01-01T00:00:00Z&day=eq.2026-01-01&tick=lt.10:00&local=neq.2026-01-01",
        "",
    ),
    ("GET", "zoo?txt=wfts.lion%20or%20json%20-x&low=not.fts(simple).!l:*", ""),
    ("GET", "zoo?txt=plfts.not%20json", ""),
    ("GET", r"zoo?raw=eq.\x00ff&raw=in.(\x00ff,\x)", ""),
    (
        "GET",
        "zoo?txt=like.L*n&low=ilike.*IO*&short=like.c_t&or=(txt.ilike.l__n,and(flag.is.false,whole.lt.0))",
        "",
    ),
    (
        "GET",
        "seen?select=letters,next,loud,bytes,doc->a&letters=eq.4&order=letters.desc.nullslast",
        "",
    ),
    ("GET", "zoo?tags=cs.{a,\"b,c\"}&nums=cd.{1,2.50,3}&tags=not.ov.{x,NULL}&tags->>0=eq.a", ""),
    ("GET", "zoo?tags=in.(\"{}\",\"{a}\")&nums=neq.{1}&tags=isdistinct.{}&nums->-1=gt.0", ""),
    ("GET", "zoo?doc=cs.{\"a\":[{\"b\":\"c\"}]}&doc=not.cd.[1,\"x\",null]&doc->a=cs.1", ""),
    ("GET", "zoo?or=(doc->a.eq.[1,{\"b\":\"c\"}],doc.neq.{\"t\":true},doc->t.gte.false)", ""),
    (
        "GET",
        "zoo?txt=imatch.^li.n$|é&low=ilike(any).{*É_*,l%}&short=like(all).{c*,*t}&whole=gt(any).{1,NULL}",
        "",
    ),
    (
        "GET",
        "zoo?txt=not.like.*xxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxx*_xxxxxxxxxxxxxxxxxxxxxxxxxx_*x_x&txt=isdistinct.x",
        "",
    ),
    ("POST", "zoo", r#"[{"tags":["a",null],"nums":"{1,2}"}]"#),
    ("GET", "seen?select=loud->a,next->0&loud->>b=eq.x", ""),
    ("GET", "seen?loud=like.*!&next=is.true", ""),
    ("GET", "seen?next=in.(4,5,x)&loud=gt.L&letters->a=is.null", ""),
    (
        "GET",
        "zoo?select=id,pair(x,y,child(id,self(id)))&pair.child.id=gt.0&pair.order=y.desc&pair.limit=1&pair.offset=1",
        "",
    ),
    (
        "GET",
        "child?select=id,pair!inner(x,zoo(txt,pair(y)))&pair.zoo.pair.y=eq.a&limit=2&offset=1&order=x.nullsfirst",
        "",
    ),
    ("GET", "child?select=id,parent:self(id),child(id,child(id,child(id,child(id))))", ""),
    ("GET", "keyless?select=*&order=a&a=not.is.null", ""),
    (
        "POST",
        "zoo",
        r#"{"id":7,"flag":true,"small":1,"whole":2,"big":"9223372036854775807","real":1e3,"num":1.10,"dec":"2.50","txt":"Bear","short":"abc","uid":"{a0eebc999c0b4ef8bb6d6bb9bd380a12}","at":"2026-01-01 10:00:00+01","local":"2026-01-01 10:00","day":"2026-02-28","tick":"10:11:12.5","doc":{"k":[1.0,"x",null]},"raw":"\\x0aff"}"#,
    ),
    ("POST", "zoo", r#"[{"txt":"one","doc":"text"},{"txt":"two","doc":5}]"#),
    ("POST", "zoo?columns=txt,whole", r#"[{"txt":"three"},{"txt":"four","whole":null}]"#),
    ("POST", "zoo?on_conflict=id", r#"[{"id":1,"doc":null},{"id":9,"doc":[]}]"#),
    ("POST", "zoo", r#"{"id":1}"#),
    ("POST", "zoo", r#"{"txt":"LION"}"#),
    ("POST", "zoo", r#"{"twice":1}"#),
    ("POST", "zoo", "{}"),
    ("POST", "zoo", "[{},{}]"),
    ("POST", "pair", r#"{"x":666,"y":"z"}"#),
    ("POST", "pair", r#"{"x":1000,"y":"z"}"#),
    ("POST", "pair", r#"{"x":5,"y":"z","note":"bad"}"#),
    ("POST", "pair", r#"{"x":5,"y":"z","zoo_id":99}"#),
    ("POST", "pair?on_conflict=zoo_id,note", r#"{"x":6,"y":"y","zoo_id":1,"note":"none"}"#),
    (
        "POST",
        "pair?on_conflict=x,y&select=x,zoo(txt)",
        r#"[{"x":1,"y":"a","note":"new"},{"x":9,"y":"c","note":"new"}]"#,
    ),
    ("POST", "child", r#"{"x":1,"y":"nobody"}"#),
    ("POST", "child", r#"[{"x":1,"y":"a","self":1},{"x":null,"y":null,"self":null}]"#),
    ("POST", "keyless", r#"[{"a":3,"b":"z"}]"#),
    ("POST", "keyless", r#"[{"a":3}]"#),
    ("PATCH", "zoo?id=eq.1&select=id,doc,twice", r#"{"whole":5,"doc":{"a":1.50}}"#),
    ("PATCH", "zoo?whole=gt.100", r#"{"txt":"same"}"#),
    ("PATCH", "pair?x=eq.1", r#"{"x":2000}"#),
    ("PATCH", "child?id=eq.1", r#"{"x":2,"y":"a","self":1}"#),
    ("PATCH", "keyless", r#"{"a":null}"#),
    ("DELETE", "zoo?id=eq.1", ""),
    ("DELETE", "zoo?id=eq.3&select=id,pair(x)", ""),
    ("DELETE", "child?or=(self.is.null,and(x.eq.1,not.or(y.eq.b,y.is.null)))", ""),
];
