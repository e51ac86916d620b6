/** Year to second, a fraction, and a zone, without which Azure means UTC. */
const form =
  /^((?!0000)\d{4}-(?:0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))[T ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/;

/** Reads Azure's times (five to seven fraction digits, `Z`, an offset or none); undefined when it is no time. */
export function readInstant(raw: string | undefined): string | undefined {
  const [, date, day, time, fraction = "", zone = "Z"] = (raw !== undefined && form.exec(raw.trim())) || [];
  // .NET's first day stands where there is no time.
  if (!date || !day || date === "0001-01-01") return undefined;
  const plain = `${date}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}`;
  // Only the last days of a month have to be counted.
  if (zone === "Z" && day <= "28") return `${plain}Z`;
  const instant = new Date(plain + zone);
  if (Number.isNaN(instant.getTime())) return undefined;
  // An offset can lead out of the years that have four digits.
  const iso = instant.toISOString();
  return iso.length === 24 ? iso : undefined;
}
