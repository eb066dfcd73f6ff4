/** What was counted at one place. */
import { PostingPage } from "./PostingPage";

export function CountPage() {
  return <PostingPage kind="count" />;
}
