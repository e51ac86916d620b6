import { AzureError } from "./azure-error.ts";
import type { Graph } from "./graph.ts";

/** One alert of Graph `alerts_v2`; undefined when there is none of that id. Needs SecurityAlert.Read.All. */
export async function readGraphAlert(graph: Graph, id: string): Promise<unknown | undefined> {
  try {
    return await graph.get(`/security/alerts_v2/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error instanceof AzureError && error.status === 404) return undefined;
    throw error;
  }
}
