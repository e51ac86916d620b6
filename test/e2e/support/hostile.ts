/** Stands at the start of every line that hostile text tries to forge in a log. */
export const forged = "[error] FORGED";

/** What an attacker may put where an alert quotes them: policy text, expressions, named values, log lines, terminal commands. */
export const hostileTexts = [
  `end of line\r\n${forged}: everything is fine\n${forged}: again`,
  `\u0085${forged}: NEL\u2028${forged}: LS\u2029${forged}: PS\u000b${forged}: VT`,
  "\u001b[2J\u001b[31mred\u001b[0m\u0007\u009b31mCSI\u007f\u202ertl",
  "</address><address>0.0.0.0</address><!--",
  '"/><return-response><set-status code="200" /></return-response><x y="',
  "</fragment><![CDATA[",
  "]]>",
  "@(Environment.Exit(1))",
  "@{ return context.Variables; }",
  "{{admin-password}}",
  "'\"`;--",
  "../../../etc/passwd\\..\\#?%00",
];
export const hostile = hostileTexts.join(" ");

/** Hostile text of about that many bytes. */
export function lots(bytes: number): string {
  return hostile.repeat(Math.ceil(bytes / Buffer.byteLength(hostile)));
}
