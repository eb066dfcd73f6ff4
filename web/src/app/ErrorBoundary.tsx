/** Keeps a fault of one page to that page. */
import { Component, type ReactNode } from "react";
import { ErrorPanel } from "@/ui/ErrorPanel";

export class ErrorBoundary extends Component<{ children: ReactNode }, { fault: unknown }> {
  override state = { fault: undefined };

  static getDerivedStateFromError(fault: unknown) {
    return { fault };
  }

  override render() {
    if (this.state.fault === undefined) return this.props.children;
    return (
      <div className="mx-auto w-full max-w-2xl px-4 py-10">
        <ErrorPanel isPage error={this.state.fault} onRetry={() => this.setState({ fault: undefined })} />
      </div>
    );
  }
}
