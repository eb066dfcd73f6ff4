/** Goods that come in. */
import { PostingPage } from "./PostingPage";

export function ReceivePage() {
  return <PostingPage kind="receive" />;
}
