/**
 * The whole address of a request. A path that leads to another service, or that climbs out of where it seems to be, is a mistake of
 * whoever put it together: nothing is sent, and no token asked for.
 */
export function requestUrl(attempt: string, path: string, origin: string): string {
  const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined;
  if (url?.origin !== origin || url.username || url.password) {
    throw new TypeError(`${attempt}: ${url?.origin ?? "what is no address"} is not ${origin}`);
  }
  const [beforeQuery = ""] = path.split("?", 1);
  if (dotSegment.test(beforeQuery)) throw new TypeError(`${attempt}: its path holds a part that leads up`);
  // What follows would not be sent: an id with a number sign in it would become a shorter one.
  if (path.includes("#")) throw new TypeError(`${attempt}: its path holds a number sign that is not encoded`);
  return url.href;
}

/** A URL parser takes `%2e` for a dot and `\` for a slash. */
const dotSegment = /[/\\](?:\.|%2e){1,2}(?=[/\\]|$)/i;
