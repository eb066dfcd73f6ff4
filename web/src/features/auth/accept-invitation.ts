/**
 * Accepting an invitation is one thing for the person and several for the platform: the control plane proves the address
 * and hands out tokens that let in, the organization takes the person in, and the console opens its own session.
 */
import { answer, api, asProblem, type Schema } from "@/api";
import { handOver } from "./hand-over";

interface Accepting {
  token: string;
  invitation: Schema<"SeenInvitationOut">;
  /** None where the invited person is logged in here. */
  password?: string | undefined;
  display_name?: string | undefined;
}

/** Ends in the organization's workspace: the page is left. */
export async function acceptInvitation({ token, invitation, password, display_name }: Accepting) {
  const { slug } = invitation.organization;
  const body = { token, ...(password ? { password } : {}), ...(display_name ? { display_name } : {}) };
  const { data: tokens } = await answer(api.POST("/api/v1/auth/invitations/accept", { body }));
  const bearer = { Authorization: `Bearer ${tokens.access_token}`, "X-Tenant": slug };
  await answer(api.POST("/api/v1/invitations/accept", { body: {}, headers: bearer }));
  if (password) await answer(api.POST("/api/v1/auth/session", { body: { email: invitation.email, password } }));
  // Those tokens have done what they were for; the console's session is another.
  await api.POST("/api/v1/auth/logout", { body: { refresh_token: tokens.refresh_token } }).catch(() => undefined);
  await enterOnceKnown(slug);
}

/** The control plane hears of a new member a moment later. */
async function enterOnceKnown(slug: string) {
  for (let left = 20; ; left -= 1) {
    try {
      return await handOver(slug);
    } catch (thrown) {
      if (asProblem(thrown).code !== "NOT_A_MEMBER" || left === 0) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
