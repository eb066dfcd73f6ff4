/**
 * Logs the founder in while the organization is being built; the password stands nowhere but in the request. What comes of
 * it is asked for when the last step is done.
 */
import { answer, api } from "@/api";

let underWay: Promise<unknown> | undefined;

export function logInAhead(body: { email: string; password: string }) {
  underWay = answer(api.POST("/api/v1/auth/session", { body }));
  // Told when it is asked for.
  underWay.catch(() => undefined);
}

/** Waits for the log-in that was begun; who founded from within a session needs none. */
export async function loggedInAhead() {
  await underWay;
}
