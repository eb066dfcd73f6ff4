/** Sending an invitation again, and taking it back. */
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { toast } from "@/ui";
import { PEOPLE_QUERIES } from "../users/people";

export type Invitation = Schema<"InvitationOut">;

export function useInvitationActions() {
  const { t } = useTranslation("invitations");
  const resend = useWrite<Pick<Invitation, "id">, { data: Invitation }>({
    send: ({ id }, { key }) =>
      answer(
        api.POST("/api/v1/invitations/{id}/resend", { params: { path: { id }, header: { "Idempotency-Key": key } } }),
      ),
    invalidates: PEOPLE_QUERIES,
    onSuccess: ({ data }) => toast.success(t("resent", { email: data.email })),
    onError: toast.problem,
  });
  const again = useWrite<Invitation, { data: Invitation }>({
    send: ({ email, display_name, roles, locale }, { key }) =>
      answer(
        api.POST("/api/v1/invitations", {
          params: { header: { "Idempotency-Key": key } },
          body: { email, display_name, roles, locale },
        }),
      ),
    invalidates: PEOPLE_QUERIES,
    onSuccess: ({ data }) => toast.success(t("sent", { email: data.email })),
    onError: toast.problem,
  });
  const withdraw = useWrite<Invitation>({
    send: ({ id }) => answer(api.DELETE("/api/v1/invitations/{id}", { params: { path: { id } } })),
    invalidates: PEOPLE_QUERIES,
    // The link that was mailed stays dead, so this is no "Undo": another mail goes out.
    onSuccess: (_, invitation) =>
      toast.success(t("withdrawn", { email: invitation.email }), {
        action: { label: t("invite_again"), run: () => again.mutate(invitation) },
      }),
    onError: toast.problem,
  });
  /** The invitation that a person who has not joined yet has in their mailbox; null where there is none any more. */
  const open = async (userId: string) => {
    try {
      const query = { user_id: userId, status: "pending,expired", limit: 1 };
      const { data } = await answer(api.GET("/api/v1/invitations", { params: { query } }));
      return data[0] ?? null;
    } catch (problem) {
      toast.problem(problem);
    }
  };
  return {
    resend: resend.mutate,
    withdraw: withdraw.mutate,
    inviteAgain: again.mutate,
    resendTo: async (userId: string) => {
      const invitation = await open(userId);
      if (invitation) resend.mutate(invitation);
      else if (invitation === null) toast.show({ title: t("none_open"), tone: "danger" });
    },
    withdrawFrom: async (userId: string) => {
      const invitation = await open(userId);
      if (invitation) withdraw.mutate(invitation);
      else if (invitation === null) toast.show({ title: t("none_open"), tone: "danger" });
    },
  };
}
