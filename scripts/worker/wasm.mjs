// worker-build keeps the names of all functions in the Wasm. Nothing in production reads them, and they are a sixth
// of what every isolate has to load.

const HEADER_BYTES = 8;
const CUSTOM_SECTION = 0;

/** An unsigned LEB128 number, and the offset behind it. */
function number(bytes, start) {
  let value = 0;
  let offset = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[offset++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, offset };
  }
}

/** The module without its custom sections: a runtime needs none of them. */
export function withoutNames(bytes) {
  const kept = [bytes.subarray(0, HEADER_BYTES)];
  let offset = HEADER_BYTES;
  while (offset < bytes.length) {
    const size = number(bytes, offset + 1);
    const end = size.offset + size.value;
    if (bytes[offset] !== CUSTOM_SECTION) kept.push(bytes.subarray(offset, end));
    offset = end;
  }
  return Buffer.concat(kept);
}
