// How many tests a test runner says it ran.

/** The sums over all the closing lines of `cargo test` and of `node --test`. */
export function countTests(output) {
  const text = output.replace(/\x1b\[[0-9;]*m/g, "");
  const sum = (pattern) => [...text.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
  return {
    passed: sum(/^test result: .*?(\d+) passed/gm) + sum(/^(?:ℹ|#) pass (\d+)/gm),
    failed: sum(/^test result: .*?(\d+) failed/gm) + sum(/^(?:ℹ|#) fail (\d+)/gm),
  };
}
