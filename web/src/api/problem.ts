/**
 * What went wrong, as the API says it: a stable code, a message in English, details, and the id of the request.
 * Screens localise by code (`errors` in src/ui/locales) and show the id, so that it can be quoted to support.
 */

/** One fault of the input, by the path of its field: `lines[0].quantity`. */
export interface FieldFault {
  field: string;
  code: string;
  message: string;
}

/** Codes that arise on this side, where no answer came. */
export const NETWORK = "NETWORK";
export const TIMED_OUT = "TIMED_OUT";
export const SESSION_EXPIRED = "SESSION_EXPIRED";

/** It was carried out before; its answer held a secret, which is given once. */
export const SECRET_NOT_REPLAYABLE = "SECRET_NOT_REPLAYABLE";

export class ApiProblem extends Error {
  override name = "ApiProblem";

  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly requestId: string | undefined,
    readonly details: unknown,
    /** Seconds after which it may be tried again, where the answer says so. */
    readonly retryAfter: number | undefined,
  ) {
    super(message);
  }

  /** Faults of fields, where the details are such a list. */
  get faults(): FieldFault[] {
    return Array.isArray(this.details) ? this.details.filter(isFault) : [];
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Whether an earlier try under the same idempotency key is still under way. */
  get inFlight(): boolean {
    return this.status === 409 && this.code === "CONFLICT" && this.retryAfter !== undefined;
  }
}

function isFault(value: unknown): value is FieldFault {
  return typeof value === "object" && value !== null && "field" in value && "code" in value && "message" in value;
}

/** The problem an answer tells; `body` is its parsed body, whatever that is. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const error = (body as { error?: Record<string, unknown> } | undefined)?.error;
  const after = Number(response.headers.get("Retry-After"));
  return new ApiProblem(
    typeof error?.code === "string" ? error.code : `HTTP_${response.status}`,
    typeof error?.message === "string" ? error.message : `The server answered ${response.status}.`,
    response.status,
    (error?.request_id as string | undefined) ?? response.headers.get("X-Request-Id") ?? undefined,
    error?.details,
    Number.isFinite(after) && after > 0 ? after : undefined,
  );
}

/** Whatever was thrown, as a problem. */
export function asProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  if (thrown instanceof DOMException && thrown.name === "TimeoutError")
    return new ApiProblem(TIMED_OUT, "The server did not answer in time.", 0, undefined, undefined, undefined);
  if (thrown instanceof TypeError || thrown instanceof DOMException)
    return new ApiProblem(NETWORK, "The server could not be reached.", 0, undefined, undefined, undefined);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiProblem("CONSOLE_FAULT", message, 0, undefined, undefined, undefined);
}
