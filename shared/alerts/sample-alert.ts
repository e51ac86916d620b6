interface Said {
  type?: string | undefined;
  title: string;
  description: string;
}

/**
 * Whether an alert is one of the products' samples or tests. Only how texts begin counts: further in stand words that an attacker can
 * choose, and a sample is never acted on.
 */
export function isSampleAlert({ type = "", title, description }: Said): boolean {
  return (
    /^SIMULATED_|_EICAR$/i.test(type) ||
    /^\[SAMPLE ALERT\]/i.test(title) ||
    /^THIS IS A SAMPLE ALERT/i.test(description)
  );
}
