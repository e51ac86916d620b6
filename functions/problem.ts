import type { HttpResponseInit } from "@azure/functions";

/** An error as RFC 9457 problem details: what is wrong, where, and what to do. */
export function problem(status: number, title: string, detail: string): HttpResponseInit {
  return { status, jsonBody: { status, title, detail }, headers: { "content-type": "application/problem+json" } };
}
