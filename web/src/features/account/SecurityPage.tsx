/** How one gets in: the password, and where one is logged in. */
import { AccountFrame } from "./AccountFrame";
import { LastLogIn } from "./LastLogIn";
import { PasswordPart } from "./PasswordPart";
import { SessionsPart } from "./SessionsPart";

export function SecurityPage() {
  return (
    <AccountFrame>
      {(account) => (
        <>
          <LastLogIn at={account.last_log_in_at} />
          <PasswordPart />
          <SessionsPart />
        </>
      )}
    </AccountFrame>
  );
}
