/** A mistake or a lack that the reader can mend. It is shown as a message, never as a stack trace. */
export class Failure extends Error {
  constructor(message, hint = "") {
    super(message);
    this.hint = hint;
  }
}

const red = (text) => (process.stderr.isTTY ? `\x1b[31m${text}\x1b[0m` : text);

export function showFailure(failure) {
  console.error(`\n${red("✗")} ${failure.message}`);
  if (failure.hint) console.error(`  ${failure.hint.replaceAll("\n", "\n  ")}`);
}
