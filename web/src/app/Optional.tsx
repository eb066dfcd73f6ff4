/**
 * Around what is read only when it is asked for (palette, notices, dialogs): a network that fails then takes nothing with it.
 * `onFault` lets whoever asked take it back, so that it can be asked for again; that it failed is told.
 */
import { Component, type ReactNode, Suspense } from "react";
import { toast } from "@/ui/toast";

interface Props {
  children: ReactNode;
  onFault?: () => void;
}

export class Optional extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(thrown: unknown) {
    if (!this.props.onFault) return;
    toast.problem(thrown);
    this.props.onFault();
  }

  override render() {
    return this.state.failed ? null : <Suspense fallback={null}>{this.props.children}</Suspense>;
  }
}
