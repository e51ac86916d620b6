/** Reads Azure's times (five to seven fraction digits, `Z`, an offset or none, meaning UTC); undefined when it is no time. */
export function readInstant(raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined;
  const [, date, time, fraction, zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(raw.trim()) ?? [];
  if (!date || !time || date === "0001-01-01") return undefined;
  const instant = new Date(`${date}T${time}.${(fraction ?? "").padEnd(3, "0").slice(0, 3)}${zone ?? "Z"}`);
  if (Number.isNaN(instant.getTime())) return undefined;
  // An offset can lead out of the years that have four digits.
  const iso = instant.toISOString();
  return iso.length === 24 ? iso : undefined;
}
