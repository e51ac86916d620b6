/** One entry of `error.details` in Azure's published error shape. */
export interface ArmErrorDetail {
  code: string;
  target?: string;
  message: string;
}

/** An answer that is an error in Azure Resource Manager's shape. `details` is left out unless given: API Management writes null. */
export class ArmError extends Error {
  override name = "ArmError";
  readonly status: number;
  readonly code: string;
  readonly details: readonly ArmErrorDetail[] | null | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { details?: readonly ArmErrorDetail[] | null; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = more.details;
    this.headers = more.headers ?? {};
  }

  body(): { error: { code: string; message: string; details?: readonly ArmErrorDetail[] | null } } {
    const { code, message, details } = this;
    return { error: { code, message, ...(details === undefined ? {} : { details }) } };
  }
}
