// Literals of each type, as JSON tokens: those that are known to be read differently, and generated ones around them.

/** A generator of numbers from 0 to 1 (mulberry32), so that a seed names a run. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const text = (value) => JSON.stringify(value);

class Maker {
  constructor(random) {
    this.random = random;
  }
  below(limit) {
    return Math.floor(this.random() * limit);
  }
  pick(items) {
    return items[this.below(items.length)];
  }
  digits(count) {
    return Array.from({ length: count }, () => this.below(10)).join("");
  }
  pad(number, length = 2) {
    return String(number).padStart(length, "0");
  }
  /** As JSON number, or as text where JSON has no such number, or at random. */
  number(digits) {
    const isJson = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(digits);
    return isJson && this.random() < 0.5 ? digits : text(digits);
  }
  /** A literal with one character changed, left out or doubled. */
  mutated(token) {
    const value = JSON.parse(token);
    if (typeof value !== "string" || value === "") return token;
    const at = this.below(value.length);
    const change = this.pick(["", value[at] + value[at], this.pick([..." -+:.0159aTZ/{}\",\\x_"])]);
    return text(value.slice(0, at) + change + value.slice(at + 1));
  }

  integer(bits) {
    const bound = 2n ** BigInt(bits - 1);
    const near = this.pick([0n, bound, -bound, bound * 2n, BigInt(this.below(1000)), BigInt(this.digits(this.below(20) + 1))]);
    const value = near + BigInt(this.below(7) - 3);
    const sign = this.random() < 0.1 ? "+" : "";
    const form = this.below(20);
    if (form === 0) return text(`0x${(value < 0n ? -value : value).toString(16)}`);
    if (form === 1) return text(` ${value}\t`);
    if (form === 2) return text(String(value).replace(/(\d)(?=(\d{3})+$)/g, "$1_"));
    return this.number(`${value < 0n ? "" : sign}${value}`);
  }
  decimal(significant, exponents) {
    const count = 1 + this.below(significant);
    const digits = `${1 + this.below(9)}${this.digits(count - 1)}`;
    const exponent = this.below(exponents * 2) - exponents;
    const sign = this.pick(["", "", "-"]);
    switch (this.below(4)) {
      case 0:
        return this.number(`${sign}${digits[0]}.${digits.slice(1) || "0"}e${exponent}`);
      case 1:
        return this.number(`${sign}${digits}`);
      case 2:
        return this.number(`${sign}0.${"0".repeat(this.below(8))}${digits}`);
      default: {
        const point = this.below(digits.length) + 1;
        return this.number(`${sign}${digits.slice(0, point)}.${digits.slice(point) || "0"}`);
      }
    }
  }
  double() {
    const view = new DataView(new ArrayBuffer(8));
    do {
      view.setUint32(0, this.below(2 ** 32));
      view.setUint32(4, this.below(2 ** 32));
    } while (!Number.isFinite(view.getFloat64(0)) || Math.abs(view.getFloat64(0)) < 1e-300);
    return this.number(String(this.random() < 0.5 ? view.getFloat64(0) : (this.random() - 0.5) * 10 ** this.below(20)));
  }
  date() {
    const year = this.pick([1, 1600, 1900, 1970, 2000, 2024, 2025, 9999, this.below(9999) + 1]);
    return `${this.pad(year, 4)}-${this.pad(this.below(13) + (this.random() < 0.95 ? 0 : 1) || 1)}-${this.pad(this.below(31) + 1)}`;
  }
  time() {
    const fraction = this.random() < 0.6 ? `.${this.digits(1 + this.below(9))}` : "";
    const seconds = this.random() < 0.9 ? `:${this.pad(this.below(60))}${fraction}` : "";
    return `${this.pad(this.below(24))}:${this.pad(this.below(60))}${seconds}`;
  }
  zone() {
    const sign = this.pick(["+", "-"]);
    const [hours, minutes] = [this.pad(this.below(16)), this.pad(this.pick([0, 0, 30, 45]))];
    return this.pick(["", "Z", "z", ` UTC`, `${sign}${hours}`, `${sign}${hours}:${minutes}`, `${sign}${hours}${minutes}`, ` ${sign}${hours}:${minutes}`]);
  }
  moment() {
    const date = this.date();
    switch (this.below(8)) {
      case 0:
        return text(date);
      case 1:
        return text(date.replaceAll("-", ""));
      case 2:
        return text(`${date.replaceAll("-", "")}T${this.time().replaceAll(":", "")}${this.zone().trim()}`);
      default:
        return text(`${date}${this.pick(["T", " ", "t"])}${this.time()}${this.zone()}`);
    }
  }
  words() {
    const pieces = ["", "a", "B", " ", "é", "ß", "漢", "🧵", "'", '"', "\\", "\n", "null", "1.0", "true", "%", "_", "--"];
    return Array.from({ length: this.below(5) }, () => this.pick(pieces)).join("");
  }
  uuid() {
    const hex = Array.from({ length: 32 }, () => this.below(16).toString(16)).join("");
    const plain = hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    const groups = hex.replace(/(.{4})(?!$)/g, (four) => four + this.pick(["", "-"]));
    return text(this.pick([plain, plain, plain.toUpperCase(), `{${plain}}`, hex, groups]));
  }
  json(depth = 3) {
    const kind = this.below(depth > 0 ? 8 : 6);
    if (kind < 2) return this.pick(["null", "true", "false", "0", "-0", "1.0", "1.50", "1e2", "1E-3", "-2.5e+1", "12345678901234567890"]);
    if (kind < 4) return String(this.below(1000));
    if (kind < 6) return text(this.words());
    const items = Array.from({ length: this.below(4) }, () => this.json(depth - 1));
    if (kind === 6) return `[${items.join(", ")}]`;
    return `{${items.map((item) => `${text(this.pick(["a", "b", "é", ""]))}: ${item}`).join(" , ")}}`;
  }
  array(item) {
    const items = Array.from({ length: this.below(5) }, () => (this.random() < 0.15 ? "null" : item()));
    if (this.random() < 0.5) return `[${items.join(",")}]`;
    const quoted = items.map((token) => {
      if (token === "null") return this.pick(["NULL", "null"]);
      const value = String(JSON.parse(token));
      const isPlain = /^[-+.:\w]+$/.test(value) && !/^null$/i.test(value) && this.random() < 0.5;
      return isPlain ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
    });
    return text(`{${quoted.join(this.pick([",", ", "]))}}`);
  }
}

const MOMENTS = [
  ...["epoch", "today", "tomorrow", "yesterday", "TODAY", "yesterday 12:30", "now x", "infinity", "-infinity", "Infinity"],
  ...["Feb 28, 2026", "28 Feb 2026", "2026-Feb-28", "1/2/2026", "22.11.2026", "2026/02/28", "2026-1-2", "2026-2", "2026"],
  ...["20250101 00:00", "20231018T123759Z", "20231018 123759", "20231018T1237", "2026-11-22T", "2026-11-22T10"],
  ...["2026-11-22 10:00 Europe/Berlin", "2026-11-22 10:00 CET", "2026-11-22 10:00 EST", "2026-11-22 10:00 UTC"],
  ...["2026-11-22 10:00 pm", "2026-11-22 12:00 AM", "2026-11-22 13:00 pm", "2026-11-22 10:00:00 GMT"],
  ...["0044-03-15 BC", "0044-03-15 AD", "10000-01-01", "99999-01-01", "294276-12-31", "0000-01-01", "0001-01-01"],
  ...["2026-02-29", "2024-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "1900-02-29", "2000-02-29"],
  ...["2026-12-31 24:00:00", "2026-12-31 24:00:01", "2026-12-31 25:00", "2026-12-31 23:59:60", "2026-12-31 23:59:60.5"],
  ...["2026-12-31 23:59:61", "2026-12-31 23:60:00", "2026-12-31 23:59:59.9999999", "2026-12-31 23:59:59.9999994"],
  ...["2026-11-22T10:00:00+16:00", "2026-11-22T10:00:00+15:59", "2026-11-22T10:00:00+01:60", "2026-11-22T10:00+01:02:03"],
  ...["2026-11-22T10:00:00+1", "2026-11-22T10:00:00+010203", "2026-11-22T10:00:00-0330", "2026-11-22T10:00:00 01:00", "2026-11-22T10:00:00,5"],
  ...["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "2026-11-22+01", "2026-11-22 +01:00", "2026-11-22Z"],
  ...["", " ", "x", "null", "1", "2026-11-22é", " 2026-11-22 ", "\t2026-11-22\n", "2026-11-22 10:00:00.", "J2451187"],
  ...["2026-11-22 1:2:3", "2026-11-22 10:30.5", "2026-11-22  10:00", "2026-11-22 10 :00", "2026-326", "now()x", "allballs"],
].map(text);

const TIMES = [
  ...["10:00", "10:00:00.5", "1:2:3", "24:00:00", "24:00", "24:00:00.1", "25:00", "23:59:60", "23:59:60.5", "23:59:61", "23:60"],
  ...["101112", "1011", "101112.5", "10:30.5", "10:00 pm", "12:00 am", "12:00 PM", "13:00 PM", "0:00 am", "allballs", "10"],
  ...["10:00:00+01", "10:00:00 UTC", "10:00:00Z", "10:00:00.1234565", "10:00:00.1234575", "10:00:00.0000005", "", "x", "10:"],
  ...["2026-11-22 10:00", "2026-11-22", "23:59:59.9999999", "10:00:00-16", "00:00", "10:00 Europe/Berlin", "T10:00", "10::00"],
].map(text);

const NUMBERS = [
  ...["0", "-0", "1", "1.0", "1.50", "-1.5", "1e2", "1E2", "1e-7", "1e-400", "1e308", "1e309", "1e400", "-1e400", "1e131072"],
  ...["99999999999.9999", "0.1", "0.30000000000000004", "123456789012345", "1234567890123456", "123456789012345.6", "1e15"],
  ...["9007199254740993", "9223372036854775807", "9223372036854775808", "1e20", "1e23", "123456789012345e6", "0.000001234"],
  ...["999.994", "999.995", "-999.995", "999.99", "1000", "0.005", "-0.005", "0.5", "1.5", "2.5", "-0.5", "-1.5", "-2.5", "0.49999999999999994", "0.0049999", "2.675", "1.005", "1.115"],
  ...["99999999", "99999949", "99999950", "150", "149", "50", "49", "-50", "-49", "0.00000000005", "99999.99999999995"],
];
const NUMBER_TEXTS = [
  ...["+1", "+.5", ".5", "5.", "007.50", "1_000", "1_000.5", "0x1F", "0b11", "NaN", "nan", "Infinity", "-Infinity", "inf"],
  ...["", " ", ".", "-", "e5", "1e", "1.2.3", "--1", "1 2", "1,5", "١", "1e+", " 1.5 ", "\t1.5\n", "1.5x", "$1", "1e5000"],
];

/** The tables that a literal goes to, and how one is made. */
export function literalsOf(random, count) {
  const maker = new Maker(random);
  const many = (fixed, make) => {
    const made = Array.from({ length: count - fixed.length }, () => make());
    const changed = made.slice(0, Math.floor(count / 16)).map((token) => maker.mutated(token));
    return [...new Set([...fixed, ...made, ...changed])];
  };
  const numbers = [...NUMBERS, ...NUMBERS.map(text), ...NUMBER_TEXTS.map(text)];
  const odd = ["true", "[]", "{}", "[1]", text("true")];
  const decimal = (significant, exponents) => many([...numbers, ...odd], () => maker.decimal(significant, exponents));
  const integer = (bits) => many([...numbers, ...odd, "1.5", "1.0"], () => maker.integer(bits));
  const booleans = ["true", "false", "1", "0", "2", "1.0", "-1", "10", "[]", "{}"].concat(
    ["t", "tr", "true", "TRUE", "truth", "f", "fal", "y", "ye", "yes", "n", "no", "on", "of", "off", "o", "1", "0", "2", "01", "", " t "].map(text),
  );
  const texts = ["1", "1.0", "1e2", "true", "[1, 2]", '{"a": 1}', text(""), text("a\u0001b"), text("a\u0000b"), '"\\ud800"', text(" x "), text("12345"), text("123456"), text("12345 "), text("漢漢漢漢漢"), text("🧵🧵🧵🧵🧵🧵")];
  const moments = () => many([...MOMENTS, "1", "true"], () => maker.moment());
  const bytes = () => text(maker.pick(["\\x", "\\X", "x", "\\\\x"]) + Array.from({ length: maker.below(6) }, () => maker.pick(["00", "ff", "AB", "0 1", "f", "\\001"])).join(""));
  const scalars = { text: () => text(maker.words()), int: () => maker.integer(maker.pick([16, 31])), num: () => maker.decimal(12, 6) };
  const arrays = ["[]", "[[]]", "[null]", "1", "true", "{}", ...["{}", "{NULL}", "{{1}}", "{1,}", "{", "1", "", "{ }", "[0:1]={1,2}", '{"1","2"}', "{1 , 2}", "{1}x", "{5.43e-33}"].map(text)];
  return {
    bool: booleans,
    int2: integer(16),
    int4: integer(32),
    int8: integer(64),
    float8: many([...numbers, ...odd], () => (maker.random() < 0.5 ? maker.double() : maker.decimal(17, 40))),
    float4: many([...numbers, ...odd], () => maker.decimal(6, 20)),
    num: decimal(17, 18),
    num52: decimal(7, 4),
    num1510: decimal(15, 8),
    numneg: decimal(8, 6),
    txt: many(texts, () => (maker.random() < 0.1 ? maker.json(1) : text(maker.words()))),
    vc5: many(texts, () => text(maker.words())),
    uid: many(["1", "true", ...["", "a0eebc99", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc999c0b4ef8bb6d6bb9bd380a1-1"].map(text)], () => maker.uuid()),
    tstz: moments(),
    ts: moments(),
    dt: moments(),
    tm: many([...TIMES, "1", "true"], () => text(`${maker.time()}${maker.random() < 0.2 ? maker.zone() : ""}`)),
    jsonb: many([], () => maker.json()),
    bin: many(["1", "true", ...["", "\\x", "\\x0", "\\xzz", "abc", "\\x00FF", "\\x 00 ff", "\\000", "\\\\", "\\x00\n"].map(text)], bytes),
    txts: many(arrays, () => maker.array(scalars.text)),
    ints: many(arrays, () => maker.array(scalars.int)),
    nums: many(arrays, () => maker.array(scalars.num)),
    bools: many(arrays, () => maker.array(() => maker.pick(["true", "false", text("t"), text("off"), "1"]))),
    dates: many(arrays, () => maker.array(() => text(maker.date()))),
  };
}
