/** Everything features use to talk to the API. */
export { type Answer, answer, api } from "./client";
export { operationEvents } from "./operation-events";
export { ApiProblem, asProblem, type FieldFault, NETWORK, SESSION_EXPIRED, TIMED_OUT } from "./problem";
export { createQueries } from "./queries";
export type { components, operations, paths } from "./schema.gen";
export { sessionState } from "./session-state";
export { type Site, site } from "./site";
export { events, type ServerEvent } from "./stream";
export { useWrite, type Write, type WriteContext } from "./write";

import type { components } from "./schema.gen";

/** A schema of the contract by its name: `Schema<"ProductOut">`. */
export type Schema<K extends keyof components["schemas"]> = components["schemas"][K];
