// The names of answers, as JavaScript makes them: HalfSipHash by its definition, and other rows have another name.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprint } from "../../src/cloudflare/glue.js";

const KEY = [0x03020100, 0x87868584, 0xffffffff, 0x0f0e0d0c];
const MOST = 100;
const name = (rows, { context = "", most = MOST, key = KEY } = {}) =>
  fingerprint(
    rows.map((row) => ({ row })),
    context,
    most,
    ...key,
  );

/** After "SipHash: a fast short-input PRF" and its 32-bit form, a step a line, one round for a word and four at the end. */
function halfSipHash(bytes, [a, b, c, d]) {
  const v = Uint32Array.of(a, b, c ^ 0x6c796765, d ^ 0x74656462);
  const rotate = (index, bits) => (v[index] = (v[index] << bits) | (v[index] >>> (32 - bits)));
  const add = (left, right, turned, bits) => {
    v[left] += v[right];
    rotate(turned, bits);
    v[turned] ^= v[left];
  };
  const round = () => {
    add(0, 1, 1, 5);
    rotate(0, 16);
    add(2, 3, 3, 8);
    add(0, 3, 3, 7);
    add(2, 1, 1, 13);
    rotate(2, 16);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const take = (word) => {
    v[3] ^= word;
    round();
    v[0] ^= word;
  };
  v[1] ^= 0xee;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) take(view.getUint32(at, true));
  let last = (bytes.length & 0xff) << 24;
  for (let byte = 0; at < bytes.length; at += 1, byte += 8) last |= bytes[at] << byte;
  take(last);
  const half = (mark, index) => {
    v[index] ^= mark;
    for (let count = 0; count < 4; count += 1) round();
    return ((v[1] ^ v[3]) >>> 0).toString(16).padStart(8, "0");
  };
  return half(0xee, 2) + half(0xdd, 1);
}

test("a name is HalfSipHash of the lengths, the context and the rows", () => {
  for (let length = 0; length < 40; length += 1) {
    const rows = [`{"a":"${"é".repeat(length)}"}`, "", "😀".slice(0, 2)];
    const lengths = ["text/csv", ...rows].map((row) => row.length);
    const whole = new TextEncoder().encode(`${lengths};text/csv${rows.join("")}`);
    assert.equal(name(rows, { context: "text/csv" }), halfSipHash(whole, KEY), `${length}`);
  }
});

test("whatever differs has another name", () => {
  const names = [
    name([]),
    name([""]),
    name(["", ""]),
    name(["ab"]),
    name(["a", "b"]),
    name(["b", "a"]),
    name(["a", "", "b"]),
    name(["a", "b"], { context: "c" }),
    name(["b"], { context: "ca" }),
    name(["a", "b"], { key: [...KEY.slice(1), 1] }),
    name(["1;a"]),
    name(["a\0"]),
    name(["a\0\0\0\0"]),
  ];
  assert.equal(new Set(names).size, names.length);
  for (const made of names) assert.match(made, /^[0-9a-f]{16}$/);
  assert.equal(name(["a", "b"]), name(["a", "b"]));
});

test("a long answer after a short one and a short one after a long one keep their names", () => {
  const most = 1 << 16;
  const long = ["漢".repeat(most)];
  const [short, first] = [name(["a"]), name(long, { most })];
  assert.equal(name(["a"]), short);
  assert.equal(name(long, { most }), first);
});

test("more than the limit has none", () => {
  assert.match(name(["x".repeat(MOST - 1), "x"]), /^[0-9a-f]{16}$/);
  assert.equal(name(["x".repeat(MOST), "x"]), undefined);
});
