/** Goods that go out. */
import { PostingPage } from "./PostingPage";

export function IssuePage() {
  return <PostingPage kind="issue" />;
}
