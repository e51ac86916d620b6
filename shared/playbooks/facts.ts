/** What was looked up about an alert before deciding: reads only, each with its miss recorded. */
export interface Facts {
  /** The API Management service that the alert is about. */
  service: { id: string } | { miss: string };
  /** The API and operation that the alert's METHOD and URL lead to. */
  endpoint: ResolvedEndpoint | { miss: string };
}

interface ResolvedEndpoint {
  apiId: string;
  /** Absent where the path leads to the API but to none of its operations. */
  operationId?: string;
}
