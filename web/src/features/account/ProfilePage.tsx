/** Who one is to others: picture, name, address, language. */
import { AccountFrame } from "./AccountFrame";
import { AddressPart } from "./AddressPart";
import { PicturePart } from "./PicturePart";
import { ProfilePart } from "./ProfilePart";

export function ProfilePage() {
  return (
    <AccountFrame>
      {(account) => (
        <>
          <PicturePart account={account} />
          <ProfilePart key={account.id} account={account} />
          <AddressPart account={account} />
        </>
      )}
    </AccountFrame>
  );
}
