import { Cron } from "croner";

export interface Schedule {
  expression: string;
  nextAfter(at: Date): Date;
}

/** `%NAME%` in a binding stands for an app setting. */
function resolveSetting(text: string): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`The schedule "${text}" names the setting ${name}, which is not set.`);
    return value;
  });
}

/** NCRONTAB as the timer trigger reads it: five or six fields (seconds first), in UTC; day and weekday must both match. */
export function parseSchedule(text: string): Schedule {
  const expression = resolveSetting(text).trim();
  const fields = expression.split(/\s+/);
  if (!/^[\d\s*,\-/a-zA-Z]+$/.test(expression) || (fields.length !== 5 && fields.length !== 6)) {
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
