/** At the foot of a public page: the way back to log-in. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

export function BackToLogIn() {
  const { t } = useTranslation("auth");
  return (
    <Link to="/log-in" className="font-medium text-link underline">
      {t("back_to_log_in")}
    </Link>
  );
}
