import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plays } from "../../local/scenarios/plays.ts";
import { createStory } from "../../local/scenarios/story.ts";
import { aStack, type TestStack } from "./support/a-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  const settings = { PORTCULLIS_MAX_DURATION: "PT15S", PORTCULLIS_SWEEP_SCHEDULE: "*/2 * * * * *" };
  stack = await aStack({ settings });
});
afterAll(() => stack.close());

/** Told in this order. The first play, which installs the enforcement point, is told by `npm start` itself: see start.test.ts. */
const told: Readonly<Record<string, readonly RegExp[]>> = {
  "vm-brute-force": [
    /203\.0\.113\.77 → 10\.0\.0\.4:3389 .*: Allow/,
    /no playbook answers VM_RdpBruteForce/,
    /PUT …\/ipGroups\/portcullis-blocked\S* +If-Match: /,
    /\+203\.0\.113\.77/,
    /firewall-block-ip-[0-9a-f]+: verified/,
    /203\.0\.113\.77 → 10\.0\.0\.4:3389: Deny by portcullis\/blocked\/from/,
    /somebody else, 192\.0\.2\.10 → 10\.0\.0\.4:3389: Allow/,
    /firewall-block-ip on 203\.0\.113\.77: ended at/,
    /203\.0\.113\.77 → 10\.0\.0\.4:3389: Allow/,
  ],
  ransomware: [
    /over the simulated network: allowed/,
    /POST \S+\/isolate/,
    /mde-isolate-machine-[0-9a-f]+: verified/,
    /its neighbours: blocked +pay-7 → Defender's cloud: allowed/,
    /mde-isolate-machine on machine pay-7\.contoso\.example: ended at/,
    /its neighbours: allowed/,
  ],
  "leaked-credential": [
    /as Robin: signed in/,
    /PATCH \S+\/users\//,
    /-accountEnabled: true/,
    /entra-disable-user-[0-9a-f]+: verified/,
    /signs in: refused, AADSTS50057/,
    /access token that was there before: 200/,
    /Robin signs in: signed in +the thief renews the old session: refused, AADSTS50173/,
  ],
};

describe.concurrent("a play", () => {
  it.each(Object.keys(told))("%s is told from the attack to the end of the containment", async (name) => {
    let text = "";
    const story = createStory((part) => {
      text += stripVTControlCharacters(part);
    });

    await plays.get(name)?.(stack, story);

    let from = 0;
    for (const words of told[name] ?? []) {
      const found = text.slice(from).search(words);
      expect(found, `${words} after what was told so far, in\n${text}`).toBeGreaterThanOrEqual(0);
      from += found + 1;
    }
  });
});

it("every play has a test", () => {
  expect([...plays.keys()]).toEqual(["api-attack", ...Object.keys(told)]);
});
