import { expect, it } from "vitest";
import { createNotifier } from "../../../shared/notify/notifier.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { memoryTable } from "../../support/memory-table.ts";

const at = "2026-11-23T09:30:00.000Z";

function aNotifier(
  answer: () => Promise<number> = async () => 200,
  url: string | undefined = "https://hooks.example/x",
) {
  const notices = memoryTable();
  const clock = createManualClock(at);
  const posted: string[] = [];
  const post = (_: string, body: string) => {
    posted.push(body);
    return answer();
  };
  const notifier = createNotifier({ notices, url, clock, post });
  const rows = async () => (await notices.partition(at.slice(0, 10))).map(({ columns }) => columns);
  return { notifier, posted, clock, rows };
}

it("tells of the same thing once an hour, and of every other thing", async () => {
  const { notifier, posted, clock } = aNotifier();

  await notifier.notify({ about: "a", text: "one" });
  await notifier.notify({ about: "a", text: "two" });
  await notifier.notify({ about: "b", text: "three" });
  await clock.advance(60 * 60_000);
  await notifier.notify({ about: "a", text: "four" });

  expect(posted.map((body) => JSON.parse(body))).toEqual([{ text: "one" }, { text: "three" }, { text: "four" }]);
});

it("mentions nobody and links nowhere, whatever an alert wrote", async () => {
  const { notifier, posted } = aNotifier();

  await notifier.notify({ about: "a", text: "<!channel> & <https://evil.example|look>" });

  expect(posted).toEqual([JSON.stringify({ text: "?!channel? ? ?https://evil.example|look?" })]);
});

it("goes on when the webhook cannot be reached, and writes down that it could not, but not where it is", async () => {
  const { notifier, rows } = aNotifier(() => Promise.reject(new TypeError("fetch failed https://hooks.example/x")));

  await notifier.notify({ about: "a", text: "one" });

  expect(await rows()).toEqual([{ at, about: "a", text: "one", sent: "failed: TypeError" }]);
});

it("tells with the next occasion what could not be told, but does not wait for a webhook that fails", async () => {
  let works = false;
  const { notifier, posted, clock } = aNotifier(async () => (works ? 200 : 503));
  await notifier.notify({ about: "a", text: "one" });
  await notifier.notify({ about: "b", text: "two" });
  expect(posted).toHaveLength(1);

  works = true;
  await clock.advance(61_000);
  await notifier.notify({ about: "a", text: "three" });
  await notifier.notify({ about: "a", text: "four" });

  expect(posted.map((body) => JSON.parse(body).text)).toEqual(["one", "three"]);
});

it("keeps a record when there is no webhook", async () => {
  const { notifier, posted, rows } = aNotifier(undefined, "");
  const none = createNotifier({ notices: memoryTable(), url: undefined, clock: createManualClock(at) });

  await none.notify({ about: "a", text: "one" });
  await notifier.notify({ about: "a", text: "one" });

  expect(posted).toHaveLength(1);
  expect(await rows()).toHaveLength(1);
});

it("is not talked into telling without end", async () => {
  const { notifier, posted } = aNotifier();

  for (let shape = 0; shape < 2_000; shape++) await notifier.notify({ about: `shape ${shape}`, text: "new" });

  expect(posted.length).toBeGreaterThan(200);
  expect(posted.length).toBeLessThanOrEqual(256);
});
