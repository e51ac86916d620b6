/** `usage`: what was asked for cannot be sent. `refused`: it could be, and the topic did not take it. */
export class CannotSend extends Error {
  override readonly name = "CannotSend";
  readonly kind: "usage" | "refused";

  constructor(kind: "usage" | "refused", message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
