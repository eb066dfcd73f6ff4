/** Goods from one place to another. */
import { PostingPage } from "./PostingPage";

export function TransferPage() {
  return <PostingPage kind="transfer" />;
}
