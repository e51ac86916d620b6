import fc from "fast-check";

/** JSON text, of a real payload that was changed in some places. */
export function mutatedPayload(corpus: readonly string[]): fc.Arbitrary<string> {
  return fc
    .record({
      base: fc.constantFrom(...corpus),
      other: fc.constantFrom(...corpus),
      mutations: fc.array(fc.record({ where: fc.nat(), from: fc.nat(), how, value: oddValue, text: oddText }), {
        maxLength: 8,
      }),
      wrapped: fc.array(fc.constantFrom("value", "data", "records", "body", "DATA", "[]", "text"), { maxLength: 3 }),
    })
    .map(({ base, other, mutations, wrapped }) => {
      let root: unknown = JSON.parse(base);
      const donor: unknown = JSON.parse(other);
      for (const mutation of mutations) root = mutate(root, donor, mutation);
      return wrap(plantBombs(JSON.stringify(root) ?? "null"), wrapped);
    });
}

const how = fc.constantFrom("replace", "remove", "rename", "recase", "repeat", "graft", "insert", "refer", "stringify");

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    "0.0.0.0",
    "127.0.0.1",
    "10.1.2.3",
    "168.63.129.16",
    "203.0.113.5:443",
    "[2001:db8::1]:8080",
    "fe80::1%eth0",
  ),
  fc.constantFrom(
    "::ffff:203.0.113.9",
    "203.0.113.1, 203.0.113.2",
    '["203.0.113.3"]',
    "FreeRDP (203.0.113.4)",
    "0x7f.1",
  ),
);

/** What keys and texts of an attacker look like. */
const oddText = fc.oneof(
  address,
  fc.constantFrom("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "$id", "$ref", "type", "Type"),
  fc.constantFrom(
    "Victim IP",
    "attacker IP",
    "Actor (Client IP)",
    "Source",
    "ipAddress",
    "LocalIP",
    "RemoteIP",
    "roles",
  ),
  fc.constantFrom("null", "-", "N/A", "", " ", "\u0000", "\uD800", "../../x", "'; drop table", "{{x}}", "@(context)"),
  fc.string({ maxLength: 40, unit: "binary" }),
);

const big = fc.constantFrom(1_000, 100_000, 1_000_000).map((length) => "203.0.113.7 ".repeat(length / 12));
/** Stands for nesting that JSON.stringify would give up at and JSON.parse does not. */
const bomb = fc.constantFrom(50, 5_000, 100_000).map((depth) => `nested ${depth} deep`);
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: oddText },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(null, true, 0, -1, 1e308, "", [], {}, [[]], [null], { $ref: "1" }) },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: big },
  { weight: 1, arbitrary: bomb },
);

interface Mutation {
  where: number;
  from: number;
  how: string;
  value: unknown;
  text: string;
}

/** A place in a JSON value: what holds it, and under which key. */
interface Place {
  holder: Record<string, unknown> | unknown[];
  key: string;
}

function mutate(root: unknown, donor: unknown, { where, from, how: kind, value, text }: Mutation): unknown {
  const places = placesIn(root);
  const place = places[where % places.length];
  if (!place) return kind === "replace" ? value : root;
  const current = get(place);
  const donated = placesIn(donor);
  const gift = donated[from % donated.length];
  switch (kind) {
    case "remove":
      if (Array.isArray(place.holder)) place.holder.splice(Number(place.key), 1);
      else delete place.holder[place.key];
      break;
    case "rename":
      put({ ...place, key: Array.isArray(place.holder) ? place.key : text }, current);
      break;
    case "recase":
      if (!Array.isArray(place.holder)) put({ ...place, key: swapCase(place.key) }, current);
      break;
    case "repeat":
      put(place, [current, structuredClone(current), structuredClone(current)]);
      break;
    case "graft":
      if (gift) put(place, structuredClone(get(gift)));
      break;
    case "insert":
      put({ ...place, key: Array.isArray(place.holder) ? String(place.holder.length) : text }, structuredClone(value));
      break;
    case "refer":
      put(place, { $ref: String(from % 30) });
      break;
    case "stringify":
      put(place, JSON.stringify(current));
      break;
    default:
      put(place, structuredClone(value));
  }
  return root;
}

function plantBombs(text: string): string {
  return text.replaceAll(/"nested (\d+) deep"/g, (_, depth) => {
    const levels = Number(depth) / 2;
    return `${'[{"value":'.repeat(levels)}"203.0.113.8"${"}]".repeat(levels)}`;
  });
}

function placesIn(root: unknown): Place[] {
  const found: Place[] = [];
  const rest: unknown[] = [root];
  for (let next = rest.pop(); next !== undefined && found.length < 3_000; next = rest.pop()) {
    if (typeof next !== "object" || next === null) continue;
    const holder = next as Record<string, unknown> | unknown[];
    for (const [key, inner] of Object.entries(holder)) {
      found.push({ holder, key });
      if (inner !== undefined) rest.push(inner);
    }
  }
  return found;
}

function get({ holder, key }: Place): unknown {
  return Array.isArray(holder) ? holder[Number(key)] : holder[key];
}

/** As JSON.parse would: `__proto__` becomes a property like any other. */
function put({ holder, key }: Place, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function swapCase(text: string): string {
  return Array.from(text, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  ).join("");
}

function wrap(text: string, wrapped: readonly string[]): string {
  return wrapped.reduce((inner, name) => {
    if (name === "[]") return `[${inner}]`;
    return name === "text" ? `{"body":${JSON.stringify(inner)}}` : `{${JSON.stringify(name)}:${inner}}`;
  }, text);
}
