// One line for each step: what it does, whether it is still alive, and how long it took.

import { Failure, showFailure } from "./failure.mjs";
import { isStopping, stopAll, stopOnSignals } from "./processes.mjs";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MILLISECONDS = 100;
const SIGN_OF_LIFE_MILLISECONDS = 10_000;
const NOTE_WIDTH = 60;

const isTerminal = process.stdout.isTTY === true;
const paint = (code) => (text) => (isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text);
const green = paint(32);
const dim = paint(2);
export const bold = paint(1);

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/**
 * Shows `title` while `work` runs. `work` gets a function that says what is being done at the moment,
 * and may return a `remark` to show beside the time it took, and `notes` to show below.
 */
export async function step(title, work) {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  let doing = "";
  const alive = isTerminal ? spin(title, elapsed, () => doing) : tell(title, elapsed, () => doing);
  try {
    const { remark, notes = [] } = (await work((note) => (doing = note.trim().slice(0, NOTE_WIDTH)))) ?? {};
    alive.stop();
    console.log(`${green("✓")} ${title}${dim(`  ${[remark, seconds(elapsed())].filter(Boolean).join(", ")}`)}`);
    for (const note of notes) console.log(`  ${note.replaceAll("\n", "\n  ")}`);
  } catch (error) {
    alive.stop();
    console.log(`✗ ${title}${dim(`  ${seconds(elapsed())}`)}`);
    throw error;
  }
}

function spin(title, elapsed, doing) {
  let frame = 0;
  const timer = setInterval(() => {
    frame = (frame + 1) % FRAMES.length;
    process.stdout.write(`\r\x1b[K${FRAMES[frame]} ${title}${dim(`  ${seconds(elapsed())}  ${doing()}`)}`);
  }, FRAME_MILLISECONDS);
  return {
    stop() {
      clearInterval(timer);
      process.stdout.write("\r\x1b[K");
    },
  };
}

function tell(title, elapsed, doing) {
  const timer = setInterval(() => {
    console.log(`  … ${title}: ${seconds(elapsed())}  ${doing()}`);
  }, SIGN_OF_LIFE_MILLISECONDS);
  return { stop: () => clearInterval(timer) };
}

/** Runs a command of this project: a mistake becomes one message and exit code 1, and nothing is left running. */
export async function command(body) {
  stopOnSignals();
  try {
    await body();
  } catch (error) {
    // What fails because it is being stopped is no failure; who stopped it also ends this process.
    if (isStopping()) return;
    if (error instanceof Failure) showFailure(error);
    else console.error(error);
    await stopAll();
    process.exit(1);
  }
}
