/** Stands at the start of every line that hostile text tries to forge in a log. */
export const forged = "[error] FORGED";

/** What an attacker may put where an alert quotes them: policy text, expressions, named values, log lines, terminal commands. */
export const hostileTexts = [
  "</address><address>0.0.0.0</address><!--",
  '"/><return-response><set-status code="200" /></return-response><x y="',
  "</fragment><![CDATA[",
  "]]>",
  "@(Environment.Exit(1))",
  "@{ return context.Variables; }",
  "{{admin-password}}",
  "'\"`;--",
  `end of line\r\n${forged}: everything is fine\n${forged}: again`,
  "\u001b[2J\u001b[31mred\u001b[0m\u0007",
  "\u2028\u2029\u0085",
  "../../../etc/passwd\\..\\#?%00",
];
export const hostile = hostileTexts.join(" ");

/** Hostile text of about that many bytes. */
export function lots(bytes: number): string {
  return hostile.repeat(Math.ceil(bytes / Buffer.byteLength(hostile)));
}
