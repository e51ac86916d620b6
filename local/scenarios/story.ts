import { styleText } from "node:util";

/** Tells a play on the terminal as it happens. */
export interface Story {
  chapter(title: string): void;
  say(text: string): void;
  /** Text of somebody else's making: indented, and without control characters that could move the cursor. */
  quote(text: string): void;
}

type Format = Parameters<typeof styleText>[0];

export function createStory(write: (text: string) => void = (text) => process.stdout.write(text)): Story {
  let chapters = 0;
  return {
    chapter: (title) => write(`\n${styleText("bold", `${++chapters}. ${title}`)}\n`),
    say: (text) => write(`   ${text}\n`),
    quote(text) {
      for (const line of text.trimEnd().split("\n")) write(`   ${styleText(formatOf(line), `│ ${printable(line)}`)}\n`);
    },
  };
}

function formatOf(line: string): Format {
  if (line.startsWith("+")) return "green";
  if (line.startsWith("-")) return "red";
  return "dim";
}

function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, " ");
}
