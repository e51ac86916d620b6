import { Cron } from "croner";
import { resolveSettings } from "./app-setting.ts";

const names = new Set("sun mon tue wed thu fri sat jan feb mar apr may jun jul aug sep oct nov dec".split(" "));

/** Cron dialects know more (L, W, #, @daily); NCRONTAB does not. */
function isNcrontab(expression: string): boolean {
  const words = expression.toLowerCase().match(/[a-z]+/g) ?? [];
  const fields = expression.split(/\s+/).length;
  return (
    /^[\d\s*,\-/a-zA-Z]+$/.test(expression) && words.every((word) => names.has(word)) && (fields === 5 || fields === 6)
  );
}

export interface Schedule {
  expression: string;
  nextAfter(at: Date): Date;
}

/** NCRONTAB as the timer trigger reads it: five or six fields (seconds first), in UTC; day and weekday must both match. */
export function parseSchedule(text: string): Schedule {
  const expression = resolveSettings("schedule", text).trim();
  if (!isNcrontab(expression)) {
    throw new Error(
      `"${expression}" is not an NCRONTAB expression of five or six fields; the local host takes no other schedule.`,
    );
  }
  const cron = new Cron(expression, { timezone: "UTC", paused: true, mode: "5-or-6-parts", domAndDow: true });
  return {
    expression,
    nextAfter(at) {
      const next = cron.nextRun(at);
      if (!next) throw new Error(`The schedule "${expression}" never comes after ${at.toISOString()}.`);
      return next;
    },
  };
}
