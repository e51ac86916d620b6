/** Reads Azure's times (five to seven fraction digits, `Z`, an offset or none, meaning UTC); undefined when it is no time. */
export function readInstant(raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined;
  // Most need nothing but their fraction cut; the last days of a month have to be counted.
  const plain =
    /^((?!0000|0001)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3})\d{0,6}Z$/.exec(
      raw,
    );
  if (plain) return `${plain[1]}Z`;
  const [, date, time, fraction, zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(raw.trim()) ?? [];
  if (!date || !time || date === "0001-01-01") return undefined;
  const instant = new Date(`${date}T${time}.${(fraction ?? "").padEnd(3, "0").slice(0, 3)}${zone ?? "Z"}`);
  if (Number.isNaN(instant.getTime())) return undefined;
  // An offset can lead out of the years that have four digits.
  const iso = instant.toISOString();
  return iso.length === 24 ? iso : undefined;
}
