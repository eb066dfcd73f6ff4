/**
 * Operations of the contract that docs/openapi.json does not have yet, typed by hand in the document's form.
 * Each moves to `api` as soon as the document has it; this file ends with the last one.
 */
import createClient, { type Client } from "openapi-fetch";
import { consoleFetch } from "./client";
import type { components } from "./schema.gen";

type Schema<K extends keyof components["schemas"]> = components["schemas"][K];

interface Answered<T> {
  responses: { 200: { headers: Record<string, never>; content: { "application/json": { data: T } } } };
}
interface NoContent {
  responses: { 204: { headers: Record<string, never>; content?: never } };
}
interface Body<T> {
  requestBody: { content: { "application/json": T } };
}

export interface SessionAccount {
  id: string;
  email: string;
  display_name: string;
  email_verified_at?: string | null;
  locale?: string | null;
}

export interface SessionMembership {
  organization_id: string;
  slug: string;
  name: string;
  state: string;
  is_owner: boolean;
  url: string;
}

export interface ConsoleSession {
  account?: SessionAccount | null;
  organization?: SessionMembership | null;
  memberships: SessionMembership[];
  access_expires_at?: string | null;
  apex_url: string;
  at_apex: boolean;
}

export interface OperatorSession {
  operator?: { id: string; email: string; display_name: string; role: string; last_login_at?: string | null } | null;
  access_expires_at?: string | null;
}

export interface SeenInvitation {
  organization: { id: string; slug: string; name: string };
  email: string;
  account_exists: boolean;
  expires_at: string;
}

interface PendingPaths {
  "/api/v1/auth/session": {
    get: Answered<ConsoleSession>;
    post: Body<{ email: string; password: string }> & Answered<ConsoleSession>;
    delete: NoContent;
  };
  "/api/v1/auth/session/hand-over": { post: Body<{ organization: string }> & Answered<{ code: string; url: string }> };
  "/api/v1/auth/session/enter": { post: Body<{ code: string }> & Answered<ConsoleSession> };
  "/api/v1/auth/forgot-password": { post: Body<{ email: string }> & Answered<{ status: string }> };
  "/api/v1/auth/reset-password": { post: Body<{ token: string; password: string }> & Answered<{ account_id: string }> };
  "/api/v1/auth/invitations/look": { post: Body<{ token: string }> & Answered<SeenInvitation> };
  "/api/v1/auth/invitations/accept": {
    post: Body<{ token: string; password?: string; display_name?: string }> & Answered<Schema<"TokensOut">>;
  };
  "/api/v1/invitations/accept": { post: Answered<unknown> };
  "/api/v1/admin/auth/session": {
    get: Answered<OperatorSession>;
    post: Body<{ email: string; password: string }> & Answered<OperatorSession>;
    delete: NoContent;
  };
}

export const pending: Client<PendingPaths> = createClient<PendingPaths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  credentials: "same-origin",
  fetch: consoleFetch,
});
