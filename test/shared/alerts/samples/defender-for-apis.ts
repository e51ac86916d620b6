import type { ExpectedReading } from "../../../support/expected-reading.ts";

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  // Words read off a screenshot: no payload.
  "NOT_A_PAYLOAD_screenshot_transcription_suspicious_user_agent.json": [
    { refused: /no known alert family/, unknownShape: true },
  ],
};
