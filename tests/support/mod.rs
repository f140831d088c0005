//! The native host, on which the integration tests run the Worker's own code.
//!
//! It is real SQLite in memory, held to D1's limits, with `migrations/` and then a schema applied.
//! Everything that a Worker takes from its surroundings is in a test's hand: the clock stands still
//! until [`NativeHost::advance`], randomness is seeded, and a chosen batch can be made to fail.
//! Every batch gives way once before it runs, so that [`interleave`] can mix requests at each of them.
//! Everything that a request costs is counted: round trips, statements, the steps of SQLite's programs,
//! hashes, comparisons.
//!
//! One host lives as long as its database, so it serves many requests; [`NativeHost::take_usage`]
//! gives the cost of what happened since it was last asked.

#![allow(dead_code, reason = "each integration test is a crate of its own and uses a part of this")]

pub mod authenticator;
pub mod corridor;
pub mod generator;
pub mod mutants;
pub mod zoo;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB, StatementStatus, params_from_iter};

use selvedge::auth;
use selvedge::config::Config;
use selvedge::db::{Batch, DbError, FINGERPRINTED_MAX, FingerprintKey, Rows, Statement, Usage};
use selvedge::host::{HasherUnavailable, Host, Milliseconds};
use selvedge::http::Headers;
use selvedge::outbound::{Email, FetchError, Inbound, Outbound, SendError};
use selvedge::password::{self, SALT_BYTES, Verdict};
use selvedge::secret::Secret;
use selvedge::signature::{Algorithm, PublicKey, VerifierUnavailable};

/// The time at which every host begins: 2026-08-20T10:11:12.345Z.
pub const START: Milliseconds = 1_787_220_672_345;

/// The secret of [`config`].
pub const JWT_SECRET: &str = "a secret of the tests, 32 bytes and more";

/// The setting that most tests run with.
pub fn config() -> Config {
    config_with(&[])
}

/// The same with some settings changed or added.
pub fn config_with(changes: &[(&str, &str)]) -> Config {
    let defaults = [
        ("JWT_SECRET", JWT_SECRET),
        ("SITE_URL", "http://127.0.0.1:54321"),
        ("MAILER_AUTOCONFIRM", "true"),
    ];
    Config::read(|name| {
        let mut settings = changes.iter().chain(&defaults);
        settings.find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
    })
    .expect("the settings of a test are safe")
}

/// Runs futures side by side, each up to its next batch in turn, and gives their results in order.
pub fn interleave<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    let mut context = Context::from_waker(Waker::noop());
    while done.iter().any(Option::is_none) {
        for (future, result) in running.iter_mut().zip(&mut done) {
            if result.is_none()
                && let Poll::Ready(value) = pin!(future).poll(&mut context)
            {
                *result = Some(value);
            }
        }
    }
    done.into_iter().flatten().collect()
}

/// Lets whatever runs beside this have its turn.
async fn give_way() {
    let mut given = false;
    poll_fn(|context| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The migrations, in the order in which they are applied.
pub const MIGRATIONS: [&str; 3] = [
    include_str!("../../migrations/0001_auth.sql"),
    include_str!("../../migrations/0002_accounts.sql"),
    include_str!("../../migrations/0003_common_passwords.sql"),
];

/// A database with the migrations applied, made once and copied for every host.
static MIGRATED: OnceLock<Vec<u8>> = OnceLock::new();

fn migrated() -> Vec<u8> {
    let mut connection = Connection::open_in_memory().expect("SQLite opens in memory");
    for sql in MIGRATIONS {
        connection.execute_batch(sql).expect("the migrations are valid");
    }
    connection.serialize(MAIN_DB).expect("a database can be serialized").to_vec()
}

/// D1's limits (Cloudflare's documentation, "Limits" of D1), beyond which SQLite itself would go.
pub const LIMITS: [(Limit, i32); 8] = [
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (Limit::SQLITE_LIMIT_COLUMN, 100),
    // From workerd's source; they are not documented.
    (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
    (Limit::SQLITE_LIMIT_LENGTH, 4 << 20),
];

/// What goes wrong with a batch.
#[derive(Debug, Clone)]
enum Fault {
    /// It is not run.
    NotRun(DbError),
    /// It is committed, and its answer is lost.
    AnswerLost(DbError),
}

/// Other servers, as a test imagines them.
type Answers = dyn FnMut(&Outbound) -> Result<Inbound, FetchError>;

/// What every other server says unless a test has [`NativeHost::on_fetch`] say something else.
fn unreachable() -> FetchError {
    FetchError { message: "no other server can be reached".to_owned() }
}

/// An answer of another server.
#[expect(clippy::unnecessary_wraps, reason = "it is what [`NativeHost::on_fetch`] takes")]
pub fn inbound(status: u16, body: &str) -> Result<Inbound, FetchError> {
    Ok(Inbound { status, headers: Headers::default(), body: body.as_bytes().to_vec() })
}

/// A host on real SQLite in memory.
pub struct NativeHost {
    connection: RefCell<Connection>,
    now: Cell<Milliseconds>,
    random: Cell<u64>,
    usage: Cell<Usage>,
    faults: RefCell<Vec<(u32, Fault)>>,
    hasher_is_down: Cell<bool>,
    /// How many operations SQLite's programs have run. What a function does within one is not seen.
    steps: Cell<u64>,
    /// Who answers requests to other servers.
    answers: RefCell<Box<Answers>>,
    /// Every request to another server.
    pub fetched: RefCell<Vec<Outbound>>,
    /// Every e-mail that was sent.
    pub emails: RefCell<Vec<Email>>,
    /// Every e-mail from now on is refused with this.
    pub mailer_refuses: RefCell<Option<SendError>>,
    /// How often errands were asked for.
    pub errands_asked: Cell<u32>,
    /// What the rate limit was asked about.
    pub keys_asked: RefCell<Vec<String>>,
    /// Keys that the rate limit does not let pass.
    pub keys_refused: RefCell<Vec<String>>,
    /// How many passwords were hashed.
    pub hashes: Cell<u32>,
    /// How many passwords were compared.
    pub comparisons: Cell<u32>,
    /// Every line that was logged.
    pub log: RefCell<Vec<String>>,
    /// The last statement that was run.
    last: RefCell<Option<Statement>>,
    /// The SQL of every statement, once [`NativeHost::record`] was called.
    recorded: RefCell<Option<Vec<String>>>,
}

impl NativeHost {
    /// A database with Selvedge's own tables and those of `schema`.
    pub fn new(schema: &str) -> Self {
        let mut connection = Connection::open_in_memory().expect("SQLite opens in memory");
        let migrated = MIGRATED.get_or_init(migrated);
        connection
            .deserialize_read_exact(MAIN_DB, migrated.as_slice(), migrated.len(), false)
            .expect("what was serialized can be read");
        let setup = ["pragma foreign_keys = on", schema].join(";\n");
        connection.execute_batch(&setup).expect("the schema is valid");
        // Last, since D1 applies them to queries and not to a migration's size.
        for (limit, value) in LIMITS {
            connection.set_limit(limit, value).expect("the limit exists");
        }
        Self {
            connection: RefCell::new(connection),
            now: Cell::new(START),
            random: Cell::new(0),
            usage: Cell::default(),
            faults: RefCell::default(),
            hasher_is_down: Cell::default(),
            steps: Cell::default(),
            answers: RefCell::new(Box::new(|_| Err(unreachable()))),
            fetched: RefCell::default(),
            emails: RefCell::default(),
            mailer_refuses: RefCell::default(),
            errands_asked: Cell::default(),
            keys_asked: RefCell::default(),
            keys_refused: RefCell::default(),
            hashes: Cell::default(),
            comparisons: Cell::default(),
            log: RefCell::default(),
            last: RefCell::default(),
            recorded: RefCell::default(),
        }
    }

    /// Keeps the SQL of every statement from now on, and answers what was kept.
    pub fn record(&self) -> Vec<String> {
        self.recorded.borrow_mut().replace(Vec::new()).unwrap_or_default()
    }

    /// Lets time pass.
    pub fn advance(&self, milliseconds: Milliseconds) {
        self.now.set(self.now.get() + milliseconds);
    }

    /// Chooses another sequence of random bytes.
    pub fn seed(&self, seed: u64) {
        self.random.set(seed);
    }

    /// Fails the `k`-th batch from now, counted from 1, without running it.
    pub fn fail_batch(&self, k: u32, error: DbError) {
        self.faults.borrow_mut().push((k, Fault::NotRun(error)));
    }

    /// Commits the `k`-th batch from now, counted from 1, but answers with an error.
    pub fn lose_answer(&self, k: u32, error: DbError) {
        self.faults.borrow_mut().push((k, Fault::AnswerLost(error)));
    }

    /// Lets all batches run from now on, and answers whether one was still to fail.
    pub fn forget_faults(&self) -> bool {
        !self.faults.take().is_empty()
    }

    /// Switches the password hasher off or on.
    pub fn hasher_is_down(&self, down: bool) {
        self.hasher_is_down.set(down);
    }

    /// Lets `answer` speak for all other servers from now on.
    pub fn on_fetch(&self, answer: impl FnMut(&Outbound) -> Result<Inbound, FetchError> + 'static) {
        drop(self.answers.replace(Box::new(answer)));
    }

    /// Runs the errands, if any were asked for, as the platform does after a response.
    pub async fn errands(&self, config: &Config) {
        if self.errands_asked.take() > 0 {
            auth::errands(self, config).await;
        }
    }

    /// What was used since this was last asked.
    pub fn take_usage(&self) -> Usage {
        self.usage.take()
    }

    /// How many operations SQLite has run for requests since this was last asked.
    pub fn take_steps(&self) -> u64 {
        self.steps.take()
    }

    /// Runs SQL outside of any request, to prepare a test.
    pub fn execute(&self, sql: &str) {
        self.connection.borrow().execute_batch(sql).expect("the SQL of a test is valid");
    }

    /// The first value of the first row, as text: for asserting on what is stored.
    pub fn query(&self, sql: &str) -> Option<String> {
        let connection = self.connection.borrow();
        let value = connection.query_row(sql, [], |row| Ok(text(row.get_ref(0)?)));
        value.expect("the SQL of a test is valid and gives a row")
    }

    /// How SQLite goes about the last statement that was sent.
    pub fn query_plan(&self) -> String {
        let statement = self.last.borrow().clone().expect("a statement was sent");
        let connection = self.connection.borrow();
        let mut explained = connection
            .prepare(&format!("explain query plan {}", statement.sql))
            .expect("what was run can be explained");
        let steps = explained.query_map(params_from_iter(&statement.binds), |row| row.get(3));
        let steps = steps.expect("the same binds").collect::<rusqlite::Result<Vec<String>>>();
        steps.expect("texts").join("\n")
    }

    /// How many rows were ever changed. Where this stands still, so does the database.
    pub fn total_changes(&self) -> u64 {
        self.connection.borrow().total_changes()
    }

    /// All rows of all tables as one text, to compare what was before with what is after.
    pub fn dump(&self) -> String {
        let connection = self.connection.borrow();
        // Without the one table that no request writes, and which is long.
        let names = "select name from sqlite_schema
           where type = 'table' and name <> 'auth_common_passwords' order by name";
        let mut statement = connection.prepare(names).expect("a valid query");
        let names = statement.query_map([], |row| row.get::<_, String>(0)).expect("names");
        let mut dump = String::new();
        for name in names.map(|name| name.expect("a name")) {
            let mut rows = connection
                .prepare(&format!("select * from \"{name}\""))
                .expect("a table can be read");
            let columns = rows.column_count();
            let mut rows = rows.query([]).expect("a table can be read");
            let mut lines = Vec::new();
            while let Some(row) = rows.next().expect("a row") {
                let mut line = name.clone();
                for column in 0..columns {
                    line.push(' ');
                    line.push_str(&match row.get_ref(column).expect("a column") {
                        // As text, so that a text can be looked for.
                        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                        other => format!("{other:?}"),
                    });
                }
                lines.push(line);
            }
            lines.sort();
            for line in &lines {
                dump.extend([line, "\n"]);
            }
        }
        dump
    }

    fn run(&self, batch: &[Statement]) -> rusqlite::Result<Vec<NativeRows>> {
        let mut connection = self.connection.borrow_mut();
        let before = connection.total_changes();
        // Dropped without commit, a transaction is rolled back.
        let transaction = connection.transaction()?;
        let rows: Vec<NativeRows> = batch
            .iter()
            .map(|statement| run(&transaction, statement, &self.steps))
            .collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        self.last.replace(batch.last().cloned());
        let mut usage = self.usage.get();
        // Those that are answered: only D1 tells how many were visited, and steps tell it here.
        usage.rows_read += rows.iter().map(|rows| rows.0.len() as u64).sum::<u64>();
        usage.rows_written += connection.total_changes() - before;
        self.usage.set(usage);
        Ok(rows)
    }

    /// The fault of this batch, if one was ordered; each batch brings all others nearer.
    fn fault(&self) -> Option<Fault> {
        let mut faults = self.faults.borrow_mut();
        faults.iter_mut().for_each(|(k, _)| *k -= 1);
        let due = faults.iter().position(|(k, _)| *k == 0)?;
        Some(faults.remove(due).1)
    }
}

fn run(
    connection: &Connection,
    statement: &Statement,
    steps: &Cell<u64>,
) -> rusqlite::Result<NativeRows> {
    let mut prepared = connection.prepare(&statement.sql)?;
    let (asked, bound) = (prepared.parameter_count(), statement.binds.len());
    assert_eq!(asked, bound, "each parameter is bound, and each bind is used: {}", statement.sql);
    let rows = step(&mut prepared, statement);
    let run = prepared.get_status(StatementStatus::VmStep);
    steps.set(steps.get() + u64::try_from(run).expect("fewer steps than SQLite can count"));
    rows
}

fn step(
    prepared: &mut rusqlite::Statement<'_>,
    statement: &Statement,
) -> rusqlite::Result<NativeRows> {
    let mut rows = prepared.query(params_from_iter(&statement.binds))?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        if statement.sql.starts_with("explain query plan ") {
            let (id, parent, detail): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(3)?);
            texts.push(Some(format!("{id} {parent} {detail}")));
            continue;
        }
        assert_eq!(row.as_ref().column_count(), 1, "a row is one text: {}", statement.sql);
        texts.push(text(row.get_ref(0)?));
    }
    Ok(NativeRows(texts))
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(std::str::from_utf8(bytes).expect("UTF-8").to_owned()),
        ValueRef::Real(_) | ValueRef::Blob(_) => panic!("a row is text, not {value:?}"),
    }
}

/// SQLite's own words, without what rusqlite puts around them.
fn message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        // A trigger chooses its words; only the code tells, which D1 adds in this way.
        rusqlite::Error::SqliteFailure(code, Some(message))
            if code.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_TRIGGER =>
        {
            format!("{message}: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_TRIGGER)")
        }
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

/// The rows of a statement.
#[derive(Debug)]
pub struct NativeRows(Vec<Option<String>>);

impl Rows for NativeRows {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn text(&self, index: usize) -> Option<String> {
        self.0.get(index).cloned().flatten()
    }

    fn truncate(&mut self, most: usize) {
        self.0.truncate(most);
    }

    fn leave_out_nulls(&mut self) {
        self.0.retain(Option::is_some);
    }

    fn strip_nulls(&mut self) {
        for row in self.0.iter_mut().flatten() {
            *row = without_nulls(row);
        }
    }

    fn fingerprint(&self, key: &FingerprintKey, context: &str) -> Option<String> {
        let units = self.0.iter().flatten().map(|row| row.encode_utf16().count());
        if units.sum::<usize>() > FINGERPRINTED_MAX {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (key.0, context, &self.0).hash(&mut hasher);
        Some(format!("{:016x}", hasher.finish()))
    }
}

/// The rows of a dump that a refused request must not change: tries are counted, and told to the audit log.
pub fn without_tallies(dump: &str) -> Vec<&str> {
    let tallies = ["auth_counters ", "auth_audit "];
    dump.lines().filter(|line| !tallies.iter().any(|table| line.starts_with(table))).collect()
}

impl Host for NativeHost {
    type Rows = NativeRows;

    fn now(&self) -> Milliseconds {
        self.now.get()
    }

    /// SplitMix64: not secure, but the same in every run.
    fn random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            self.random.set(state);
            let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            [*byte, ..] = (mixed ^ mixed >> 31).to_le_bytes();
        }
    }

    async fn batch(&self, batch: Batch) -> Result<Vec<Self::Rows>, DbError> {
        give_way().await;
        let mut usage = self.usage.get();
        usage.round_trips += 1;
        usage.statements += u32::try_from(batch.len()).expect("a batch is small");
        self.usage.set(usage);
        if let Some(recorded) = self.recorded.borrow_mut().as_mut() {
            recorded.extend(batch.iter().map(|statement| statement.sql.to_string()));
        }
        let fault = self.fault();
        if let Some(Fault::NotRun(error)) = fault {
            return Err(error);
        }
        let rows = self.run(&batch).map_err(|error| DbError::from_message(&message(&error)))?;
        match fault {
            Some(Fault::AnswerLost(error)) => Err(error),
            _ => Ok(rows),
        }
    }

    async fn hash_password(&self, password: &Secret) -> Result<String, HasherUnavailable> {
        self.hashes.set(self.hashes.get() + 1);
        self.hasher_answers()?;
        let mut salt = [0; SALT_BYTES];
        self.random(&mut salt);
        Ok(password::hash(password, salt).expect("memory"))
    }

    async fn verify_password(
        &self,
        password: &Secret,
        stored: &str,
    ) -> Result<Verdict, HasherUnavailable> {
        self.comparisons.set(self.comparisons.get() + 1);
        self.hasher_answers()?;
        Ok(password::verify(password, stored).expect("memory"))
    }

    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        give_way().await;
        assert!(request.lines().is_some(), "a header has a line break: {request:?}");
        let answer = (*self.answers.borrow_mut())(&request);
        self.fetched.borrow_mut().push(request);
        answer
    }

    async fn verify_signature(
        &self,
        key: &PublicKey,
        message: &[u8],
        by: &[u8],
    ) -> Result<bool, VerifierUnavailable> {
        give_way().await;
        let decode = |text: &String| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let [first, second] = [decode(&key.numbers[0]), decode(&key.numbers[1])];
        Ok(match key.algorithm {
            Algorithm::Rs256 => signature::RsaPublicKeyComponents { n: first, e: second }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, by)
                .is_ok(),
            Algorithm::Es256 => {
                let point = [&[4], first.as_slice(), &second].concat();
                signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
                    .verify(message, by)
                    .is_ok()
            }
        })
    }

    async fn send_email(&self, email: &Email) -> Result<(), SendError> {
        give_way().await;
        if let Some(error) = self.mailer_refuses.borrow().clone() {
            return Err(error);
        }
        self.emails.borrow_mut().push(email.clone());
        Ok(())
    }

    fn later(&self) {
        self.errands_asked.set(self.errands_asked.get() + 1);
    }

    async fn admits(&self, key: &str) -> bool {
        give_way().await;
        self.keys_asked.borrow_mut().push(key.to_owned());
        !self.keys_refused.borrow().iter().any(|refused| refused == key)
    }

    fn usage(&self) -> Usage {
        self.usage.get()
    }

    fn log(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }
}

impl NativeHost {
    fn hasher_answers(&self) -> Result<(), HasherUnavailable> {
        if self.hasher_is_down.get() {
            return Err(HasherUnavailable { message: "the hasher is switched off".into() });
        }
        Ok(())
    }
}

/// A JSON text without the members of its objects that are null. Nothing else of it changes.
fn without_nulls(text: &str) -> String {
    let mut stripped = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let mut length = next.len_utf8();
        if next == '"' {
            let mut escaped = false;
            length += 1 + rest[1..]
                .bytes()
                .position(|byte| {
                    let ends = byte == b'"' && !escaped;
                    escaped = byte == b'\\' && !escaped;
                    ends
                })
                .expect("a string ends");
            if rest[length..].starts_with(":null") {
                rest = &rest[length + 5..];
                // Of the two commas around a member one goes.
                match rest.strip_prefix(',') {
                    Some(after) => rest = after,
                    None => stripped.truncate(stripped.trim_end_matches(',').len()),
                }
                continue;
            }
        }
        stripped.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    stripped
}

/// The texts of all rows, as a response sends them.
pub fn texts(rows: &NativeRows) -> Vec<String> {
    rows.0.iter().map(|text| text.clone().unwrap_or_else(|| "null".to_owned())).collect()
}
