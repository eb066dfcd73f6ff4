/** Whoever invites gives roles, and must see which there are; it is done on the page of members. */
export const INVITE = ["users.read", "users.write", "roles.read"];
