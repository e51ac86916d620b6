import type * as z from "zod";
import type { Stack } from "../stack.ts";
import { expect } from "./play.ts";

/** What the simulated traffic of a play meets: `/_simulator/flows…` */
export async function askSimulator<T>(
  { azureUrl }: Stack,
  path: string,
  question: object,
  answer: z.ZodType<T>,
): Promise<T> {
  const response = await fetch(`${azureUrl}/_simulator/${path}`, { method: "POST", body: JSON.stringify(question) });
  const body: unknown = await response.json();
  expect(response.status === 200, `the simulator should answer, but said ${JSON.stringify(body)}`);
  return answer.parse(body);
}
