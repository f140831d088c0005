// What of a failed build's output helps: what the compilers said, not how they were called.

const PROGRESS =
  /^\[INFO\]:|^\s*(Compiling|Checking|Building|Downloading|Downloaded|Locking|Updating|Adding|Blocking|Fresh|Finished|Dirty)\s/;
const AFTERWORD = /^(Error: |Caused by:|Stack backtrace:|.*warning: build failed, waiting)/;

/** A mistake in schema.sql, policies.sql or functions.sql is reported by the build script: then its words are the message. */
export function diagnostics(output) {
  const lines = output.replaceAll("\r", "").split("\n");
  const script = lines.findIndex((line) => line.includes("failed to run custom build command for `selvedge "));
  if (script >= 0) return fromBuildScript(lines.slice(script));
  const end = lines.findIndex((line) => /^Error: /.test(line));
  const said = lines.slice(0, end < 0 ? lines.length : end).filter((line) => !PROGRESS.test(withoutColor(line)));
  return said.join("\n").trim() || output.trim();
}

/** What the build script warns of in the three files: nothing, or one text. */
export function warnings(output) {
  const lines = withoutColor(output).matchAll(/^warning: selvedge@[\d.]+: (.*)$/gm);
  const text = [...lines]
    .map(([, line]) => line)
    .join("\n")
    .trimEnd();
  return text ? [text] : [];
}

function fromBuildScript(lines) {
  const start = lines.findIndex((line) => line.trim() === "--- stderr");
  if (start < 0) return lines.join("\n").trim();
  const said = lines.slice(start + 1);
  const end = said.findIndex((line) => AFTERWORD.test(withoutColor(line)));
  return said
    .slice(0, end < 0 ? said.length : end)
    .map((line) => line.replace(/^ {2}/, ""))
    .join("\n")
    .trim();
}

const withoutColor = (line) => line.replace(/\x1b\[[0-9;]*m/g, "");
