/** Event Grid does not take what was published. Codes and shape: https://learn.microsoft.com/azure/event-grid/post-to-custom-topic#response */
export class PublishRefused extends Error {
  override readonly name = "PublishRefused";
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }

  toResponse(): Response {
    const { code, message } = this;
    return Response.json({ error: { code, message, details: [{ code, message }] } }, { status: statusOf[code] });
  }
}

const statusOf = { BadRequest: 400, Unauthorized: 401, NotFound: 404, PayloadTooLarge: 413 } as const;

type RefusalCode = keyof typeof statusOf;
